import type { Declaration } from '../../src/core/declaration.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Matches } from '../../src/core/profile.ts';
import { vectorOf } from '../../src/profiles/vectors.ts';

const ANYWHERE = { offices: [], regimes: [], procedures: [], categories: [], validFrom: null, validUntil: null };

export interface Case {
  readonly declaration: Declaration;
  readonly facts: Facts;
}

/** The neutral declaration and facts of a profile's test, changed. */
export function caseOf(declaration: unknown = {}, facts: unknown = {}, regime: Declaration['regime'] = 'import'): Case {
  const vector = vectorOf({ name: '', regime, declaration, facts, hits: true, line: 1, column: 1 }, ANYWHERE);
  if ('faults' in vector) throw new Error(vector.faults.join());
  return vector;
}

const NONE: ReadonlySet<string> = new Set();

export function match(policy: Policy, { declaration, facts }: Case, exempt = NONE): Matches {
  return policy.profiles.match(declaration, facts, exempt);
}

export const hitIds = (matches: Matches) => matches.hits.map(({ profile }) => profile.id);
export const faultIds = (matches: Matches) => matches.faults.map(({ profile }) => profile.id);
