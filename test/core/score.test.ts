import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combine } from '../../src/core/score.ts';

const evidence = fc.array(
  fc.record({ group: fc.constantFrom('a', 'b', 'c'), weight: fc.double({ min: 0, max: 1, noNaN: true }) }),
);

describe('combine', () => {
  it('counts each evidence group once and joins groups by noisy-or', () => {
    expect(combine([])).toBe(0);
    expect(
      combine([
        { group: 'a', weight: 0.3 },
        { group: 'a', weight: 0.5 },
      ]),
    ).toBe(0.5);
    expect(
      combine([
        { group: 'a', weight: 0.5 },
        { group: 'b', weight: 0.5 },
      ]),
    ).toBe(0.75);
  });

  it('is a probability, whatever the evidence', () => {
    fc.assert(fc.property(evidence, (of) => combine(of) >= 0 && combine(of) <= 1));
  });

  it('does not depend on order or repetition, to the last bit', () => {
    fc.assert(fc.property(evidence, (of) => combine([...of, ...of.toReversed()]) === combine(of)));
  });

  it('never falls when evidence is added', () => {
    fc.assert(fc.property(evidence, evidence, (a, b) => combine([...a, ...b]) >= combine(a) - 1e-12));
  });
});
