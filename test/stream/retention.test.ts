import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { announcePositions, forgetPositions, NOWHERE, readPositions } from '../../src/stream/positions.ts';
import { publish } from '../../src/stream/publish.ts';
import { Puller } from '../../src/stream/pull.ts';
import { StreamRetention, takenByAll } from '../../src/stream/retention.ts';
import { nanosecondsOf, type StreamPosition, sequenceAt, streamState } from '../../src/stream/state.ts';
import { ENGINE_CONSUMER } from '../../src/stream/streams.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { seal } from '../../src/wire/envelope.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';

const WEEK_MS = 7 * 86_400_000;

let server: NatsServer;
let conn: StreamConnection;

beforeEach(async () => {
  server = await startNats();
  conn = await connectStream({ url: server.url, name: 'retention-test' });
  await ensureTopology(conn);
});

afterEach(async () => {
  await conn.close();
  await server.close();
});

async function fill(subject: string, count: number, bytes = 10): Promise<void> {
  for (let i = 0; i < count; i++) await publish(conn, subject, new Uint8Array(bytes));
}

async function at(sequence: number): Promise<StreamPosition> {
  const { created } = await streamState(conn, 'DECISIONS');
  const manager = await conn.nats.jetstreamManager();
  const { timestamp } = await manager.streams.getMessage('DECISIONS', { seq: sequence });
  return { created, sequence, storedAt: nanosecondsOf(timestamp) };
}

const first = async (stream: 'DECISIONS' | 'DECLARATIONS') => (await streamState(conn, stream)).firstSequence;

/** Acknowledges so many messages of DECLARATIONS, as an engine does. */
async function acknowledge(count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let done = 0;
    const puller = new Puller(conn, {
      stream: 'DECLARATIONS',
      consumer: ENGINE_CONSUMER,
      capacity: count,
      onLost: () => undefined,
      onMessage(message) {
        message.acknowledge();
        if (++done < count) return;
        puller.stop();
        resolve();
      },
    });
  });
  await until(async () => {
    const manager = await conn.nats.jetstreamManager();
    return (await manager.consumers.info('DECLARATIONS', ENGINE_CONSUMER)).num_ack_pending === 0;
  });
}

test('a place in time is found, whatever has been let go before', async () => {
  expect(await sequenceAt(conn, 'OUTCOMES', await streamState(conn, 'OUTCOMES'), Date.now())).toBe(1);
  await fill('decisions.a', 5);
  await delay(20);
  const between = Date.now();
  await delay(20);
  await fill('decisions.a', 4);
  const state = await streamState(conn, 'DECISIONS');
  expect(await sequenceAt(conn, 'DECISIONS', state, between)).toBe(6);
  expect(await sequenceAt(conn, 'DECISIONS', state, 0)).toBe(1);
  expect(await sequenceAt(conn, 'DECISIONS', state, Date.now() + 1000)).toBe(10);
});

test('nothing goes that a node has not taken in, and nothing that is young', async () => {
  await fill('decisions.a', 10);
  const old = new StreamRetention(conn, 0);
  await old.round();
  expect(await first('DECISIONS')).toBe(1);

  await announcePositions(conn, 'ledger.a', [await at(8), await at(6)]);
  await new StreamRetention(conn, WEEK_MS).round();
  expect(await first('DECISIONS')).toBe(1);
  await old.round();
  expect(await first('DECISIONS')).toBe(7);

  await announcePositions(conn, 'ledger.a', [await at(10), await at(10)]);
  await announcePositions(conn, 'ledger.away', [NOWHERE]);
  await old.round();
  expect(await first('DECISIONS')).toBe(7);
  expect(await forgetPositions(conn, 'ledger.away')).toBe(true);
  await old.round();
  // The last one stays.
  expect(await streamState(conn, 'DECISIONS')).toMatchObject({ firstSequence: 10, lastSequence: 10 });
});

test('read models without a ledger hold it back while they are heard of', async () => {
  await fill('decisions.a', 10);
  await announcePositions(conn, 'ledger.a', [await at(10)]);
  const { created, sequence } = await at(3);
  const said = (minutesAgo: number) =>
    publish(
      conn,
      'positions.models.b',
      seal('positions.reached', 'b', Date.now() - minutesAgo * 60_000, '', [{ created, sequence, storedAt: '' }]),
    );
  await said(1);
  expect(await takenByAll(conn, await readPositions(conn))).toBe(3);
  await said(61);
  expect(await takenByAll(conn, await readPositions(conn))).toBe(10);
  // Only the last word of each counts.
  expect((await streamState(conn, 'POSITIONS')).messages).toBe(2);
});

test('a stream that is nearly full lets go early, and so never refuses', async () => {
  const bounds = { DECISIONS: { maxBytes: 200_000 }, DECLARATIONS: { maxBytes: 200_000 } };
  const small = await connectStream({ url: server.url, name: 'small', topology: { bounds } });
  await ensureTopology(small);
  const retention = new StreamRetention(conn, WEEK_MS);
  for (let round = 0; round < 12; round++) {
    await fill('declarations.a', 50, 1000);
    await acknowledge(50);
    await fill('decisions.a', 50, 1000);
    const { lastSequence } = await streamState(conn, 'DECISIONS');
    await announcePositions(conn, 'ledger.a', [await at(lastSequence)]);
    await retention.round();
  }
  const { messages, bytes } = await streamState(conn, 'DECISIONS');
  expect(messages).toBeGreaterThan(50);
  expect(bytes).toBeLessThanOrEqual(140_000);
  await small.close();
});

test('declarations go when they are acknowledged and the decisions on them are taken in everywhere', async () => {
  const retention = new StreamRetention(conn, WEEK_MS);
  await fill('declarations.a', 10);
  await announcePositions(conn, 'ledger.a', [NOWHERE]);
  await acknowledge(6);
  await fill('decisions.a', 6);
  await retention.round();
  await retention.round();
  expect(await first('DECLARATIONS')).toBe(1);
  await announcePositions(conn, 'ledger.a', [await at(6)]);
  await retention.round();
  expect(await first('DECLARATIONS')).toBe(7);
  await retention.round();
  expect(await first('DECLARATIONS')).toBe(7);
});

test('a node whose place was rolled back holds everything, even where the stream has grown past it', async () => {
  await fill('decisions.a', 3);
  await delay(500);
  const copy = await server.copyStore();
  await fill('decisions.a', 3);
  const place = await at(5);
  await server.rollBack(copy);
  await until(() => conn.connected());
  await announcePositions(conn, 'ledger.a', [place]);
  expect(await takenByAll(conn, await readPositions(conn))).toBe(0);
  await fill('decisions.a', 6);
  expect(await takenByAll(conn, await readPositions(conn))).toBe(0);
  await new StreamRetention(conn, 0).round();
  expect(await first('DECISIONS')).toBe(1);
});
