import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { changesBetween } from '../policies/merge.ts';
import { readBundle } from '../profiles/bundle.ts';
import type { FileChange } from '../profiles/diff.ts';
import { type Ask, askerOf, SERVICE_OPTIONS } from './ask.ts';
import { type Command, CommandFailure, EXIT_DONE, type Invocation, textOption, UsageError } from './command.ts';
import { printChanges } from './policy-changes.ts';

interface ShownVersion {
  readonly version: string;
  readonly active: boolean;
  readonly savedAt: string;
  readonly source: string;
  readonly authors: readonly string[];
  readonly approver: string | null;
  readonly reason: string;
}

const USAGE = 'versions, diff VERSION [AGAINST], export VERSION DIR, draft DIR, or activate VERSION';

export const policyCommand: Command = {
  name: 'policy',
  usage:
    'versions|diff VERSION [AGAINST]|export VERSION DIR|draft DIR|activate VERSION [--title T] [--reason R] [--json]',
  description: `Versions of the policy, as the running service keeps them; VERSION may be "active".
versions   prints them, the newest first: who made each, who approved it, why
diff       prints what one differs in from the one it was made from, or from AGAINST
export     writes its files into an empty folder, where corridor profiles check reads them
draft      begins a draft with what a folder of rules has that the active policy has not, and the other way round
activate   decides by a version of before again; needs --reason
Asks the service of --url, else the one running on the data folder, as whoever CORRIDOR_TOKEN is, or as an expert (to
activate: an approver) of the development issuer.`,
  options: {
    title: { type: 'string', value: 'TITLE', help: 'of the draft' },
    reason: { type: 'string', value: 'REASON', help: 'why' },
    ...SERVICE_OPTIONS,
    json: { type: 'boolean', help: 'as JSON' },
  },
  async run(invocation) {
    const [what = '', ...rest] = invocation.positionals;
    const action = ACTIONS[what];
    const [fewest, most, run] = action ?? [];
    if (run === undefined || fewest === undefined || most === undefined) throw new UsageError(USAGE);
    if (rest.length < fewest || rest.length > most) throw new UsageError(USAGE);
    await run(await askerOf(invocation, what === 'activate' ? 'approver' : 'expert'), rest, invocation);
    return EXIT_DONE;
  },
};

type Action = (ask: Ask, args: readonly string[], invocation: Invocation) => Promise<void>;

/** By name: the fewest and the most arguments that it takes. */
const ACTIONS: Readonly<Record<string, readonly [number, number, Action]>> = {
  versions: [0, 0, versions],
  diff: [1, 2, diff],
  export: [2, 2, exportTo],
  draft: [1, 1, draftOf],
  activate: [1, 1, activate],
};

async function versions(ask: Ask, _args: readonly string[], { values, terminal }: Invocation): Promise<void> {
  const { versions: all } = (await ask('GET', '/v1/policies')) as { versions: ShownVersion[] };
  if (values.json === true) return terminal.data(`${JSON.stringify({ versions: all })}\n`);
  for (const { version, active, savedAt, source, authors, approver, reason } of all) {
    const who = `${authors.join(', ')}${approver === null ? '' : `, approved by ${approver}`}`;
    const line = `${active ? '*' : ' '} ${version}  ${savedAt.slice(0, 16)}  ${source.padEnd(9)}  ${who}: ${reason}`;
    await terminal.data(`${line.replace(/\s+$/, '')}\n`);
  }
}

async function named(ask: Ask, version: string): Promise<string> {
  if (version !== 'active') return version;
  const { active } = (await ask('GET', '/v1/policies')) as { active: string | null };
  if (active === null) throw new CommandFailure('no policy is active');
  return active;
}

async function filesOf(ask: Ask, version: string): Promise<Record<string, string>> {
  const path = `/v1/policies/${encodeURIComponent(await named(ask, version))}/files`;
  return ((await ask('GET', path)) as { files: Record<string, string> }).files;
}

async function diff(ask: Ask, [version = '', against]: readonly string[], invocation: Invocation): Promise<void> {
  const query = against === undefined ? '' : `?against=${encodeURIComponent(await named(ask, against))}`;
  const path = `/v1/policies/${encodeURIComponent(await named(ask, version))}/diff${query}`;
  const { changes } = (await ask('GET', path)) as { changes: FileChange[] };
  await printChanges(changes, invocation);
}

/** Never into a folder that holds anything: what it had would be taken for a part of the policy. */
async function exportTo(ask: Ask, [version = '', dir = '']: readonly string[], invocation: Invocation): Promise<void> {
  const files = await filesOf(ask, version);
  await mkdir(dir, { recursive: true });
  if ((await readdir(dir)).length > 0) throw new CommandFailure(`${dir} is not empty`);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  invocation.terminal.message(`${Object.keys(files).length} files in ${dir}`);
}

async function draftOf(ask: Ask, [dir = '']: readonly string[], { values, terminal }: Invocation): Promise<void> {
  const [active, mine] = [{ files: await filesOf(ask, 'active') }, await readBundle(dir)];
  const changes = changesBetween(active, mine);
  if (Object.keys(changes).length === 0) throw new CommandFailure(`${dir} is the active policy`);
  const body = { title: textOption(values, 'title') ?? dir, reason: textOption(values, 'reason') ?? '', changes };
  const draft = (await ask('POST', '/v1/drafts', body)) as { id: string };
  if (values.json === true) return terminal.data(`${JSON.stringify(draft)}\n`);
  await terminal.data(`${draft.id}\n`);
  terminal.message(`draft ${draft.id} changes ${Object.keys(changes).length} files`);
}

async function activate(ask: Ask, [version = '']: readonly string[], { values, terminal }: Invocation): Promise<void> {
  const reason = textOption(values, 'reason');
  if (reason === undefined) throw new UsageError('activate needs --reason');
  const answer = await ask('POST', `/v1/policies/${encodeURIComponent(version)}/activate`, { reason });
  if (values.json === true) return terminal.data(`${JSON.stringify(answer)}\n`);
  terminal.message(`${version} decides`);
}
