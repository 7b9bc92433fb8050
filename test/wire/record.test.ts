import { expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { decisionOf, encodeRecord, factsOf, openRecord } from '../../src/wire/record.ts';
import { Dice, generatedBundle, generatedCase } from '../helpers/generated-profiles.ts';

it('a record is the canonical MessagePack of its parts, each encoded by itself', () => {
  const dice = new Dice(5);
  const policy = buildPolicy(generatedBundle(5, 20));
  let reasons = 0;
  for (let i = 0; i < 300; i++) {
    const { declaration, facts: gathered } = generatedCase(dice);
    const facts = {
      ...gathered,
      previous: dice.chance(0.3) ? { version: 1, corridor: 'red' as const } : null,
      inherited: dice.chance(0.3) ? { declarationId: 'Ж-1', corridor: 'yellow' as const, draw: dice.next() } : null,
    };
    const decision = decide(declaration, facts, policy);
    reasons += decision.reasons.length;
    const parts = { v: 1, submitter: 'Өскемен', declaration: encode(declaration) };
    const bytes = encodeRecord(parts.submitter, parts.declaration, facts, decision);
    expect(Buffer.compare(bytes, encode({ ...parts, facts: encode(facts), decision: encode(decision) }))).toBe(0);
    expect(factsOf(openRecord(bytes))).toEqual(facts);
    expect(decisionOf(openRecord(bytes))).toEqual(decision);
  }
  expect(reasons).toBeGreaterThan(300);
});
