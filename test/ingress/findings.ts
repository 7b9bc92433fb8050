import fc from 'fast-check';
import { CORRIDORS, type Corridor } from '../../src/core/corridor.ts';
import { REASON_KINDS, type Reason } from '../../src/core/decide.ts';
import { CATEGORIES } from '../../src/core/facts.ts';
import { TARGETS } from '../../src/core/profile.ts';
import type { PublicOutcome } from '../../src/core/public-outcome.ts';
import type { Finding } from './record.ts';

/** What may have been found, of any kind and size, that comes to this outcome; null: it was set aside. */
export function findingOf(outcome: Exclude<PublicOutcome, 'pending' | 'withdrawn'>): fc.Arbitrary<Finding | null> {
  if (outcome === 'released') return fc.oneof(finding('green'), finding('blue'));
  if (outcome === 'inspection') return finding('red');
  return fc.oneof({ weight: 3, arbitrary: finding('yellow') }, { weight: 1, arbitrary: fc.constant(null) });
}

const text = fc.string({ maxLength: 30 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const measures = fc.array(fc.record({ code: text, instructions: text }), { maxLength: 3 });
const reason: fc.Arbitrary<Reason> = fc.record({
  kind: fc.constantFrom(...REASON_KINDS),
  code: text,
  text,
  target: fc.option(fc.constantFrom(...TARGETS)),
  corridor: fc.constantFrom(...CORRIDORS),
  settled: fc.constantFrom(...CORRIDORS),
  weight: share,
  items: fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 5 }),
  values: fc.dictionary(
    text.filter((name) => name !== '__proto__'),
    fc.oneof(text, fc.integer(), fc.boolean()),
    { maxKeys: 3 },
  ),
  measures,
});

function finding(corridor: Corridor): fc.Arbitrary<Finding> {
  return fc.record({
    corridor: fc.constant(corridor),
    category: fc.constantFrom(...CATEGORIES),
    decision: fc.record({
      score: share,
      expectedDamageTiyn: fc.nat(),
      reasons: fc.array(reason, { maxLength: 4 }),
      measures,
      policyVersion: text,
    }),
    facts: fc.record({
      decidedAt: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
      draw: fc.record({ value: share, keyId: text }),
      suspended: fc.array(text, { maxLength: 2 }),
      models: fc.array(
        fc.record({ model: text, version: text, group: text, probability: share, reasons: fc.array(text) }),
        { maxLength: 2 },
      ),
    }),
  });
}
