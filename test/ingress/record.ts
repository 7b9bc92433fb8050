import { createHash } from 'node:crypto';
import { type Corridor, isReleased } from '../../src/core/corridor.ts';
import type { Decision } from '../../src/core/decide.ts';
import type { Declaration } from '../../src/core/declaration.ts';
import type { Category, Facts } from '../../src/core/facts.ts';
import type { LedgerEntry } from '../../src/state/ledger.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { encodeRecord } from '../../src/wire/record.ts';
import { neutralFacts } from '../helpers/declaration.ts';

/** What an engine may have found: everything of a decision that is not the declaration's own. */
export interface Finding {
  readonly corridor: Corridor;
  readonly decision: Partial<Pick<Decision, 'score' | 'expectedDamageTiyn' | 'reasons' | 'measures' | 'policyVersion'>>;
  readonly facts: Partial<Facts>;
  readonly category: Category;
}

export const REASON: Decision['reasons'][number] = {
  kind: 'profile',
  code: 'P-SECRET',
  text: 'Undervalued shoes',
  target: 'undervaluation',
  corridor: 'red',
  settled: 'yellow',
  weight: 0.75,
  items: [1],
  values: { 'item.netMassKg': 100 },
  measures: [{ code: 'documentary_check', instructions: 'Compare the invoice.' }],
};

/** The record of a decision made by hand, as an engine writes it. */
export function recordOf(submitter: string, of: Declaration, finding: Finding): Uint8Array {
  const facts = neutralFacts(of, finding.facts, finding.category);
  const decision: Decision = {
    declarationId: of.id,
    version: of.version,
    corridor: finding.corridor,
    released: isReleased(finding.corridor),
    score: 0.5,
    expectedDamageTiyn: 12_345,
    reasons: [REASON],
    measures: REASON.measures,
    policyVersion: 'test',
    compilerVersion: 'test',
    ...finding.decision,
    decidedAt: facts.decidedAt,
  };
  return encodeRecord(submitter, encode(of).slice(), facts, decision).slice();
}

export function entryOf(of: Declaration, outcome: LedgerEntry['outcome'], record: Uint8Array): LedgerEntry {
  const identity = { submitter: 'local', id: of.id, version: of.version };
  return { identity, outcome, receivedAt: of.lodgedAt, hash: createHash('sha256').update(record).digest(), record };
}
