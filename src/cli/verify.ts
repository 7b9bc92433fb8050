import { join } from 'node:path';
import { type Config, isLoopback, loadConfig } from '../config.ts';
import { chainExists } from '../state/chain-store.ts';
import { type ChainProblem, unknowable, type Verification } from '../state/chain-verify.ts';
import { verifyArchives } from '../state/ledger-archive.ts';
import { isLate, type PublishedHead, readHeads } from '../stream/heads.ts';
import type { Broker } from '../stream/login.ts';
import type { ChainName, HeadEntry } from '../wire/envelope.ts';
import { connectAsOperator, findBroker } from './broker.ts';
import {
  type Command,
  CommandFailure,
  EXIT_DONE,
  EXIT_FAILED,
  type Invocation,
  textOption,
  UsageError,
} from './command.ts';
import { addToHeadsFile, readHeadsFile } from './heads-file.ts';
import { findRunningService } from './service-file.ts';
import { isDamaged, verifyApart } from './verify-apart.ts';

const PROBLEMS_SHOWN_MAX = 20;

export const verifyCommand: Command = {
  name: 'verify',
  usage: '[ARCHIVE…] [--data DIR] [--nats URL | --heads FILE] [--save-heads FILE] [--json]',
  description: `Checks ledger and audit of a data folder from end to end: every entry, every commit, the chain between them, and the
heads that have left the machine, which it reads from the broker of the running service or from a file; then says what
it cannot know. Archives of what has left the ledger, oldest first, are checked up to where it begins. Works beside a
running service. Exits with 1 where anything does not stand.`,
  options: {
    data: { type: 'string', value: 'DIR', help: 'data folder (default: data)' },
    nats: {
      type: 'string',
      value: 'URL',
      help: 'NATS server with the heads, where it is not that of the running service',
    },
    heads: { type: 'string', value: 'FILE', help: 'heads that were saved before, instead of those of a broker' },
    'save-heads': {
      type: 'string',
      value: 'FILE',
      help: 'add the heads of the broker to a file, and check against all of it',
    },
    json: { type: 'boolean', help: 'as one JSON object' },
  },
  async run(invocation) {
    const config = loadConfig(invocation.env, { data: invocation.values.data, nats: invocation.values.nats });
    // Before the chains are read: a head that leaves meanwhile would name a commit that was not there yet.
    const heads = await findHeads(config, invocation);
    const ledgerDir = join(config.dataDir, 'ledger');
    const ownLedger = await verifyApart({ chain: 'ledger', dir: ledgerDir, heads: headsIn(heads, 'ledger') });
    const ownAudit = await verifyAuditOf(join(config.dataDir, 'audit'), headsIn(heads, 'audit'));
    const [ledger, audit] = [withLate(ownLedger, heads, 'ledger'), withLate(ownAudit, heads, 'audit')];
    // Where a ledger cannot be opened, nothing can be said about what leads up to it.
    const archives = isDamaged(ownLedger) ? [] : await verifyArchives(ledgerDir, invocation.positionals);
    const ok = ledger.ok && audit.ok && archives.length === 0;
    await say(invocation, { ok, heads, chains: { ledger, audit }, archives });
    return ok ? EXIT_DONE : EXIT_FAILED;
  },
};

interface Heads {
  /** For people; null where none could be found. */
  readonly from: string | null;
  readonly count: number;
  /** What they were read from may be in the same hands as what they hold to its word. */
  readonly onThisMachine: boolean;
  /** Of the ingress of this data folder. */
  readonly own: readonly PublishedHead[];
}

interface Outcome {
  readonly ok: boolean;
  readonly heads: Heads;
  readonly chains: Readonly<Record<ChainName, Verification>>;
  readonly archives: readonly string[];
}

async function findHeads(config: Config, { values }: Invocation): Promise<Heads> {
  const [file, target] = [textOption(values, 'heads'), textOption(values, 'save-heads')];
  if (file !== undefined && target !== undefined) throw new UsageError('--heads and --save-heads exclude each other');
  const running = await findRunningService(config.dataDir);
  const broker = config.natsUrl === null && running === null ? null : await findBroker(config);
  const url = broker?.url ?? null;
  const ingress = running?.ingress ?? config.ingress;
  const heads = (from: string | null, all: readonly PublishedHead[]): Heads => ({
    from,
    count: all.length,
    onThisMachine: file === undefined && target === undefined && url !== null && isOnThisMachine(url),
    own: all.filter((one) => one.ingress === ingress),
  });
  if (file !== undefined) return heads(file, await readHeadsFile(file));
  if (broker === null && target !== undefined) {
    throw new CommandFailure(`no service runs on ${config.dataDir}: start one, or give --nats`);
  }
  if (broker === null) return heads(null, []);
  const published = await headsOfBroker(broker);
  return target === undefined ? heads(url, published) : heads(target, await addToHeadsFile(target, published));
}

async function headsOfBroker(broker: Broker): Promise<PublishedHead[]> {
  try {
    const conn = await connectAsOperator(broker, 'verify');
    return await readHeads(conn).finally(() => conn.close());
  } catch (cause) {
    throw new CommandFailure(`the heads cannot be read from ${broker.url}: ${(cause as Error).message}`, { cause });
  }
}

function isOnThisMachine(urls: string): boolean {
  return urls.split(',').every((url) => isLoopback(new URL(url).hostname));
}

function headsIn({ own }: Heads, chain: ChainName): HeadEntry[] {
  return own.filter((one) => one.chain === chain).map(({ head }) => head);
}

/** One that is not there stands, unless heads of it have left the machine. */
async function verifyAuditOf(dir: string, heads: readonly HeadEntry[]): Promise<Verification> {
  if (chainExists(dir)) return verifyApart({ chain: 'audit', dir, heads });
  const message = 'was signed and published, and there is no audit';
  const problems = heads.map(({ commit }) => ({ commit, message }));
  return { ok: problems.length === 0, start: 0, commits: 0, entries: 0, published: null, problems };
}

/** A head says when it left: whoever publishes another in its place is later. */
function withLate(result: Verification, { own }: Heads, chain: ChainName): Verification {
  const late = own.filter((one) => one.chain === chain && isLate(one));
  const problems = late.map(({ head, hour, at }) => {
    return {
      commit: head.commit,
      message: `its head of ${hour} is another than left then: ${new Date(at).toISOString()}`,
    };
  });
  return { ...result, ok: result.ok && problems.length === 0, problems: [...result.problems, ...problems] };
}

async function say({ values, terminal }: Invocation, { ok, heads, chains, archives }: Outcome): Promise<void> {
  const names = Object.keys(chains) as ChainName[];
  const problems = names.flatMap((chain) => chains[chain].problems.map((problem) => ({ chain, ...problem })));
  if (values.json === true) {
    const [ledger, audit] = [chains.ledger, chains.audit].map(({ problems: _, ...rest }) => rest);
    const notes = notesOn(heads, chains);
    const from = { from: heads.from, count: heads.count };
    await terminal.data(`${JSON.stringify({ ok, problems, ledger, audit, heads: from, notes, archives })}\n`);
    return;
  }
  for (const problem of problems.slice(0, PROBLEMS_SHOWN_MAX)) terminal.message(textOf(problem));
  for (const problem of archives.slice(0, PROBLEMS_SHOWN_MAX)) terminal.message(problem);
  for (const note of notesOn(heads, chains)) terminal.message(note);
  for (const chain of names) {
    const { ok: stands, entries, start, commits, problems: own } = chains[chain];
    const verdict = stands ? 'stands' : `does not stand: ${own.length} ${own.length === 1 ? 'problem' : 'problems'}`;
    const none = stands ? 'no entries' : 'no entries read';
    const span = commits === 0 ? none : `entries up to ${entries}, commits ${start + 1} to ${commits}`;
    await terminal.data(`${span}: the ${chain} ${verdict}\n`);
  }
}

function textOf({ chain, commit, entry, message }: ChainProblem & { readonly chain: ChainName }): string {
  // Commits count from 1: what is said of none is said of the whole.
  const place = commit === 0 ? '' : `commit ${commit}${entry === undefined ? '' : `, entry ${entry}`}: `;
  return `${chain}: ${place}${message}`;
}

/** What cannot be known, and why. */
function notesOn({ from, count, onThisMachine }: Heads, chains: Outcome['chains']): string[] {
  const notes = Object.entries(chains).flatMap(([name, chain]) => {
    const note = unknowable(chain);
    return note === null ? [] : [`${name}: ${note}`];
  });
  if (from === null) notes.push('no service runs here: give --nats or --heads to check against heads that have left');
  else if (onThisMachine && count > 0) {
    notes.push(`heads come from ${from}, on this machine: keep copies elsewhere with --save-heads`);
  }
  return notes;
}
