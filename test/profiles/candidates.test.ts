import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Candidates } from '../../src/profiles/candidates.ts';

it('candidates are what was added since the last clearing, once each, in the order of adding', () => {
  const rounds = fc.array(fc.array(fc.nat({ max: 999 }), { maxLength: 100 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rounds, (rounds) => {
      const candidates = new Candidates(1000);
      for (const places of rounds) {
        candidates.clear();
        expect(candidates.length).toBe(0);
        candidates.addAll(Int32Array.from(places));
        expect([...candidates.places.subarray(0, candidates.length)]).toEqual([...new Set(places)]);
      }
    }),
  );
});
