import { type Decision, decide } from '../core/decide.ts';
import type { Declaration } from '../core/declaration.ts';
import type { Facts } from '../core/facts.ts';
import type { Policy } from '../core/policy.ts';

/** What a decision was made of: all that it depends on but the policy. */
export interface Decided {
  readonly declaration: Declaration;
  /** As they were known then, draw and time included: nothing is looked up anew. */
  readonly facts: Facts;
}

/** The decision on something that was decided before, under this policy: replay, backtest and shadow are this alone. */
export function redecide({ declaration, facts }: Decided, policy: Policy): Decision {
  return decide(declaration, facts, policy);
}
