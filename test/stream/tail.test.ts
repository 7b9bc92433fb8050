import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { publish } from '../../src/stream/publish.ts';
import type { StreamPosition } from '../../src/stream/state.ts';
import { type Tail, type TailMessage, tail } from '../../src/stream/tail.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';

let server: NatsServer;
let conn: StreamConnection;
let tails: Tail[] = [];

beforeEach(async () => {
  server = await startNats();
  conn = await connectStream({ url: server.url, name: 'tail-test' });
  await ensureTopology(conn);
});

afterEach(async () => {
  await Promise.all(tails.map((each) => each.stop()));
  tails = [];
  await conn.close();
  await server.close();
});

async function put(...words: string[]): Promise<void> {
  for (const word of words) await publish(conn, 'decisions.a', new TextEncoder().encode(word), { withinMs: 10_000 });
}

interface Followed {
  readonly words: string[];
  readonly resets: string[];
  readonly tail: Tail;
}

function follow(from: StreamPosition | null = null, onEach?: (message: TailMessage) => Promise<void>): Followed {
  const words: string[] = [];
  const resets: string[] = [];
  const followed = tail(
    conn,
    'DECISIONS',
    'decisions.>',
    from,
    async (messages) => {
      for (const message of messages) {
        await onEach?.(message);
        words.push(new TextDecoder().decode(message.data));
      }
    },
    { onReset: (why) => resets.push(why) },
  );
  tails.push(followed);
  return { words, resets, tail: followed };
}

test('a tail hands on everything in stream order, what was there and what comes', async () => {
  await put('a', 'b');
  const { words, tail: followed } = follow();
  await followed.caughtUp();
  expect(words).toEqual(['a', 'b']);
  await put('c');
  await followed.caughtUp();
  expect(words).toEqual(['a', 'b', 'c']);
  expect(followed.position()?.sequence).toBe(3);
});

test('a tail goes on from a position', async () => {
  await put('a', 'b', 'c');
  const first = follow();
  await first.tail.caughtUp();
  const position = first.tail.position();
  await first.tail.stop();
  await put('d');
  const second = follow(position);
  await second.tail.caughtUp();
  expect(second.words).toEqual(['d']);
  expect(second.resets).toEqual([]);
});

test('an empty stream is caught up at once', async () => {
  const { tail: followed } = follow();
  await followed.caughtUp();
});

test('a tail survives kill -9 of the broker and gets every message once', async () => {
  const { words, tail: followed } = follow();
  await put('a', 'b');
  await followed.caughtUp();
  await server.restart();
  await put('c', 'd');
  await until(() => words.length === 4);
  expect(words).toEqual(['a', 'b', 'c', 'd']);
});

test('a broker that freezes and comes back does not stop a tail', async () => {
  const { words, tail: followed } = follow();
  await put('a');
  await followed.caughtUp();
  server.pause();
  await new Promise((resolve) => setTimeout(resolve, 50));
  setTimeout(() => server.resume(), 3500);
  await put('b');
  await until(() => words.length === 2);
  expect(words).toEqual(['a', 'b']);
});

test('a stream created anew is read from its start, and the reset is told', async () => {
  const { words, resets, tail: followed } = follow();
  await put('a', 'b');
  await followed.caughtUp();
  await server.rollBack(null);
  await until(() => conn.connected());
  await ensureTopology(conn);
  await put('x');
  await until(() => words.includes('x'));
  expect(words).toEqual(['a', 'b', 'x']);
  expect(resets).toEqual(['recreated']);
});

test('a stream rolled back is noticed even when it has grown past the position again', async () => {
  await put('a', 'b');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const copy = await server.copyStore();
  const { words, tail: followed } = follow();
  await put('c');
  await followed.caughtUp();
  const position = followed.position();
  await followed.stop();
  await server.rollBack(copy);
  await put('x', 'y', 'z');
  const after = follow(position);
  await after.tail.caughtUp();
  expect(words).toEqual(['a', 'b', 'c']);
  expect(after.words).toEqual(['a', 'b', 'x', 'y', 'z']);
  expect(after.resets).toEqual(['rolled_back']);
});

test('a handler that fails gets the same messages again, and nothing is skipped', async () => {
  let failures = 2;
  const { words, tail: followed } = follow(null, async () => {
    if (failures-- > 0) throw new Error('not yet');
  });
  await put('a', 'b');
  await followed.caughtUp();
  expect(words).toEqual(['a', 'b']);
});

test('more messages than fit in at once all come, in order, to a slow handler', async () => {
  const { words, tail: followed } = follow(null, () => new Promise((resolve) => setImmediate(resolve)));
  const wanted = Array.from({ length: 1500 }, (_, i) => String(i));
  await Promise.all(wanted.map((word) => put(word)));
  await followed.caughtUp();
  expect(words.toSorted()).toEqual(wanted.toSorted());
});
