import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { brokerState } from '../../src/stream/lag.ts';
import { publish } from '../../src/stream/publish.ts';
import { STREAM_NAMES } from '../../src/stream/streams.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';

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

it('tells how far the engines are behind, and what each stream holds of what it may', async () => {
  for (const text of ['one', 'two', 'three']) await publish(conn, 'declarations.local', Buffer.from(text));
  const { engine, streams, roundTripMs } = await brokerState(conn);
  expect(engine).toEqual({ waiting: 3, unacknowledged: 0, redelivered: 0 });
  expect(streams.map(({ name }) => name).sort()).toEqual([...STREAM_NAMES].sort());
  const declarations = streams.find(({ name }) => name === 'DECLARATIONS');
  expect(declarations).toMatchObject({ messages: 3, lastSequence: 3 });
  expect(declarations?.bytes).toBeGreaterThan(0);
  expect(declarations?.maxBytes).toBeGreaterThan(declarations?.bytes ?? 0);
  expect(roundTripMs).toBeGreaterThan(0);
});
