import { afterAll, beforeAll, expect, it } from 'vitest';
import { publishParties } from '../../src/parties/publish.ts';
import { type FollowerListener, followInto } from '../../src/projections/follower.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { publishDecisions } from '../../src/stream/decisions.ts';
import { publish } from '../../src/stream/publish.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import type { PartyEntry } from '../../src/wire/envelope.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';
import { decided, withdrawn } from './entries.ts';
import { writtenModels } from './models.ts';

const T0 = Date.parse('2026-03-15T10:00:00Z');
const TRADER = '123456789012';

let nats: NatsServer;
let conn: StreamConnection;

beforeAll(async () => {
  nats = await startNats();
  conn = await connectStream({ url: nats.url, name: 'test' });
  await ensureTopology(conn);
});

afterAll(async () => {
  await conn?.close();
  await nats?.close();
});

function listener(heard: string[] = []): FollowerListener {
  return {
    applied: () => undefined,
    reset: (stream, why) => heard.push(`${stream} ${why}`),
    unreadable: (stream) => heard.push(`${stream} unreadable`),
    failed: () => undefined,
  };
}

it('keeps the read models up with both streams, and passes over what it cannot read', async () => {
  const { models, projector } = await writtenModels();
  const heard: string[] = [];
  const follower = followInto(projector, conn, listener(heard));
  await publishDecisions(conn, 'here', [decided({ id: 'F1', receivedAt: T0, corridor: 'red' })]);
  await publish(conn, 'decisions.here', Buffer.from('noise'));
  await publishDecisions(conn, 'there', [withdrawn('F1', 2, T0 + 1)]);
  const party: PartyEntry = {
    role: 'importer',
    id: 'P',
    category: 'high',
    authorisedOperator: false,
    openViolations: 0,
    arrearsTiyn: 0,
  };
  expect(await publishParties(conn, [party, { ...party, role: 'broker' }, { ...party, category: 'low' }])).toBe(3);
  await follower.caughtUp();
  models.refresh();
  expect(models.status('local', 'F1')?.versions.map(({ outcome }) => outcome)).toEqual(['decided', 'withdrawn']);
  expect(models.party('importer', 'P')?.category).toBe('low');
  expect(models.party('broker', 'P')?.category).toBe('high');
  expect(models.position('DECISIONS')?.storedAt).toMatch(/^\d{19}$/);
  expect(heard).toEqual(['DECISIONS unreadable']);
  await follower.stop();
});

it('goes on where it was, also with another follower', async () => {
  const { models, projector } = await writtenModels();
  const first = followInto(projector, conn, listener());
  await first.caughtUp();
  await first.stop();
  await publishDecisions(conn, 'here', [decided({ id: 'F2', receivedAt: T0 })]);
  models.refresh();
  expect(models.status('local', 'F2')).toBeNull();
  const second = followInto(projector, conn, listener());
  await second.caughtUp();
  await second.stop();
  models.refresh();
  expect(models.status('local', 'F2')?.versions).toHaveLength(1);
});

it('keeps the models of a stream that was emptied, and applies the new one from its beginning', async () => {
  const { models, projector } = await writtenModels();
  const heard: string[] = [];
  const follower = followInto(projector, conn, listener(heard));
  await publishDecisions(conn, 'here', [decided({ id: 'F3', receivedAt: T0, trader: 'T', totalKzt: 10 })]);
  await follower.caughtUp();
  await nats.rollBack(null);
  await conn.ready(5000);
  await ensureTopology(conn);
  await publishDecisions(conn, 'here', [
    decided({ id: 'F3', receivedAt: T0, trader: 'T', totalKzt: 10, restored: true }),
    decided({ id: 'F4', receivedAt: T0, trader: 'T', totalKzt: 5 }),
  ]);
  await follower.caughtUp();
  await until(() => {
    models.refresh();
    return models.status('local', 'F4') !== null;
  });
  expect(heard).toContain('DECISIONS recreated');
  expect(models.status('local', 'F1')?.versions).toHaveLength(2);
  expect(models.status('local', 'F3')?.versions).toMatchObject([{ restored: true, sequence: 1 }]);
  expect(models.traderFacts('T', T0).d1).toEqual({ count: 2, valueTiyn: 1500 });
  expect(models.traderFacts(TRADER, T0).d1.count).toBe(1);
  await follower.stop();
});
