import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { publishDecisions } from '../../src/stream/decisions.ts';
import { createDeclarationPublisher } from '../../src/stream/declarations.ts';
import { streamState } from '../../src/stream/state.ts';
import { tail } from '../../src/stream/tail.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { type DeclarationEntry, open } from '../../src/wire/envelope.ts';
import { entryOf } from '../engine/fixture.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';

let server: NatsServer;
let conn: StreamConnection;

beforeEach(async () => {
  server = await startNats();
  conn = await connectStream({ url: server.url, name: 'publisher-test' });
  await ensureTopology(conn);
});

afterEach(async () => {
  await conn.close();
  await server.close();
});

const numbered = (from: number, count: number): DeclarationEntry[] =>
  Array.from({ length: count }, (_, i) => entryOf({ id: `D-${from + i}` }));

interface Stored {
  readonly ids: string[];
  readonly bytes: number;
  readonly sequence: number;
}

async function stored(): Promise<Stored[]> {
  const all: Stored[] = [];
  const reading = tail(conn, 'DECLARATIONS', 'declarations.>', null, (messages) => {
    for (const { data, sequence } of messages) {
      const ids = open('declarations.submitted', data).body.map(({ id }) => id);
      all.push({ ids, bytes: data.byteLength, sequence });
    }
  });
  await reading.caughtUp();
  await reading.stop();
  return all;
}

test('a declaration alone is one message, and says which', async () => {
  const publisher = createDeclarationPublisher(conn, 'a');
  const { sequence } = await publisher.submit(entryOf({ id: 'D-1' }));
  expect(await stored()).toMatchObject([{ ids: ['D-1'], sequence }]);
});

test('many at once travel in few messages within the limits, in the order they came', async () => {
  const publisher = createDeclarationPublisher(conn, 'a');
  const entries = numbered(0, 1000);
  await Promise.all(entries.map((entry) => publisher.submit(entry)));
  const messages = await stored();
  expect(messages.flatMap(({ ids }) => ids)).toEqual(entries.map(({ id }) => id));
  expect(messages.length).toBeLessThanOrEqual(17);
  for (const { ids, bytes } of messages) {
    expect(ids.length).toBeLessThanOrEqual(64);
    expect(bytes).toBeLessThanOrEqual(256 * 1024);
  }
});

test('large declarations fill messages by bytes', async () => {
  const publisher = createDeclarationPublisher(conn, 'a');
  const entries = numbered(0, 8).map((entry) => ({ ...entry, declaration: new Uint8Array(100 * 1024) }));
  await Promise.all(entries.map((entry) => publisher.submit(entry)));
  for (const { bytes } of await stored()) expect(bytes).toBeLessThanOrEqual(256 * 1024);
});

test('kill -9 of the broker while publishing: what was acknowledged is there, nothing twice', async () => {
  const publisher = createDeclarationPublisher(conn, 'a');
  const acknowledged = new Set<string>();
  let next = 0;
  let running = true;
  const client = async (): Promise<void> => {
    while (running) {
      const [entry] = numbered(next++, 1);
      if (entry === undefined) return;
      await publisher.submit(entry).then(
        () => acknowledged.add(entry.id),
        () => undefined,
      );
    }
  };
  const clients = Array.from({ length: 20 }, client);
  for (let round = 0; round < 3; round++) {
    const before = acknowledged.size;
    await until(() => acknowledged.size > before + 200);
    await server.restart();
  }
  const before = acknowledged.size;
  await until(() => acknowledged.size > before + 200);
  running = false;
  await Promise.all(clients);
  const ids = (await stored()).flatMap((message) => message.ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of acknowledged) expect(ids).toContain(id);
});

test('without a broker a declaration is refused as not ready', async () => {
  const publisher = createDeclarationPublisher(conn, 'a');
  await server.kill();
  await expect(publisher.submit(entryOf())).rejects.toMatchObject({ code: 'not_ready' });
});

test('a full stream refuses as overloaded and forgets nothing', async () => {
  const small = { DECLARATIONS: { maxBytes: 200 * 1024 } };
  const bounded = await connectStream({ url: server.url, name: 'bounded', topology: { bounds: small } });
  await ensureTopology(bounded);
  const publisher = createDeclarationPublisher(bounded, 'a');
  let accepted = 0;
  await expect(
    (async () => {
      for (const entry of numbered(0, 1000)) {
        await publisher.submit(entry);
        accepted++;
      }
    })(),
  ).rejects.toMatchObject({ code: 'overloaded' });
  expect((await streamState(bounded, 'DECLARATIONS')).messages).toBe(accepted);
  await bounded.close();
});

test('a decision published twice under one message id is kept once', async () => {
  const { submitter, id, version, hash } = entryOf();
  const decision = {
    submitter,
    id,
    version,
    trace: '',
    outcome: 'withdrawn' as const,
    receivedAt: 1,
    hash,
    record: new Uint8Array(1),
    restored: false,
  };
  const first = await publishDecisions(conn, 'a', [decision], 'W-1');
  const second = await publishDecisions(conn, 'a', [decision], 'W-1');
  expect([first.duplicate, second.duplicate, second.sequence]).toEqual([false, true, first.sequence]);
});
