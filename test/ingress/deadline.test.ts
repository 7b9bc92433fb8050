import { afterAll, beforeAll, expect, it } from 'vitest';
import { IN_FLIGHT_MAX } from '../../src/limits.ts';
import { identityKey } from '../../src/wire/identity.ts';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode, until } from './fixture.ts';

let nats: NatsServer;
let node: TestNode;

beforeAll(async () => {
  nats = await startNats();
  node = await TestNode.start(nats, { engine: false, deadlineMs: 60 });
});
afterAll(async () => {
  await node.close();
  await nats.close();
});

it('a decision that is not ready in time comes later: 202, and where to find it', async () => {
  const answer = await node.post(saying('P-1', 'hit A-1'));
  expect(answer).toMatchObject({ status: 202, body: { declarationId: 'P-1', version: 1, outcome: 'pending' } });
  const location = answer.headers.get('location') ?? '';
  expect(location).toBe('/v1/declarations/P-1/decision?version=1');
  expect([...node.ledger.pending()].map(({ id }) => id)).toEqual(['P-1']);
  expect(await node.get(location)).toMatchObject({ status: 202, body: { outcome: 'pending' } });
  expect(await node.get('/v1/declarations/P-1')).toMatchObject({ body: { outcome: 'pending', version: 1 } });

  expect(await node.post(saying('P-1', 'hit A-1'))).toMatchObject({ status: 202 });
  expect(await node.post(saying('P-1', 'other'))).toMatchObject({ status: 409, body: { code: 'identity_conflict' } });
  expect(await node.post(saying('P-1', 'x', { version: 2 }))).toMatchObject({
    body: { code: 'previous_version_pending' },
  });
  expect(await node.withdraw('P-1')).toMatchObject({ status: 409, body: { code: 'previous_version_pending' } });

  await node.startEngine();
  await until(async () => (await node.get(location)).status === 200);
  expect(await node.get(location)).toMatchObject({ body: { corridor: 'yellow', declarationId: 'P-1' } });
  expect([...node.ledger.pending()]).toEqual([]);
  expect((await node.post(saying('P-1', 'hit A-1'))).status).toBe(200);
  expect((await node.get('/metrics')).text).toMatch(/^corridor_pending 0$/m);
});

it('nothing is promised that the broker has not taken', async () => {
  await nats.kill();
  const answer = await node.post(saying('P-2'));
  expect(answer).toMatchObject({ status: 503, body: { code: 'not_ready' } });
  expect(answer.headers.get('retry-after')).toBe('1');
  await nats.start();
  await until(async () => [200, 202].includes((await node.post(saying('P-2'))).status));
  await until(async () => (await node.post(saying('P-2'))).status === 200);
  expect(node.ledger.latestVersion('local', 'P-2')).toBe(1);
  expect(identityKey({ submitter: 'local', id: 'P-2', version: 1 })).toBe('local\nP-2\n1');
});

it('what does not fit in is turned away before it costs anything', async () => {
  const { gate } = node.ingress.declarations;
  const free = IN_FLIGHT_MAX - gate.count;
  for (let i = 0; i < free; i++) gate.tryEnter(0);
  const answer = await node.post(saying('P-3'));
  expect(answer).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  expect(answer.headers.get('retry-after')).toBe('1');
  for (let i = 0; i < free; i++) gate.leave(0);
  expect((await node.post(saying('P-3'))).status).toBeLessThan(300);
});
