import { API_KEY_DAYS_MAX } from '../limits.ts';
import { askerOf, SERVICE_OPTIONS } from './ask.ts';
import {
  type Command,
  EXIT_DONE,
  type Invocation,
  integerOption,
  type OptionValues,
  textOption,
  UsageError,
} from './command.ts';

const DAYS = 90;

interface ShownKey {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly submitters: readonly string[];
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  /** Only where it has just been made. */
  readonly key?: string;
}

export const keysCommand: Command = {
  name: 'keys',
  usage: 'create|list|revoke [ID] [--name NAME] [--role ROLE] [--scopes LIST] [--submitters LIST] [--days N] [--json]',
  description: `API keys of machines. create prints the new key, once: only a hash of it is kept. revoke refuses one everywhere,
for good. Asks the service of --url, else the one running on the data folder, as the administrator of CORRIDOR_TOKEN, or
as that of the development issuer.`,
  options: {
    name: { type: 'string', value: 'NAME', help: 'what the key is for' },
    role: { type: 'string', value: 'ROLE', help: 'ingest (default) or checkpoint' },
    scopes: {
      type: 'string',
      value: 'LIST',
      help: 'submit, decisions, metrics (ingest); transit (checkpoint); commas between',
    },
    submitters: { type: 'string', value: 'LIST', help: 'whom it submits for, commas between; * for anybody' },
    days: { type: 'string', value: 'N', help: `until it ends (default: ${DAYS}; at most ${API_KEY_DAYS_MAX})` },
    ...SERVICE_OPTIONS,
    json: { type: 'boolean', help: 'as JSON' },
  },
  async run(invocation) {
    const { positionals, values } = invocation;
    const [action = '', id, ...rest] = positionals;
    if (rest.length > 0 || (action === 'revoke') !== (id !== undefined))
      throw new UsageError('create, list, or revoke ID');
    const ask = await askerOf(invocation, 'administrator');
    if (action === 'create')
      await printCreated((await ask('POST', '/v1/keys', wishOf(values))) as ShownKey, invocation);
    else if (action === 'list')
      await printList(((await ask('GET', '/v1/keys')) as { keys: ShownKey[] }).keys, invocation);
    else if (action === 'revoke') await printRevoked((await ask('DELETE', `/v1/keys/${id}`)) as ShownKey, invocation);
    else throw new UsageError('create, list, or revoke ID');
    return EXIT_DONE;
  },
};

function wishOf(values: OptionValues): object {
  const name = textOption(values, 'name');
  const scopes = listOption(values, 'scopes');
  if (name === undefined || scopes.length === 0) throw new UsageError('a key needs --name and --scopes');
  const days = integerOption(values, 'days', 1, API_KEY_DAYS_MAX) ?? DAYS;
  return {
    name,
    role: textOption(values, 'role') ?? 'ingest',
    scopes,
    submitters: listOption(values, 'submitters'),
    days,
  };
}

function listOption(values: OptionValues, name: string): string[] {
  const text = textOption(values, name) ?? '';
  return text === '' ? [] : text.split(',').map((part) => part.trim());
}

async function printCreated(key: ShownKey, { values, terminal }: Invocation): Promise<void> {
  if (values.json === true) return terminal.data(`${JSON.stringify(key)}\n`);
  terminal.message(`key ${key.id} (${key.name}), until ${key.expiresAt.slice(0, 10)}; it is not shown again:`);
  await terminal.data(`${key.key}\n`);
}

async function printList(keys: readonly ShownKey[], { values, terminal }: Invocation): Promise<void> {
  if (values.json === true) return terminal.data(`${JSON.stringify({ keys })}\n`);
  if (keys.length === 0) terminal.message('there are no keys');
  for (const { id, name, role, scopes, submitters, expiresAt, revokedAt } of keys) {
    const life = revokedAt === null ? `until ${expiresAt.slice(0, 10)}` : `revoked ${revokedAt.slice(0, 10)}`;
    await terminal.data(
      `${id}  ${role.padEnd(10)} ${scopes.join(',').padEnd(26)} ${life}  ${name} (${submitters.join(',')})\n`,
    );
  }
}

async function printRevoked(key: ShownKey, { values, terminal }: Invocation): Promise<void> {
  if (values.json === true) return terminal.data(`${JSON.stringify(key)}\n`);
  terminal.message(`key ${key.id} (${key.name}) is revoked`);
}
