import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode, until } from './fixture.ts';

let nats: NatsServer;
let node: TestNode;

beforeAll(async () => {
  nats = await startNats();
  node = await TestNode.start(nats);
});
afterAll(async () => {
  await node.close();
  await nats.close();
});

it('a checkpoint is answered from the read model, also while the broker is away', async () => {
  const checkpoint = await node.as('checkpoint');
  const timeLimit = new Date(Date.now() + 2 * 3_600_000).toISOString();
  const transit = {
    mrn: '26KZ0001',
    officeOfDeparture: '50430',
    officeOfDestination: '55302',
    seals: ['S-1'],
    timeLimit,
    guarantee: { type: '1', reference: 'G-1', amount: '100', currency: 'USD' },
    documentType: 'TIR',
  };
  const parties = [{ role: 'principal' as const, id: '888888888888', country: 'KZ' }];
  await node.post(saying('T-1', 'hit A-1', { regime: 'transit', procedure: '80', transit, parties }));
  await until(async () => (await node.get('/v1/transit/26KZ0001/risk', checkpoint)).status === 200, 'the read model');
  await nats.kill();
  expect(await node.get('/v1/transit/26KZ0001/risk', checkpoint)).toMatchObject({
    status: 200,
    body: {
      declarationId: 'T-1',
      corridor: 'yellow',
      proceed: false,
      checks: [{ code: 'documentary_check' }],
      guarantee: { amount: '100', currency: 'USD' },
      overdue: false,
    },
  });
  expect(await node.get('/v1/transit/26KZ9999/risk', checkpoint)).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  });
  await nats.start();
});
