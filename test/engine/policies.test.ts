import { afterEach, beforeEach, expect, test } from 'vitest';
import { followPolicies, newestPolicy, type PolicyFollower, publishPolicy } from '../../src/engine/policies.ts';
import { bundleVersion } from '../../src/profiles/bundle.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { publish } from '../../src/stream/publish.ts';
import { streamState } from '../../src/stream/state.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';
import { handmade } from './fixture.ts';

let server: NatsServer;
let conn: StreamConnection;
let followers: PolicyFollower[] = [];

beforeEach(async () => {
  server = await startNats();
  conn = await connectStream({ url: server.url, name: 'policies-test' });
  await ensureTopology(conn);
});

afterEach(async () => {
  await Promise.all(followers.map((each) => each.stop()));
  followers = [];
  await conn.close();
  await server.close();
});

async function follow(
  fail: (version: string) => boolean = () => false,
): Promise<{ versions: string[]; refused: unknown[] }> {
  const versions: string[] = [];
  const refused: unknown[] = [];
  const follower = await followPolicies(
    conn,
    (bundle, version) => {
      expect(bundleVersion(bundle)).toBe(version);
      if (fail(version)) throw new Error('refused');
      versions.push(version);
    },
    (error) => refused.push(error),
  );
  followers.push(follower);
  return { versions, refused };
}

test('a policy is published once, however many processes start with it', async () => {
  const both = await Promise.all([publishPolicy(conn, handmade('one')), publishPolicy(conn, handmade('one'))]);
  expect(both.map(({ published }) => published).toSorted()).toEqual([false, true]);
  expect((await publishPolicy(conn, handmade('one'))).published).toBe(false);
  expect((await streamState(conn, 'POLICY')).messages).toBe(1);
  expect((await newestPolicy(conn))?.version).toBe(bundleVersion(handmade('one')));
});

test('a process that starts gets the newest policy only, then every newer one', async () => {
  for (const label of ['one', 'two', 'three']) await publishPolicy(conn, handmade(label));
  const { versions } = await follow();
  await until(() => versions.length === 1);
  await publishPolicy(conn, handmade('four'));
  await until(() => versions.length === 2);
  expect(versions).toEqual([bundleVersion(handmade('three')), bundleVersion(handmade('four'))]);
});

test('a policy that is refused or cannot be read does not stop the next one', async () => {
  const { versions, refused } = await follow((version) => version.startsWith('bad'));
  await publishPolicy(conn, handmade('bad'));
  await until(() => refused.length === 1);
  await publish(conn, 'policy.activated', new Uint8Array([1, 2, 3]));
  await until(() => refused.length === 2);
  await publishPolicy(conn, handmade('good'));
  await until(() => versions.length === 1);
});
