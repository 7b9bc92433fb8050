import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '../config.ts';
import { LEDGER_DAYS_MIN } from '../limits.ts';
import { backUpChain, chainExists } from '../state/chain-store.ts';
import { openLedger } from '../state/ledger.ts';
import { archiveLedger } from '../state/ledger-archive.ts';
import { lastToLeave, pruneLedger } from '../state/ledger-prune.ts';
import { CHAINS } from '../wire/envelope.ts';
import { type Command, CommandFailure, EXIT_DONE, type Invocation, textOption, UsageError } from './command.ts';

const DAY_MS = 86_400_000;

export const ledgerCommand: Command = {
  name: 'ledger',
  usage: 'archive FILE [--before DATE] | prune --before DATE --archive FILE | backup DIR [--data DIR] [--json]',
  description: `archive  writes what the ledger holds, or its commits of before a date, to a file that "corridor verify" checks
prune    lets commits of before a date leave, behind a signed checkpoint, once the archive of them stands; it is made where
         it is not there. The service must be stopped: a running one does this by itself (CORRIDOR_LEDGER_DAYS)
backup   writes a compacted copy of the ledger to DIR/ledger. The key that signs it stays where it is
Dates are days in UTC, YYYY-MM-DD. archive and backup work beside a running service.`,
  options: {
    before: { type: 'string', value: 'DATE', help: 'decisions received before this day' },
    archive: { type: 'string', value: 'FILE', help: 'where what leaves is kept' },
    data: { type: 'string', value: 'DIR', help: 'data folder (default: data)' },
    json: { type: 'boolean', help: 'as one JSON object' },
  },
  async run(invocation) {
    const [what, target, ...rest] = invocation.positionals;
    if (rest.length > 0) throw new UsageError(`nothing is expected after ${target}`);
    const { dataDir } = loadConfig(invocation.env, { data: invocation.values.data });
    const dir = join(dataDir, 'ledger');
    if (what === 'archive' && target !== undefined) return archive(dir, resolve(target), invocation);
    if (what === 'prune' && target === undefined) return prune(dir, invocation);
    if (what === 'backup' && target !== undefined) return backup(dataDir, resolve(target), invocation);
    throw new UsageError('archive FILE, prune or backup DIR is expected');
  },
};

async function archive(dir: string, file: string, invocation: Invocation): Promise<number> {
  const before = beforeOption(invocation);
  const through = before === undefined ? Number.POSITIVE_INFINITY : await lastToLeave(dir, before);
  const { follows, last, entries } = await archiveLedger(dir, file, through);
  const result = { file, entries, firstCommit: follows.commit + 1, lastCommit: last.commit };
  return say(invocation, result, `${entries} entries, commits ${result.firstCommit} to ${last.commit}, are in ${file}`);
}

async function prune(dir: string, invocation: Invocation): Promise<number> {
  const before = beforeOption(invocation);
  const file = textOption(invocation.values, 'archive');
  if (before === undefined || file === undefined) throw new UsageError('--before and --archive are needed');
  if (before > Date.now() - LEDGER_DAYS_MIN * DAY_MS) {
    throw new UsageError(`--before: decisions of the last ${LEDGER_DAYS_MIN} days stay`);
  }
  const ledger = openLedger(dir);
  try {
    const pruned = await pruneLedger(ledger, dir, { before, archive: resolve(file) });
    return await say(invocation, pruned, `${pruned.commits} commits have left the ledger`);
  } finally {
    await ledger.close();
  }
}

async function backup(dataDir: string, target: string, invocation: Invocation): Promise<number> {
  const chains = CHAINS.filter((name) => name === 'ledger' || chainExists(join(dataDir, name)));
  for (const name of chains) {
    const copy = join(target, name);
    if (existsSync(copy)) throw new CommandFailure(`${copy} is there already`);
    await backUpChain(join(dataDir, name), name, copy);
  }
  const text = `copied to ${target}: ${chains.join(' and ')}`;
  return say(invocation, { folder: join(target, 'ledger'), chains }, text);
}

function beforeOption({ values }: Invocation): number | undefined {
  const text = textOption(values, 'before');
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(`--before: must be a day such as 2026-01-31, not ${JSON.stringify(text)}`);
  return at;
}

async function say({ values, terminal }: Invocation, result: object, text: string): Promise<number> {
  await terminal.data(`${values.json === true ? JSON.stringify(result) : text}\n`);
  return EXIT_DONE;
}
