import { describe, expect, it } from 'vitest';
import { TARGETS } from '../../src/core/profile.ts';
import { DAY_MS } from '../../src/generate/calendar.ts';
import { type Generated, generate, prepare } from '../../src/generate/generate.ts';
import { partiesOf, partyHeader, partyLine } from '../../src/generate/parties.ts';
import { BROKER_TURNS_MS, DEVIATIONS } from '../../src/generate/schemes/deviations.ts';

const FROM = Date.UTC(2026, 0, 1);

interface Planted {
  readonly scheme: string;
  readonly kind: string;
  readonly receivedAt: number;
  readonly trader: string;
  readonly broker: string | undefined;
}

function plantedOf(seed: number | string, declarations: number): { planted: Planted[]; brokers: Map<string, number> } {
  const planted: Planted[] = [];
  const brokers = new Map<string, number>();
  for (const { declaration, receivedAt, truth } of generate({ declarations, seed })) {
    const broker = declaration.parties.find(({ role }) => role === 'broker')?.id;
    if (broker !== undefined) brokers.set(broker, (brokers.get(broker) ?? 0) + 1);
    if (truth === null) continue;
    const { scheme, kind } = truth;
    planted.push({ scheme, kind, receivedAt, trader: declaration.parties[0]?.id ?? '', broker });
  }
  return { planted, brokers };
}

const SEEDS = [1, 2, 3].map((seed) => plantedOf(seed, 12_000));

describe('planted deviations', () => {
  it.each(SEEDS)('are 12 to 15 percent of the declarations, more schemes than errors', ({ planted }) => {
    expect(planted.length / 12_000).toBeGreaterThan(0.12);
    expect(planted.length / 12_000).toBeLessThan(0.15);
    const schemes = planted.filter(({ kind }) => kind === 'scheme').length;
    expect(schemes / planted.length).toBeGreaterThan(0.5);
    expect(schemes / planted.length).toBeLessThan(0.7);
  });

  it('are of every kind there is, none in hardly any run', () => {
    const seen = new Set(SEEDS.flatMap(({ planted }) => planted.map(({ scheme }) => scheme)));
    expect([...seen].sort()).toEqual([...DEVIATIONS.map(({ name }) => name), 'turned_broker'].sort());
  });

  it('name each way once, under a target of risk management', () => {
    expect(new Set(DEVIATIONS.map(({ name }) => name)).size).toBe(DEVIATIONS.length);
    for (const { target } of DEVIATIONS) expect(TARGETS).toContain(target);
  });

  it('point at items that are there, of declarations that are there', () => {
    for (const { declaration, truth } of generate({ declarations: 3000, seed: 9 })) {
      if (truth === null) continue;
      expect(truth.id).toBe(declaration.id);
      const numbers = declaration.items.map(({ no }) => no);
      for (const no of truth.items) expect(numbers).toContain(no);
    }
  });

  it('come mostly from crooked traders, and not all from those', () => {
    const { population } = prepare({ declarations: 0, seed: 1 });
    const all = Object.values(population.traders).flat();
    const crooked = new Set(all.filter((trader) => trader.crooked).map(({ id }) => id));
    const schemes = (SEEDS[0]?.planted ?? []).filter(
      ({ kind, scheme }) => kind === 'scheme' && scheme !== 'turned_broker',
    );
    const share = schemes.filter(({ trader }) => crooked.has(trader)).length / schemes.length;
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.95);
  });
});

describe('the broker that turns', () => {
  it('is honest for six months, and then is not', () => {
    for (const [index, { planted, brokers }] of SEEDS.entries()) {
      const { population } = prepare({ declarations: 0, seed: index + 1 });
      const turning = population.brokers.find(({ turns }) => turns)?.id ?? '';
      const sold = planted.filter(({ scheme }) => scheme === 'turned_broker');
      expect(sold.length).toBeGreaterThan(5);
      for (const { broker, receivedAt } of sold) {
        expect(broker).toBe(turning);
        expect(receivedAt).toBeGreaterThanOrEqual(FROM + BROKER_TURNS_MS);
      }
      expect(new Date(FROM + BROKER_TURNS_MS).getUTCMonth()).toBe(6);
      const later = brokers.get(turning) ?? 0;
      expect(sold.length / later).toBeGreaterThan(0.05);
    }
  });

  it('does not turn within a run of one day', () => {
    const day: Generated[] = [...generate({ declarations: 3000, seed: 1, from: '2026-09-01', days: 1 })];
    expect(day.filter(({ truth }) => truth?.scheme === 'turned_broker')).toEqual([]);
    for (const { receivedAt } of day) expect(receivedAt).toBeLessThan(Date.UTC(2026, 8, 2) + DAY_MS / 24);
  });
});

describe('partiesOf', () => {
  const parties = [...partiesOf({ declarations: 100, seed: 1 })];

  it('names each participant once in a role', () => {
    expect(new Set(parties.map(({ role, id }) => `${role} ${id}`)).size).toBe(parties.length);
  });

  it('gives the same rows for the same seed', () => {
    expect([...partiesOf({ declarations: 100, seed: 1 })]).toEqual(parties);
    expect([...partiesOf({ declarations: 100, seed: 2 })]).not.toEqual(parties);
  });

  it('is related to the truth, and is not the truth', () => {
    const { population } = prepare({ declarations: 0, seed: 1 });
    const crooked = new Set(population.traders.import.filter((trader) => trader.crooked).map(({ id }) => id));
    const importers = parties.filter(({ role }) => role === 'importer');
    const high = importers.filter(({ category }) => category === 'high');
    const low = importers.filter(({ category }) => category === 'low');
    const share = (rows: typeof importers) => rows.filter(({ id }) => crooked.has(id)).length / rows.length;
    expect(share(high)).toBeGreaterThan(3 * share(importers));
    expect(share(high)).toBeLessThan(0.9);
    expect(share(low)).toBeGreaterThan(0.005);
    expect(share(low)).toBeLessThan(share(importers));
  });

  it('leaves out the newcomers', () => {
    const { population } = prepare({ declarations: 0, seed: 1 });
    const known = new Set(parties.map(({ id }) => id));
    const newcomers = population.traders.import.filter(({ since }) => since > Number.NEGATIVE_INFINITY);
    expect(newcomers.length).toBeGreaterThan(100);
    for (const { id } of newcomers) expect(known.has(id)).toBe(false);
  });

  it('writes CSV with a column for each field', () => {
    const first = parties[0];
    if (first === undefined) throw new Error('nobody');
    expect(partyHeader()).toBe('role,id,category,authorisedOperator,openViolations,arrears\n');
    expect(partyLine(first).trim().split(',')).toHaveLength(6);
  });
});
