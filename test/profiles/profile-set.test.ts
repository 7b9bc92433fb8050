import { describe, expect, it } from 'vitest';
import type { Matches } from '../../src/core/profile.ts';
import { loadPolicy } from '../../src/profiles/load.ts';
import { CompiledProfileSet } from '../../src/profiles/profile-set.ts';
import { Dice, generatedBundle, generatedCase } from '../helpers/generated-profiles.ts';
import { NaiveScan } from '../helpers/naive-scan.ts';

const SETS = 50;
const DECLARATIONS_PER_SET = 240;
const PROFILES_PER_SET = 20;

function plain({ hits, faults }: Matches): string {
  return JSON.stringify([
    hits.map(({ profile, items, values }) => [profile.id, items, values]),
    faults.map(({ profile, item, message }) => [profile.id, item, message]),
  ]);
}

describe('a profile set', () => {
  it('finds by its index what asking every profile finds, in more than 10,000 generated cases', () => {
    let [cases, hits, faults] = [0, 0, 0];
    const mismatches: unknown[] = [];
    for (let seed = 1; seed <= SETS; seed++) {
      const { profiles, context } = loadPolicy(generatedBundle(seed, PROFILES_PER_SET));
      const indexed = new CompiledProfileSet(profiles, context);
      const naive = new NaiveScan(profiles, context);
      const dice = new Dice(seed * 7919);
      for (let i = 0; i < DECLARATIONS_PER_SET; i++) {
        const { declaration, facts } = generatedCase(dice);
        const exempt = new Set(dice.chance(0.1) ? [`P-0000${dice.upTo(10)}`] : []);
        const expected = naive.match(declaration, facts, exempt);
        const found = indexed.match(declaration, facts, exempt);
        cases++;
        hits += expected.hits.length;
        faults += expected.faults.length;
        if (plain(found) !== plain(expected))
          mismatches.push({ seed, i, found: plain(found), expected: plain(expected) });
      }
    }
    expect(mismatches).toEqual([]);
    expect(cases).toBeGreaterThan(10_000);
    // The cases are worth comparing: there is something to find in them.
    expect(hits).toBeGreaterThan(cases / 2);
    expect(faults).toBeGreaterThan(cases / 20);
  });
});
