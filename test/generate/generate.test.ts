import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { normalise } from '../../src/core/normalise.ts';
import { DAY_MS } from '../../src/generate/calendar.ts';
import { type Generated, type GenerateOptions, generate } from '../../src/generate/generate.ts';
import { partiesOf } from '../../src/generate/parties.ts';
import { DeclarationSchema } from '../../src/ingress/schema.ts';

const schema = Compile(DeclarationSchema);

function digest(options: GenerateOptions): string {
  const hash = createHash('sha256');
  for (const generated of generate(options)) hash.update(JSON.stringify(generated));
  return hash.digest('hex');
}

const YEAR: readonly Generated[] = [...generate({ declarations: 12_000, seed: 'year' })];

describe('generate', () => {
  it('gives the same bytes for the same seed, others for another', () => {
    expect(digest({ declarations: 400, seed: 1 })).toBe(digest({ declarations: 400, seed: 1 }));
    expect(digest({ declarations: 400, seed: 1 })).not.toBe(digest({ declarations: 400, seed: 2 }));
  });

  it('takes the people of one seed for the declarations of another', () => {
    const traders = (seed: number) =>
      [...generate({ declarations: 300, seed, people: 'p' })].flatMap(({ declaration }) =>
        (declaration.parties ?? []).filter(({ role }) => role === 'broker').map(({ id }) => id),
      );
    const [one, other] = [new Set(traders(1)), new Set(traders(2))];
    expect([...one].filter((id) => other.has(id)).length).toBeGreaterThan(one.size / 3);
    const parties = (seed: number) => [...partiesOf({ declarations: 1, seed, people: 'p' })];
    expect(parties(1)).toEqual(parties(2));
  });

  it('makes declarations that the schema and the core take, for any seed, start and length', () => {
    const days = fc.integer({ min: 1, max: 800 });
    const from = fc.integer({ min: 0, max: 1000 }).map((day) => new Date(Date.UTC(2024, 5, 1) + day * DAY_MS));
    fc.assert(
      fc.property(fc.string(), from, days, (seed, start, span) => {
        for (const { declaration } of generate({ declarations: 60, seed, from: start.toISOString(), days: span })) {
          expect(schema.Check(declaration)).toBe(true);
          expect(normalise(declaration).faults).toBeNull();
        }
      }),
      { numRuns: 12 },
    );
  });

  it('makes nothing that the schema or the core refuses over a year', () => {
    for (const { declaration } of YEAR) {
      if (normalise(declaration).faults !== null || !schema.Check(declaration))
        throw new Error(`refused: ${JSON.stringify(declaration)}`);
    }
  });

  it('lodges them in order of time within the span, each with an id of its own', () => {
    const from = Date.UTC(2026, 0, 1);
    let last = 0;
    for (const { receivedAt, declaration } of YEAR) {
      const at = Date.parse(declaration.lodgedAt);
      expect(at).toBeGreaterThanOrEqual(last);
      expect(receivedAt).toBeGreaterThan(at);
      expect(at).toBeLessThan(from + 365 * DAY_MS);
      last = at;
    }
    expect(new Set(YEAR.map(({ declaration }) => declaration.id)).size).toBe(YEAR.length);
  });

  it('keeps to the shares of regimes, and to about 3 items on average with 20 at the 95th percentile', () => {
    const share = (regime: string) => YEAR.filter(({ declaration }) => declaration.regime === regime).length / 12_000;
    expect(share('import')).toBeCloseTo(0.65, 1);
    expect(share('export')).toBeCloseTo(0.2, 1);
    expect(share('transit')).toBeCloseTo(0.15, 1);
    const sizes = YEAR.map(({ declaration }) => declaration.items.length).sort((a, b) => a - b);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(mean).toBeGreaterThan(2.5);
    expect(mean).toBeLessThan(3.6);
    expect(sizes[Math.floor(sizes.length * 0.95)]).toBeGreaterThanOrEqual(15);
    expect(sizes[Math.floor(sizes.length * 0.95)]).toBeLessThanOrEqual(24);
  });

  it('goes over many chapters and codes of ten digits', () => {
    const codes = new Set(YEAR.flatMap(({ declaration }) => declaration.items.map(({ hsCode }) => hsCode)));
    for (const code of codes) expect(code).toMatch(/^\d{6,10}$/);
    expect(codes.size).toBeGreaterThan(150);
    expect(new Set([...codes].map((code) => code.slice(0, 2))).size).toBeGreaterThan(50);
  });

  it('refuses options out of range', () => {
    expect(() => [...generate({ declarations: -1, seed: 1 })]).toThrow(RangeError);
    expect(() => [...generate({ declarations: 1, seed: 1, from: 'soon' })]).toThrow(RangeError);
    expect(() => [...generate({ declarations: 1, seed: 1, days: 0 })]).toThrow(RangeError);
  });

  it('works without the reference lists, and has fewer ways to go wrong then', () => {
    const listsDir = mkdtempSync(join(tmpdir(), 'corridor-lists-'));
    const all = [...generate({ declarations: 500, seed: 1, listsDir })];
    expect(all.filter(({ declaration }) => normalise(declaration).faults !== null)).toEqual([]);
    expect(all.some(({ truth }) => truth?.scheme === 'false_origin')).toBe(false);
  });

  it('holds no declaration that went out', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const iterator = generate({ declarations: 1_000_000, seed: 3, days: 1 });
    for (let n = 0; n < 2000; n++) iterator.next();
    const before = heap();
    for (let n = 0; n < 20_000; n++) iterator.next();
    // Twenty thousand declarations are some 75 MB of text.
    expect(heap() - before).toBeLessThan(8 * 1024 * 1024);
  });
});

describe('honest declarations', () => {
  const honest = YEAR.filter(({ truth }) => truth === null).map(({ declaration }) => declaration);

  it('add up: items to totals, duties to their rates', () => {
    for (const declaration of honest) {
      const sum = (pick: (item: (typeof declaration.items)[number]) => string) =>
        Math.round(declaration.items.reduce((total, item) => total + Number(pick(item)) * 100, 0));
      expect(
        Math.abs(sum((item) => item.invoicePrice.amount) - Number(declaration.invoiceTotal.amount) * 100),
      ).toBeLessThan(2);
      expect(
        Math.abs(sum((item) => item.customsValue.amount) - Number(declaration.customsValueTotal.amount) * 100),
      ).toBeLessThan(2);
      for (const item of declaration.items) {
        expect(item.grossMassKg).toBeGreaterThanOrEqual(item.netMassKg);
        const duty = item.duties?.find(({ kind }) => kind === 'import_duty');
        if (duty === undefined) continue;
        expect(Number(duty.amount.amount)).toBeCloseTo((Number(item.customsValue.amount) * (duty.rate ?? 0)) / 100, 1);
      }
    }
  });

  it('cover the duties of transit with a guarantee, and seal the goods', () => {
    for (const { regime, transit, items } of honest) {
      if (regime !== 'transit') continue;
      const stake = items
        .flatMap(({ duties = [] }) => duties)
        .reduce((total, { kind, amount }) => total + (kind === 'fee' ? 0 : Number(amount.amount)), 0);
      expect(Number(transit?.guarantee?.amount)).toBeGreaterThanOrEqual(stake);
      expect(transit?.seals?.length).toBeGreaterThan(0);
    }
  });
});
