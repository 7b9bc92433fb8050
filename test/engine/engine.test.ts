import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDeclarationPublisher, type DeclarationPublisher } from '../../src/stream/declarations.ts';
import { publish } from '../../src/stream/publish.ts';
import { tail } from '../../src/stream/tail.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { type DeclarationEntry, open, type QuarantineEntry, seal } from '../../src/wire/envelope.ts';
import { until } from '../helpers/until.ts';
import { Bench, decided, handmade, saying } from './fixture.ts';

let bench: Bench;
let publisher: DeclarationPublisher;

beforeEach(async () => {
  bench = await Bench.open();
  publisher = createDeclarationPublisher(bench.conn, 'a');
});

afterEach(() => bench.close());

/** One DECLARATIONS message with these entries. */
async function message(entries: readonly unknown[]): Promise<number> {
  const body = entries as readonly DeclarationEntry[];
  const data = seal('declarations.submitted', 'test', Date.now(), '', body);
  return (await publish(bench.conn, 'declarations.a', data)).sequence;
}

async function quarantine(): Promise<QuarantineEntry[]> {
  const all: QuarantineEntry[] = [];
  const reading = tail(bench.conn, 'QUARANTINE', 'quarantine.>', null, (messages) => {
    for (const { data } of messages) all.push(open('quarantine.held', data).body);
  });
  await reading.caughtUp();
  await reading.stop();
  return all;
}

async function unacknowledged(): Promise<number> {
  const manager = await bench.conn.nats.jetstreamManager();
  const { num_ack_pending, num_pending } = await manager.consumers.info('DECLARATIONS', 'engine');
  return num_ack_pending + num_pending;
}

/**
 * On a busy machine a thread may be killed without enough samples to blame anybody; after three such kills the message
 * waits for its redelivery.
 */
const KILLED_WITHIN_MS = 60_000;

const numbered = (prefix: string, count: number, word = 'shoes'): DeclarationEntry[] =>
  Array.from({ length: count }, (_, i) => saying(`${prefix}-${i}`, word));

test('a declaration that goes in comes out decided, with its policy version', async () => {
  const engine = await bench.engine();
  await engine.activate(handmade('one'));
  await publisher.submit(saying('D-1', 'hit A-1'));
  await until(() => bench.seen.length === 1);
  const [entry] = bench.on('D-1');
  expect(entry).toMatchObject({ submitter: 'local', id: 'D-1', version: 1, outcome: 'decided', restored: false });
  expect(decided(entry)).toMatchObject({ corridor: 'yellow', policyVersion: engine.policyVersion() });
  await until(async () => (await unacknowledged()) === 0);
});

test('one message answers one message, in the order of its entries', async () => {
  const engine = await bench.engine({ threads: 2 });
  await engine.activate(handmade('one'));
  for (let batch = 0; batch < 20; batch++) await message(numbered(`B${batch}`, 10));
  await until(() => bench.seen.length === 200);
  const sequences = new Map<number, string[]>();
  for (const { entry, sequence } of bench.seen) sequences.set(sequence, [...(sequences.get(sequence) ?? []), entry.id]);
  expect(sequences.size).toBe(20);
  for (const ids of sequences.values()) {
    const [batch] = (ids[0] ?? '').split('-');
    expect(ids).toEqual(Array.from({ length: 10 }, (_, i) => `${batch}-${i}`));
  }
});

test('without a policy nothing is decided; with one, what waited is', async () => {
  const engine = await bench.engine();
  await publisher.submit(saying('D-1', 'shoes'));
  await expect(engine.activate(handmade('refuse'))).rejects.toMatchObject({ problems: [{ line: 1 }] });
  expect(engine.policyVersion()).toBeNull();
  expect(await unacknowledged()).toBe(1);
  await engine.activate(handmade('one'));
  await until(() => bench.seen.length === 1);
});

test('poison in the middle of a batch is quarantined with its reason, and the others are decided', async () => {
  const engine = await bench.engine();
  await engine.activate(handmade('one'));
  const good = saying('GOOD', 'hit A-1');
  const sequence = await message([
    saying('FIRST', 'shoes'),
    { ...good, id: 'TAMPERED' },
    { ...good, id: 'GARBLED', hash: new Uint8Array(32), declaration: new Uint8Array([0xc1, 1, 2]) },
    saying('THROWS', 'throw'),
    { nonsense: true },
    null,
    saying('LAST', 'hit B-2'),
  ]);
  await until(() => bench.seen.length === 5);
  expect(bench.seen.map(({ entry }) => `${entry.id} ${entry.outcome}`)).toEqual([
    'FIRST decided',
    'TAMPERED quarantined',
    'GARBLED quarantined',
    'THROWS quarantined',
    'LAST decided',
  ]);
  const held = await quarantine();
  expect(held.map(({ index }) => index).toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(held.every((each) => each.sequence === sequence && each.reason !== '')).toBe(true);
  expect(new TextDecoder().decode(bench.on('TAMPERED')[0]?.record)).toContain('another identity');
  await until(async () => (await unacknowledged()) === 0);
});

test('a message that cannot be read is quarantined whole, once, and never delivered again', async () => {
  const engine = await bench.engine();
  await engine.activate(handmade('one'));
  await publish(bench.conn, 'declarations.a', new TextEncoder().encode('not an envelope'));
  await message([saying('AFTER', 'shoes')]);
  await until(() => bench.seen.length === 1);
  await until(async () => (await unacknowledged()) === 0);
  expect(await quarantine()).toMatchObject([{ stream: 'DECLARATIONS', sequence: 1, index: -1 }]);
});

test('a profile over the deadline costs its thread; it counts as a fault there, and the others are decided', async () => {
  const kills: unknown[] = [];
  const engine = await bench.engine({ deadlineMs: 150, observer: { killed: (what) => kills.push(what) } });
  await engine.activate(handmade('one'));
  await message([saying('BEFORE', 'shoes'), saying('CULPRIT', 'endless B-2'), saying('AFTER', 'hit A-1')]);
  await message([saying('OTHER', 'hit C-3')]);
  await until(() => bench.seen.length === 4);
  expect(kills).toEqual([{ declaration: true, profile: true }]);
  expect(decided(bench.on('BEFORE')[0]).corridor).toBe('green');
  expect(decided(bench.on('AFTER')[0]).corridor).toBe('yellow');
  expect(decided(bench.on('OTHER')[0]).corridor).toBe('yellow');
  const { corridor, reasons } = decided(bench.on('CULPRIT')[0]);
  expect({ corridor, reasons: reasons.map(({ kind, code }) => `${kind} ${code}`) }).toEqual({
    corridor: 'red',
    reasons: ['fault B-2'],
  });
});

test(
  'a profile that costs threads again and again is suspended for every declaration until the next policy',
  async () => {
    const suspended: unknown[] = [];
    const engine = await bench.engine({ deadlineMs: 150, observer: { suspended: (what) => suspended.push(what) } });
    await engine.activate(handmade('one'));
    for (let i = 0; i < 3; i++) {
      await message([saying(`CULPRIT-${i}`, 'endless B-2')]);
      await until(() => bench.seen.length === i + 1, KILLED_WITHIN_MS);
    }
    expect(suspended).toEqual([{ policyVersion: engine.policyVersion() }]);
    await message([saying('INNOCENT', 'shoes')]);
    await until(() => bench.seen.length === 4);
    expect(decided(bench.on('INNOCENT')[0]).reasons).toMatchObject([{ kind: 'fault', code: 'B-2' }]);
    await engine.activate(handmade('two'));
    await message([saying('LATER', 'hit B-2')]);
    await until(() => bench.seen.length === 5);
    expect(decided(bench.on('LATER')[0]).reasons).toMatchObject([{ kind: 'profile', code: 'B-2' }]);
  },
  4 * KILLED_WITHIN_MS,
);

test('a declaration over the deadline outside of any profile is quarantined, the rest decided', async () => {
  const engine = await bench.engine({ deadlineMs: 150 });
  await engine.activate(handmade('one'));
  await message([saying('BEFORE', 'shoes'), saying('CULPRIT', 'endless'), saying('AFTER', 'shoes')]);
  await until(() => bench.seen.length === 3);
  expect(bench.seen.map(({ entry }) => `${entry.id} ${entry.outcome}`)).toEqual([
    'BEFORE decided',
    'CULPRIT quarantined',
    'AFTER decided',
  ]);
  expect(await quarantine()).toMatchObject([{ index: 1 }]);
});

test('a declaration that crashes its thread twice is quarantined; everything else is decided', async () => {
  const crashes: unknown[] = [];
  const engine = await bench.engine({ threads: 2, observer: { crashed: (what) => crashes.push(what) } });
  await engine.activate(handmade('one'));
  await message([saying('BEFORE', 'shoes'), saying('CULPRIT', 'crash'), saying('AFTER', 'shoes')]);
  for (let i = 0; i < 10; i++) await message(numbered(`B${i}`, 5));
  await until(() => bench.seen.length === 53);
  expect(crashes).toHaveLength(2);
  expect(bench.seen.filter(({ entry }) => entry.outcome === 'quarantined').map(({ entry }) => entry.id)).toEqual([
    'CULPRIT',
  ]);
  await until(async () => (await unacknowledged()) === 0);
});

test('policies swap under load: every decision says its version, none is lost, none mixed within a message', async () => {
  const engine = await bench.engine();
  await engine.activate(handmade('v0'));
  let submitted = 0;
  let running = true;
  const client = async (name: string): Promise<void> => {
    for (let i = 0; running; i++) {
      await publisher.submit(saying(`${name}-${i}`, 'shoes'));
      submitted++;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const clients = Array.from({ length: 10 }, (_, i) => client(`C${i}`));
  for (let version = 1; version <= 4; version++) {
    const before = bench.seen.length;
    await until(() => bench.seen.length > before + 50);
    await engine.activate(handmade(`v${version}`));
  }
  running = false;
  await Promise.all(clients);
  await until(() => bench.seen.length >= submitted);
  expect(new Set(bench.seen.map(({ entry }) => entry.id)).size).toBe(submitted);
  const bySequence = new Map<number, Set<string>>();
  for (const { entry, sequence } of bench.seen) {
    const { policyVersion } = decided(entry);
    bySequence.set(sequence, (bySequence.get(sequence) ?? new Set()).add(policyVersion));
  }
  const versions = [...bySequence.values()].map((each) => [...each]);
  expect(versions.every((each) => each.length === 1)).toBe(true);
  expect(new Set(versions.flat()).size).toBeGreaterThanOrEqual(4);
});

test('threads that decided by one policy are given another, and one that has to begin anew begins with that', async () => {
  const engine = await bench.engine({ threads: 2 });
  for (const label of ['one', 'two', 'three']) {
    await engine.activate(handmade(label));
    await message([saying(`${label}-CRASH`, 'crash'), saying(`${label}-AFTER`, 'shoes')]);
    await until(() => bench.on(`${label}-AFTER`).length === 1);
    expect(decided(bench.on(`${label}-AFTER`)[0]).policyVersion).toBe(engine.policyVersion());
    for (let i = 0; i < 6; i++) await message([saying(`${label}-${i}`, 'slow 5')]);
    const all = () => [0, 1, 2, 3, 4, 5].flatMap((i) => bench.on(`${label}-${i}`));
    await until(() => all().length === 6);
    const versions = all().map((entry) => decided(entry).policyVersion);
    expect(new Set(versions)).toEqual(new Set([engine.policyVersion()]));
  }
  await expect(engine.activate(handmade('refuse'))).rejects.toThrow('expected something else');
  await engine.activate(handmade('four'));
  await message([saying('LAST', 'shoes')]);
  await until(() => bench.on('LAST').length === 1);
  expect(decided(bench.on('LAST')[0]).policyVersion).toBe(engine.policyVersion());
});

test('a refused policy leaves the one before in place', async () => {
  const engine = await bench.engine();
  await engine.activate(handmade('one'));
  const version = engine.policyVersion();
  await expect(engine.activate(handmade('refuse'))).rejects.toThrow('policy.yaml:1:1 expected something else');
  await publisher.submit(saying('D-1', 'shoes'));
  await until(() => bench.seen.length === 1);
  expect(decided(bench.on('D-1')[0]).policyVersion).toBe(version);
});

test('two engines share the work, and each declaration is decided once', async () => {
  const engines = [await bench.engine(), await bench.engine()];
  const answered = [0, 0];
  await Promise.all(engines.map((engine) => engine.activate(handmade('one'))));
  void answered;
  for (let i = 0; i < 60; i++) await message(numbered(`B${i}`, 4, 'slow 2'));
  await until(() => bench.seen.length === 240);
  expect(new Set(bench.seen.map(({ entry }) => entry.id)).size).toBe(240);
});

test('paused, an engine takes nothing; resumed, it goes on', async () => {
  const engine = await bench.engine();
  await engine.activate(handmade('one'));
  await until(() => engine.state().consuming);
  engine.pause();
  await publisher.submit(saying('D-1', 'shoes'));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(bench.seen).toEqual([]);
  expect(engine.state().consuming).toBe(false);
  engine.resume();
  await until(() => bench.seen.length === 1);
});

test('told to go on where nothing holds it, an engine goes on as it was: every message is delivered once', async () => {
  const engine = await bench.engine();
  await engine.activate(handmade('one'));
  await until(() => engine.state().consuming);
  const reminding = setInterval(() => engine.resume('policy'), 5);
  for (let i = 0; i < 200; i++) await message([saying(`D-${i}`, 'shoes')]);
  await until(() => bench.seen.length === 200);
  clearInterval(reminding);
  const { delivered } = await (await bench.conn.nats.jetstreamManager()).consumers.info('DECLARATIONS', 'engine');
  expect(delivered.consumer_seq).toBe(200);
});

test('paused for two reasons, an engine goes on when both are gone, and one that starts waits too', async () => {
  const engine = await bench.engine();
  engine.pause('read_models');
  await engine.activate(handmade('one'));
  engine.pause();
  engine.resume();
  await publisher.submit(saying('D-1', 'shoes'));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(bench.seen).toEqual([]);
  engine.resume('read_models');
  await until(() => bench.seen.length === 1);
});

test('stopping finishes what has begun and leaves the rest to others', async () => {
  const first = await bench.engine();
  await first.activate(handmade('one'));
  for (let i = 0; i < 30; i++) await message([saying(`D-${i}`, 'slow 20')]);
  await until(() => bench.seen.length > 2);
  await first.stop();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(bench.seen.length).toBeLessThan(30);
  const second = await bench.engine();
  await second.activate(handmade('one'));
  await until(() => bench.seen.length === 30);
  expect(new Set(bench.seen.map(({ entry }) => entry.id)).size).toBe(30);
});

test('kill -9 of the broker under load: everything acknowledged is decided, and the winner never changes', async () => {
  const engine = await bench.engine();
  await engine.activate(handmade('one'));
  const acknowledged = new Set<string>();
  let next = 0;
  let running = true;
  const client = async (): Promise<void> => {
    while (running) {
      const id = `D-${next++}`;
      await publisher.submit(saying(id, 'hit A-1')).then(
        () => acknowledged.add(id),
        () => undefined,
      );
    }
  };
  const clients = Array.from({ length: 10 }, client);
  for (let round = 0; round < 3; round++) {
    const before = bench.seen.length;
    await until(() => bench.seen.length > before + 100);
    await bench.server.restart();
  }
  const before = bench.seen.length;
  await until(() => bench.seen.length > before + 100);
  running = false;
  await Promise.all(clients);
  await until(() => [...acknowledged].every((id) => bench.on(id).length > 0));
  await until(async () => (await unacknowledged()) === 0);
  for (const id of acknowledged) {
    expect(new Set(bench.on(id).map((entry) => decided(entry).corridor)).size).toBe(1);
  }
});

test('a broker rolled back under the engine: new messages under old sequences are decided, not taken for the old', async () => {
  const engine = await bench.engine();
  await engine.activate(handmade('one'));
  await message([saying('OLD-1', 'shoes')]);
  await until(() => bench.seen.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const copy = await bench.server.copyStore();
  await message([saying('LOST', 'slow 700')]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await bench.server.rollBack(copy);
  await until(() => bench.conn.connected());
  await ensureTopology(bench.conn);
  const sequence = await message([saying('NEW', 'shoes')]);
  expect(sequence).toBe(2);
  await until(() => bench.on('NEW').length > 0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(bench.on('LOST')).toEqual([]);
});
