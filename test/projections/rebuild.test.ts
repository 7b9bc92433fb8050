import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DECLARATION_MEMORY_DAYS } from '../../src/limits.ts';
import { createProjector } from '../../src/projections/projector.ts';
import { compareModels, dumpModels, ledgerSource, rebuildModels, takeKept } from '../../src/projections/rebuild.ts';
import { openLedger } from '../../src/state/ledger.ts';
import { openModels } from '../../src/state/models.ts';
import { closeForWriting, openForWriting, prepareModels } from '../../src/state/models-store.ts';
import { RELATIVE_ACCURACY } from '../../src/state/sketch.ts';
import type { DecisionEntry } from '../../src/wire/envelope.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { decided, withdrawn } from './entries.ts';

const DAY = 86_400_000;
const T0 = Date.parse('2025-01-10T10:00:00Z');
const HS = ['6109100000', '8703231940', '870323'];
const ORIGINS = ['CN', 'JP'];

/** One thing that happens: a version of one of a few declarations, or its withdrawal, within so many days after T0. */
const eventWithin = (days: number) =>
  fc.record({
    declaration: fc.integer({ min: 0, max: 7 }),
    version: fc.integer({ min: 1, max: 3 }),
    kind: fc.constantFrom('decided', 'decided', 'decided', 'decided', 'withdrawn', 'unreadable'),
    day: fc.integer({ min: 0, max: days }),
    restored: fc.boolean(),
    trader: fc.constantFrom('T1', 'T2'),
    total: fc.integer({ min: 0, max: 10_000 }),
    items: fc.array(
      fc.record({
        hsCode: fc.constantFrom(...HS),
        origin: fc.constantFrom(...ORIGINS),
        kzt: fc.integer({ min: 0, max: 1_000_000 }),
        netMassKg: fc.integer({ min: 0, max: 1000 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });
type Event = ReturnType<typeof eventWithin> extends fc.Arbitrary<infer T> ? T : never;

function entryOf({ declaration, version, kind, day, restored, trader, total, items }: Event): DecisionEntry {
  const [id, receivedAt] = [`D${declaration}`, T0 + day * DAY];
  if (kind === 'withdrawn') return { ...withdrawn(id, version, receivedAt), restored };
  const corridor = (['green', 'blue', 'yellow', 'red'] as const)[total % 4] ?? 'red';
  const draw = total / 10_001;
  const entry = decided({ id, version, receivedAt, restored, trader, totalKzt: total, corridor, draw, items });
  return kind === 'unreadable' ? { ...entry, record: Buffer.from('?') } : entry;
}

type Messages = { sequence: number; created: string; entries: DecisionEntry[] }[];

/** Entries as messages of one to three entries. */
function messagesOf(entries: readonly DecisionEntry[]): Messages {
  const messages: Messages = [];
  for (let at = 0, sequence = 1; at < entries.length; sequence++) {
    const size = 1 + (sequence % 3);
    messages.push({ sequence, created: 'c', entries: entries.slice(at, at + size) });
    at += size;
  }
  return messages;
}

/** Applies messages in batches of these sizes, over and over; reads some of them twice. */
async function follow(dir: string, messages: Messages, sizes: readonly number[]): Promise<void> {
  prepareModels(dir);
  const store = openForWriting(dir);
  const projector = createProjector(store);
  for (let at = 0, turn = 0; at < messages.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    projector.decisions(messages.slice(Math.max(0, at - (turn % 2)), at + size));
    at += size;
  }
  await closeForWriting(dir, store);
}

it('gives the same values whether followed in any batches or rebuilt', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(eventWithin(3 * DECLARATION_MEMORY_DAYS), { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
      async (events, sizes) => {
        const folder = await temporaryFolder();
        const messages = messagesOf(events.map(entryOf));
        const [followed, alone, rebuilt] = ['followed', 'alone', 'rebuilt'].map((name) => join(folder, name));
        await follow(followed as string, messages, sizes);
        await follow(alone as string, messages, [1]);
        await rebuildModels(
          rebuilt as string,
          messages.map((message) => ({ stream: 'DECISIONS' as const, ...message })),
        );
        expect(compareModels(followed as string, rebuilt as string)).toEqual([]);
        expect(compareModels(alone as string, rebuilt as string)).toEqual([]);
        expect([...dumpModels(rebuilt as string)].length).toBeGreaterThan(1);
      },
    ),
    { numRuns: 40 },
  );
});

it('gives the facts that a naive count over all winning entries gives', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        eventWithin(DECLARATION_MEMORY_DAYS).filter(({ kind }) => kind !== 'unreadable'),
        { minLength: 1, maxLength: 40 },
      ),
      fc.integer({ min: 380, max: 420 }),
      async (events, askedDay) => {
        const dir = join(await temporaryFolder(), 'models');
        await follow(dir, messagesOf(events.map(entryOf)), [3]);
        const models = openModels(dir);
        const at = T0 + askedDay * DAY;
        const counted = countedOf(events);
        for (const trader of ['T1', 'T2'])
          expect(models.traderFacts(trader, at)).toEqual(naiveTrader(counted, trader, at));
        for (const hsCode of HS) {
          for (const origin of ORIGINS) {
            const exact = naiveValues(counted, hsCode, origin, at);
            const facts = models.valuePerKg(hsCode, origin, at);
            expect(facts?.n ?? 0).toBe(exact.length);
            if (facts === null) continue;
            const median = exact[Math.floor(0.5 * (exact.length - 1))] as number;
            expect(Math.abs(facts.p50 - median)).toBeLessThanOrEqual(RELATIVE_ACCURACY * median * (1 + 1e-9));
          }
        }
        await models.close();
      },
    ),
    { numRuns: 40 },
  );
});

interface Counted {
  readonly at: number;
  readonly event: Event;
}

/** The version of each declaration that counts, at its first version's time; by the rules, with no state kept. */
function countedOf(events: readonly Event[]): Counted[] {
  const winners = new Map<string, Event>();
  for (const one of events) {
    const key = `${one.declaration} ${one.version}`;
    const before = winners.get(key);
    if (before === undefined || (one.restored && !before.restored)) winners.set(key, one);
  }
  const counted: Counted[] = [];
  for (const declaration of new Set(events.map((one) => one.declaration))) {
    const versions = [...winners.values()]
      .filter((one) => one.declaration === declaration)
      .sort((a, b) => a.version - b.version);
    const latest = versions.findLast(({ kind }) => kind === 'decided');
    if (latest === undefined || versions.at(-1)?.kind === 'withdrawn') continue;
    counted.push({ at: T0 + (versions[0]?.day ?? 0) * DAY, event: latest });
  }
  return counted;
}

function naiveTrader(counted: readonly Counted[], id: string, at: number) {
  const own = counted.filter(({ event: { trader } }) => trader === id);
  const windowOf = (days: number) => {
    const within = own.filter((one) => {
      const age = Math.floor(at / DAY) - Math.floor(one.at / DAY);
      return age >= 0 && age < days;
    });
    return { count: within.length, valueTiyn: within.reduce((sum, { event: { total } }) => sum + total * 100, 0) };
  };
  const firstSeenAt = own.length === 0 ? null : Math.min(...own.map((one) => one.at));
  return { id, firstSeenAt, d1: windowOf(1), d7: windowOf(7), d30: windowOf(30), d90: windowOf(90) };
}

/** Ascending values per kg in the month of `at` and the eleven before. */
function naiveValues(counted: readonly Counted[], hsCode: string, origin: string, at: number): number[] {
  const monthOf = (instant: number) => new Date(instant).getUTCFullYear() * 12 + new Date(instant).getUTCMonth();
  return counted
    .filter((one) => monthOf(one.at) <= monthOf(at) && monthOf(one.at) > monthOf(at) - 12)
    .flatMap(({ event: { items } }) => items)
    .filter((item) => item.hsCode === hsCode && item.origin === origin && item.netMassKg > 0)
    .map(({ kzt, netMassKg }) => kzt / netMassKg)
    .sort((a, b) => a - b);
}

it('answers alike from the stored summary and from the monthly sketches', async () => {
  const dir = join(await temporaryFolder(), 'models');
  const month = (n: number) => Date.UTC(2025, n, 15);
  const entries = Array.from({ length: 20 }, (_, n) =>
    decided({
      id: `D${n}`,
      receivedAt: month(n),
      items: [{ hsCode: HS[0] ?? '', origin: 'CN', kzt: n + 1, netMassKg: 1 }],
    }),
  );
  await follow(dir, messagesOf(entries), [4]);
  const models = openModels(dir);
  for (let n = 0; n < 34; n++) {
    const seen = Array.from({ length: 20 }, (_, at) => at).filter((at) => at <= n && at > n - 12);
    const kept = seen.filter((at) => at >= 0);
    const facts = models.valuePerKg(HS[0] ?? '', 'CN', month(n));
    expect(facts?.n ?? 0, `month ${n}`).toBe(kept.length);
    if (facts === null) continue;
    const median = (kept[Math.floor(0.5 * (kept.length - 1))] as number) + 1;
    expect(Math.abs(facts.p50 - median)).toBeLessThanOrEqual(RELATIVE_ACCURACY * median);
  }
  await models.close();
});

it('makes from a ledger what the stream no longer holds, and the same where it holds it all', async () => {
  const folder = await temporaryFolder();
  const entries = [
    decided({ id: 'A', receivedAt: T0, corridor: 'red' }),
    decided({ id: 'B', receivedAt: T0 + DAY }),
    decided({ id: 'A', version: 2, receivedAt: T0 + 2 * DAY, totalKzt: 7, corridor: 'red' }),
    withdrawn('A', 3, T0 + 3 * DAY),
  ];
  const ledger = openLedger(join(folder, 'ledger'));
  for (const { submitter, id, version, outcome, receivedAt, hash, record } of entries) {
    await ledger.append({ identity: { submitter, id, version }, outcome, receivedAt, hash, record });
  }
  const messages = messagesOf(entries);
  const [followed, rebuilt, both] = ['followed', 'rebuilt', 'both'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await follow(followed, messages, [2]);
  await rebuildModels(rebuilt, ledgerSource(ledger));
  const differences = compareModels(followed, rebuilt);
  expect(differences.filter((line) => !line.includes('position'))).toEqual([]);
  await rebuildModels(both, [
    ...ledgerSource(ledger),
    ...messages.map((message) => ({ stream: 'DECISIONS' as const, ...message })),
  ]);
  expect(compareModels(followed, both)).toEqual([]);
  await ledger.close();
  const store = openForWriting(rebuilt);
  await takeKept(createProjector(store), join(folder, 'ledger'));
  await takeKept(createProjector(store), join(folder, 'none'));
  await closeForWriting(rebuilt, store);
  expect(compareModels(followed, rebuilt)).toEqual(differences);
});

it('shows where two models differ', async () => {
  const folder = await temporaryFolder();
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  await follow(a, messagesOf([decided({ id: 'A', receivedAt: T0, corridor: 'red' })]), [1]);
  await follow(b, messagesOf([decided({ id: 'A', receivedAt: T0, corridor: 'blue' })]), [1]);
  const differences = compareModels(a, b, 4);
  expect(differences[0]).toContain('- status "local\\nA"');
  expect(differences[0]).toContain('"corridor":"red"');
  expect(differences[1]).toContain('"corridor":"blue"');
});
