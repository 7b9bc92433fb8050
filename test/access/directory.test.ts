import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Directory } from '../../src/access/directory.ts';
import { DirectoryStore } from '../../src/access/directory-store.ts';
import type { Principal } from '../../src/access/principal.ts';
import { API_KEY_DAYS_MAX, REVOCATIONS_MAX, REVOCATIONS_RESERVED } from '../../src/limits.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { publish } from '../../src/stream/publish.ts';
import { streamState } from '../../src/stream/state.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { type AccessEntry, type RevocationEntry, seal } from '../../src/wire/envelope.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';

let nats: NatsServer;
let conn: StreamConnection;
let root: string;
let changes: string[];
let errors: string[];
let clock: number;
const open: Directory[] = [];

beforeEach(async () => {
  nats = await startNats();
  conn = await connectStream({ url: nats.url, name: 'test' });
  await ensureTopology(conn);
  root = mkdtempSync(join(tmpdir(), 'corridor-access-'));
  changes = [];
  errors = [];
  clock = Date.now();
});
afterEach(async () => {
  for (const directory of open.splice(0)) await directory.stop();
  await conn.close();
  await nats.close();
  rmSync(root, { recursive: true, force: true });
});

async function node(name: string, tells = true): Promise<Directory> {
  const directory = await Directory.start({
    conn,
    tells,
    store: new DirectoryStore(join(root, name)),
    onRolesChanged: (principal, before, after) => {
      changes.push(`${principal.subject}: ${before} → ${after}`);
      return Promise.resolve();
    },
    onError: (error) => void errors.push(String(error)),
    now: () => clock,
  });
  open.push(directory);
  return directory;
}

const wish = { name: 'gateway', role: 'ingest', scopes: ['submit'], submitters: ['*'], days: 30 };
const DAY_MS = 86_400_000;
const holder = (credential: string, subject = 'somebody') => ({ credential, subject, issuedAt: 0 }) as Principal;

it('a key and a revocation made at one node hold at every other', async () => {
  const [one, two] = [await node('one'), await node('two')];
  const { entry } = await one.createKey(wish, 'admin');
  await until(() => two.key(entry.id) !== undefined);
  await two.revokeKey(entry.id, 'admin');
  await until(() => one.key(entry.id)?.entry.revokedBy === 'admin');
  await two.revoke('token', 'lost', 'stolen', 'admin');
  await until(() => one.isRevoked(holder('lost')));
  expect(one.isRevoked(holder('other'))).toBe(false);
});

it('what was revoked stays so when the broker is emptied, and other nodes learn it again', async () => {
  const one = await node('one');
  const { entry } = await one.createKey(wish, 'admin');
  await one.revokeKey(entry.id, 'admin');
  await one.revoke('subject', 'somebody', 'left', 'admin');
  await nats.rollBack(null);
  await until(() => conn.connected());
  await ensureTopology(conn);
  const two = await node('two');
  await until(() => two.key(entry.id)?.entry.revokedBy === 'admin' && two.isRevoked(holder('any')));
});

it('a broker that is rolled back to before a revocation does not undo it', async () => {
  const one = await node('one');
  const { entry } = await one.createKey(wish, 'admin');
  const copy = await nats.copyStore();
  await one.revokeKey(entry.id, 'admin');
  await nats.rollBack(copy);
  await until(() => conn.connected());
  const two = await node('two');
  await until(() => two.key(entry.id)?.entry.revokedAt !== null && two.key(entry.id) !== undefined);
  expect(one.key(entry.id)?.entry.revokedBy).toBe('admin');
});

it('a node knows its keys and revocations again after a restart', async () => {
  const one = await node('one');
  const { entry } = await one.createKey(wish, 'admin');
  await one.revoke('token', 'lost', 'stolen', 'admin');
  await open.pop()?.stop();
  const again = await node('one');
  expect(again.keys()).toEqual([entry]);
  expect(again.isRevoked(holder('lost'))).toBe(true);
});

it('tells who comes with other rights than before, once', async () => {
  const one = await node('one');
  const somebody = { subject: 's', roles: ['inspector'], offices: ['55401'], party: null } as unknown as Principal;
  await one.seen(somebody);
  await one.seen(somebody);
  await one.seen({ ...somebody, roles: ['head'] });
  expect(changes).toHaveLength(2);
  expect(changes[1]).toContain('"roles":["head"]');
});

it('forgets keys that ended as long ago as a key may live, and not before', async () => {
  const one = await node('one');
  const { entry: live } = await one.createKey({ ...wish, days: API_KEY_DAYS_MAX }, 'admin');
  const { entry: revoked } = await one.createKey({ ...wish, days: API_KEY_DAYS_MAX }, 'admin');
  const { entry: short } = await one.createKey(wish, 'admin');
  await one.revokeKey(revoked.id, 'admin');
  const ids = (directory: Directory) => directory.keys().map(({ id }) => id);
  clock += API_KEY_DAYS_MAX * DAY_MS - 1;
  await one.prune();
  expect(ids(one).sort()).toEqual([live.id, revoked.id, short.id].sort());
  clock += 1;
  await one.prune();
  expect(ids(one).sort()).toEqual([live.id, short.id].sort());
  clock += wish.days * DAY_MS;
  await one.prune();
  expect(ids(one)).toEqual([live.id]);
  expect((await streamState(conn, 'ACCESS')).messages).toBe(1);
  expect(ids(await node('two'))).toEqual([live.id]);
  await open.shift()?.stop();
  expect(ids(await node('one'))).toEqual([live.id]);
});

it('keeps room for the revocations of administrators, however many people sign out', async () => {
  const store = new DirectoryStore(join(root, 'full'));
  const signedOut = { kind: 'token', at: clock, until: clock + DAY_MS, by: 'somebody', reason: 'signed out' } as const;
  const put = (value: string) => store.put(`token\n${value}`, { ...signedOut, value });
  await Promise.all(Array.from({ length: REVOCATIONS_MAX - REVOCATIONS_RESERVED - 1 }, (_, n) => put(`t${n}`)));
  await store.close();
  const full = await node('full', false);
  await full.signOut({ ...holder('last'), expiresAt: clock + DAY_MS });
  expect(full.isRevoked(holder('last'))).toBe(true);
  const more = full.signOut({ ...holder('more'), expiresAt: clock + DAY_MS });
  await expect(more).rejects.toMatchObject({ code: 'overloaded' });
  await full.revoke('subject', 'thief', 'stolen', 'admin');
  await full.revoke('token', 'theirs', 'stolen', 'admin');
  expect(full.isRevoked(holder('any', 'thief'))).toBe(true);
});

it('passes over what the broker holds and is no entry, says so, and goes on', async () => {
  const { entry } = await (await node('one')).createKey(wish, 'admin');
  const revocation: RevocationEntry = {
    ...{ kind: 'token', value: 'lost', at: clock, until: clock + DAY_MS, by: 'admin', reason: 'stolen' },
  };
  const wrong = [
    { ...entry, id: '>' },
    { ...entry, id: 'ffffffffffffffff', scopes: null },
    { ...entry, id: 'ffffffffffffffff', hash: 'text' },
    { ...revocation, value: 'x'.repeat(3000) },
    { ...revocation, until: null },
    { ...revocation, kind: 'constructor' },
    null,
  ] as unknown as AccessEntry[];
  for (const [n, body] of [...wrong, revocation].entries()) {
    await publish(conn, `access.revocations.t${n}`, seal('access.changed', 'test', clock, '', body));
  }
  const two = await node('two');
  expect(two.isRevoked(holder('lost'))).toBe(true);
  expect(two.keys()).toEqual([entry]);
  await until(() => errors.filter((error) => error.includes('cannot be read')).length === 2 * wrong.length);
});
