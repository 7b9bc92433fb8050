import { describe, expect, it } from 'vitest';
import type { Requirement } from '../../src/profiles/atoms-of-profile.ts';
import { Candidates } from '../../src/profiles/candidates.ts';
import { MatchContext } from '../../src/profiles/context.ts';
import { loadPolicy } from '../../src/profiles/load.ts';
import { mostSelective, SelectivityIndex } from '../../src/profiles/selectivity.ts';
import { Dice, generatedCase } from '../helpers/generated-profiles.ts';
import { policyOf } from '../helpers/policy-of.ts';

const LISTS = {
  goods: '*hs:hs\n8471\n9303\n',
  pairs: '*hs:hs,*origin:string\n7304,CN\n7304,UA\n',
  origins: '*origin:string\nCN\n',
};

/** The path that a profile is found by, and the values there; null: it is a candidate always. */
function foundBy(when: string, settings: Readonly<Record<string, unknown>> = {}): string | null {
  const { profiles } = loadPolicy(policyOf({ P: { when, ...settings } }, LISTS));
  const chosen = mostSelective(profiles[0]?.requirements ?? []);
  return chosen === null ? null : `${chosen.path} ${chosen.kind} ${chosen.values.join(' ')}`;
}

const DECLARATION = { level: 'declaration' };

describe('the requirement a profile is found by', () => {
  it('is its HS prefix, from a literal or a list', () => {
    expect(foundBy('item.hsCode.startsWith("6403") && item.netMassKg > 1')).toBe('item.hsCode prefix 6403');
    expect(foundBy('item.hsCode.startsWith("64") || item.hsCode.startsWith("65")')).toBe('item.hsCode prefix 64 65');
    expect(foundBy('item.netMassKg > 1 && item.hsCode in list("goods")')).toBe('item.hsCode prefix 8471 9303');
    expect(foundBy('listed("pairs", item.hsCode, item.originCountry)')).toBe('item.hsCode prefix 7304');
  });

  it('is the rarest of several', () => {
    expect(foundBy('item.brand == "ACME" && item.hsCode.startsWith("64")')).toBe('item.brand equals ACME');
    expect(foundBy('item.originCountry == "CN" && item.hsCode.startsWith("6403510000")')).toBe(
      'item.hsCode prefix 6403510000',
    );
    expect(foundBy('item.originCountry in list("origins") && declaration.regime == "import"')).toBe(
      'item.originCountry equals CN',
    );
    expect(foundBy('trader.id == "123456789012" && item.netMassKg > 1')).toBe('trader.id equals 123456789012');
  });

  it('may come from the scope', () => {
    expect(foundBy('item.netMassKg > 1', { scope: { offices: ['55301'] } })).toBe('declaration.office equals 55301');
  });

  it('may be that of some item of a declaration', () => {
    const when = 'declaration.items.exists(i, i.netMassKg > 1 && i.hsCode.startsWith("6403"))';
    expect(foundBy(when, DECLARATION)).toBe('item.hsCode prefix 6403');
    // At item level the item asked about need not be the one that exists.
    expect(foundBy(when)).toBeNull();
  });

  it('is never behind a comprehension, nor one of several alternatives, nor a negation', () => {
    expect(foundBy('declaration.items.all(i, i.netMassKg > 1) && item.hsCode.startsWith("6403")')).toBeNull();
    expect(foundBy('item.hsCode.startsWith("6403") || item.netMassKg > 1')).toBeNull();
    expect(foundBy('!item.hsCode.startsWith("6403")')).toBeNull();
    expect(foundBy('!(item.hsCode in list("goods"))')).toBeNull();
    expect(foundBy('item.netMassKg > 1')).toBeNull();
  });
});

describe('the index', () => {
  const { declaration, facts } = generatedCase(new Dice(4));
  const item = { ...generatedItem(), hsCode: '8471300000' };

  function generatedItem() {
    const [first] = declaration.items;
    return first ?? expect.fail('the case has no item');
  }

  function candidates(requirements: readonly Requirement[][]): number[] {
    const index = new SelectivityIndex(requirements.map((each) => ({ level: 'item', requirements: each })));
    const context = new MatchContext();
    context.begin({ ...declaration, items: [item] }, facts);
    const set = new Candidates(requirements.length);
    index.addForItems(context, set);
    index.addForItem(context, context.onItem(0), set);
    return [...set.places.subarray(0, set.length)].sort((a, b) => a - b);
  }

  const prefix = (...values: string[]): Requirement => ({ kind: 'prefix', path: 'item.hsCode', values, list: null });

  it('finds a few of 100,000 profiles by HS prefixes of every length', () => {
    const requirements = Array.from({ length: 100_000 }, (_, i) => [
      prefix(String(1_000_000_000 + i * 9973).slice(0, 10)),
    ]);
    for (const [place, start] of [
      [99_999, '84'],
      [5, '8471300000'],
      [50_000, '847130'],
    ] as const) {
      requirements[place] = [prefix(start)];
    }
    const found = candidates(requirements);
    expect(found).toEqual([5, 50_000, 99_999]);
  });

  it('always asks profiles without a requirement', () => {
    expect(candidates([[prefix('01')], [], [prefix('84')], []])).toEqual([1, 2, 3]);
  });

  it('asks a profile once where several of its values fit', () => {
    expect(candidates([[prefix('84', '8471', '847130')]])).toEqual([0]);
  });
});
