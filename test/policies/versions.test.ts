import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newestPolicy, publishPolicy } from '../../src/engine/policies.ts';
import { BROKER_PAYLOAD_BYTES_MAX } from '../../src/limits.ts';
import { Leases } from '../../src/policies/leases.ts';
import type { VersionOrigin } from '../../src/policies/version.ts';
import { Versions } from '../../src/policies/versions.ts';
import { bundleVersion, type PolicyBundle, packBundle, readBundle } from '../../src/profiles/bundle.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';

let nats: NatsServer;
let conn: StreamConnection;
let root: string;
let shipped: PolicyBundle;
const open: Versions[] = [];
const heard: Leases[] = [];

beforeEach(async () => {
  nats = await startNats();
  conn = await connectStream({ url: nats.url, name: 'test' });
  await ensureTopology(conn);
  root = mkdtempSync(join(tmpdir(), 'corridor-policies-'));
  shipped = await readBundle(resolve('test/helpers/policy'));
});
afterEach(async () => {
  for (const versions of open.splice(0)) await versions.stop();
  for (const leases of heard.splice(0)) await leases.stop();
  await conn.close();
  await nats.close();
  rmSync(root, { recursive: true, force: true });
});

async function node(name: string): Promise<Versions> {
  const onError = () => undefined;
  const leases = await Leases.start({ conn, onError });
  heard.push(leases);
  const versions = await Versions.start({ conn, dataDir: join(root, name), leases, onError });
  open.push(versions);
  return versions;
}

const labelled = (label: string): PolicyBundle => ({
  files: {
    ...shipped.files,
    'policy.yaml': `label: ${label}\n${shipped.files['policy.yaml']?.replace(/^label:.*\n/m, '')}`,
  },
});

const origin: VersionOrigin = {
  source: 'draft',
  parent: null,
  authors: ['ana'],
  approver: 'boris',
  reason: 'prices fell',
  draft: 'd1',
};

it('a version that one node saves is known to all, whole, and is saved once', async () => {
  const [one, two] = [await node('one'), await node('two')];
  const saved = await one.save(labelled('a.b'), origin);
  expect(await one.save(labelled('a.b'), { ...origin, authors: ['eve'] })).toEqual(saved);
  await until(() => two.list().length === 1);
  expect(two.list()).toEqual([saved]);
  expect(await two.bundle(saved.version)).toEqual(labelled('a.b'));
  expect(await two.bundle('a.b-000000000000')).toBeNull();
});

it('an activation is numbered, told with who and why, and an older version is taken again', async () => {
  const [one, two] = [await node('one'), await node('two')];
  const { version: a } = await one.save(labelled('a'), origin);
  const { version: b } = await one.save(labelled('b'), origin);
  expect(await one.activate(a, 'boris', 'first')).toEqual({ activated: true, version: a });
  await one.activate(b, 'boris', 'second');
  await until(() => two.active()?.version === b);
  expect(await two.activate(a, 'vera', 'back')).toEqual({ activated: true, version: a });
  await until(() => one.active()?.version === a);
  expect(one.activations()).toMatchObject([
    { version: a, by: 'vera', reason: 'back' },
    { version: b, by: 'boris' },
    { version: a, reason: 'first' },
  ]);
  expect((await newestPolicy(conn))?.version).toBe(a);
  await expect(one.activate('none-000000000000', 'boris', '')).rejects.toMatchObject({ code: 'not_found' });
});

it('a version that does not compile is kept, not activated, and says where', async () => {
  const one = await node('one');
  const broken = { files: { ...shipped.files, 'profiles/Z-1.yaml': 'id: Z-1\n' } };
  const { version } = await one.save(broken, origin);
  expect(await one.activate(version, 'boris', '')).toMatchObject({
    activated: false,
    refusals: [{ problems: expect.arrayContaining([expect.stringMatching(/^profiles\/Z-1\.yaml:1:1 /)]) }],
  });
  expect(one.active()).toBeNull();
});

it('folders of rules count until the console has activated a version, and are kept as versions too', async () => {
  const one = await node('one');
  expect((await publishPolicy(conn, labelled('folder'))).published).toBe(true);
  await until(() => one.list().length === 1);
  expect(one.list()).toMatchObject([{ source: 'folder', version: bundleVersion(labelled('folder')) }]);
  expect(one.governed()).toBe(false);
  const { version } = await one.save(labelled('console'), origin);
  await one.activate(version, 'boris', 'from here on');
  expect(one.governed()).toBe(true);
  expect((await publishPolicy(conn, labelled('folder'))).published).toBe(false);
  expect((await newestPolicy(conn))?.version).toBe(version);
});

it('nothing is forgotten when the broker is emptied', async () => {
  const one = await node('one');
  const { version: a } = await one.save(labelled('a'), origin);
  const { version: b } = await one.save(labelled('b'), origin);
  await one.activate(a, 'boris', 'first');
  await one.activate(b, 'boris', 'second');
  await nats.rollBack(null);
  await until(() => conn.connected());
  await ensureTopology(conn);
  const two = await node('two');
  await until(() => two.active()?.version === b);
  expect(two.activations()).toEqual(one.activations());
  expect(two.list()).toHaveLength(2);
  // And goes on from there.
  await two.activate(a, 'vera', 'third');
  await until(() => one.active()?.version === a);
});

it('of two activations at once one wins, and the other is told', async () => {
  const [one, two] = [await node('one'), await node('two')];
  const { version: a } = await one.save(labelled('a'), origin);
  const { version: b } = await one.save(labelled('b'), origin);
  await until(() => two.list().length === 2);
  const both = await Promise.allSettled([one.activate(a, 'boris', ''), two.activate(b, 'vera', '')]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const lost = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
  expect(lost.reason).toMatchObject({ code: 'changed_meanwhile' });
});

it('a policy with lists of megabytes is published where the broker takes it, and is refused in words where not', async () => {
  const rows = Array.from({ length: 40_000 }, (_, i) => createHash('sha256').update(String(i)).digest('base64url'));
  const large = { files: { ...shipped.files, 'lists/large.csv': `*code:string\n${rows.join('\n')}\n` } };
  expect(packBundle(large).length).toBeGreaterThan(1024 * 1024);
  const small = await node('small');
  await expect(small.save(large, origin)).rejects.toMatchObject({ code: 'body_too_large' });
  expect(small.list()).toEqual([]);

  const server = await startNats(`max_payload: ${BROKER_PAYLOAD_BYTES_MAX}\n`);
  const other = await connectStream({ url: server.url, name: 'large' });
  await ensureTopology(other);
  const leases = await Leases.start({ conn: other, onError: () => undefined });
  const deps = { conn: other, leases, onError: () => undefined };
  const one = await Versions.start({ ...deps, dataDir: join(root, 'large-1') });
  const two = await Versions.start({ ...deps, dataDir: join(root, 'large-2') });
  const { version } = await one.save(large, origin);
  expect((await one.activate(version, 'boris', 'long lists')).activated).toBe(true);
  await until(() => two.active()?.version === version);
  expect(await two.bundle(version)).toEqual(large);
  for (const each of [one, two, leases]) await each.stop();
  await other.close();
  await server.close();
});
