import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Directory } from '../../src/access/directory.ts';
import { DirectoryStore } from '../../src/access/directory-store.ts';
import type { Principal } from '../../src/access/principal.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';

let nats: NatsServer;
let conn: StreamConnection;
let root: string;
let changes: string[];
const open: Directory[] = [];

beforeEach(async () => {
  nats = await startNats();
  conn = await connectStream({ url: nats.url, name: 'test' });
  await ensureTopology(conn);
  root = mkdtempSync(join(tmpdir(), 'corridor-access-'));
  changes = [];
});
afterEach(async () => {
  for (const directory of open.splice(0)) await directory.stop();
  await conn.close();
  await nats.close();
  rmSync(root, { recursive: true, force: true });
});

async function node(name: string): Promise<Directory> {
  const directory = await Directory.start({
    conn,
    tells: true,
    store: new DirectoryStore(join(root, name)),
    onRolesChanged: (principal, before, after) => {
      changes.push(`${principal.subject}: ${before} → ${after}`);
      return Promise.resolve();
    },
    onError: () => undefined,
  });
  open.push(directory);
  return directory;
}

const wish = { name: 'gateway', role: 'ingest', scopes: ['submit'], submitters: ['*'], days: 30 };
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
