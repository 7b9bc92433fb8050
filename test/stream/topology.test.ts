import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { publish } from '../../src/stream/publish.ts';
import { continuity, nanosecondsOf, streamState, trim } from '../../src/stream/state.ts';
import { ENGINE_CONSUMER, STREAM_NAMES } from '../../src/stream/streams.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';

let server: NatsServer;
let conn: StreamConnection;

beforeEach(async () => {
  server = await startNats();
  conn = await connectStream({ url: server.url, name: 'topology-test' });
});

afterEach(async () => {
  await conn.close();
  await server.close();
});

test('every stream is made, refuses when full, and is left alone the second time', async () => {
  await Promise.all([ensureTopology(conn), ensureTopology(conn)]);
  const manager = await conn.nats.jetstreamManager();
  for (const name of STREAM_NAMES) {
    const { config } = await manager.streams.info(name);
    expect(config).toMatchObject({ retention: 'limits', discard: 'new', storage: 'file' });
    expect(config.duplicate_window).toBe(name === 'NODES' ? 10e9 : 120e9);
    expect(config.max_bytes).toBeGreaterThan(0);
  }
  const before = await streamState(conn, 'DECISIONS');
  await publish(conn, 'decisions.a', new Uint8Array(3));
  await ensureTopology(conn);
  const after = await streamState(conn, 'DECISIONS');
  expect(after).toMatchObject({ created: before.created, messages: 1, lastSequence: 1 });
  const { config } = await manager.consumers.info('DECLARATIONS', ENGINE_CONSUMER);
  expect(config).toMatchObject({ ack_policy: 'explicit', ack_wait: 3e9, max_deliver: -1 });
});

test('other bounds change an existing stream without losing a message', async () => {
  await ensureTopology(conn);
  await publish(conn, 'decisions.a', new Uint8Array(3));
  const bounds = { DECISIONS: { maxBytes: 5e6, maxAgeMs: 60_000_000 } };
  const other = await connectStream({ url: server.url, name: 'other', topology: { bounds } });
  await ensureTopology(other);
  expect(await streamState(other, 'DECISIONS')).toMatchObject({ messages: 1, maxBytes: 5e6 });
  await other.close();
});

test('a disk too small for a stream gives a smaller stream', async () => {
  const bounds = { DECISIONS: { maxBytes: 2 ** 50 } };
  const other = await connectStream({ url: server.url, name: 'other', topology: { bounds } });
  await ensureTopology(other);
  expect((await streamState(other, 'DECISIONS')).maxBytes).toBeLessThan(2 ** 50);
  await ensureTopology(other);
  await other.close();
});

test('a position continues in the stream it was reached in, trimmed or not', async () => {
  await ensureTopology(conn);
  for (let i = 0; i < 3; i++) await publish(conn, 'decisions.a', new Uint8Array(3));
  const { created } = await streamState(conn, 'DECISIONS');
  const how = async (sequence: number, of = created): Promise<string> =>
    (await continuity(conn, 'DECISIONS', { created: of, sequence })).continuity;
  expect(await how(0)).toBe('continues');
  expect(await how(3)).toBe('continues');
  expect(await how(4)).toBe('rolled_back');
  expect(await how(3, '2020-01-01T00:00:00Z')).toBe('recreated');
  await trim(conn, 'DECISIONS', 3);
  expect(await streamState(conn, 'DECISIONS')).toMatchObject({ firstSequence: 3, messages: 1 });
  expect(await how(1)).toBe('continues');
});

test('the time of storing tells a stream that was rolled back and has grown again', async () => {
  await ensureTopology(conn);
  await publish(conn, 'decisions.a', new Uint8Array(3));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const copy = await server.copyStore();
  await publish(conn, 'decisions.a', new Uint8Array(3));
  const manager = await conn.nats.jetstreamManager();
  const { created } = await streamState(conn, 'DECISIONS');
  const storedAt = nanosecondsOf((await manager.streams.getMessage('DECISIONS', { seq: 2 })).timestamp);
  expect(await continuity(conn, 'DECISIONS', { created, sequence: 2, storedAt })).toMatchObject({
    continuity: 'continues',
  });
  await server.rollBack(copy);
  await until(() => conn.connected());
  await publish(conn, 'decisions.a', new Uint8Array(3));
  expect(await continuity(conn, 'DECISIONS', { created, sequence: 2, storedAt })).toMatchObject({
    continuity: 'rolled_back',
    state: { lastSequence: 2 },
  });
});

test('times of storing keep their nanoseconds', () => {
  expect(nanosecondsOf('2026-11-23T09:18:20.1234Z')).toBe('1795425500123400000');
  expect(nanosecondsOf('1970-01-01T00:00:01Z')).toBe('1000000000');
});
