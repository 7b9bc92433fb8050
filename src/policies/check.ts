import type { PolicyBundle } from '../profiles/bundle.ts';
import { buildPolicy } from '../profiles/policy.ts';
import { PolicyError, type PolicyProblem } from '../profiles/problems.ts';
import { runVectors, type VectorFailure } from '../profiles/vectors.ts';

/** What is wrong with a policy. */
export interface CheckResult {
  /** It cannot be compiled. */
  readonly problems: readonly PolicyProblem[];
  /** It can, and tests of its profiles come out otherwise than they say. */
  readonly failures: readonly VectorFailure[];
}

/** Reads, compiles and tries out a policy. */
export function checkBundle(bundle: PolicyBundle): CheckResult {
  try {
    const policy = buildPolicy(bundle);
    return { problems: [], failures: runVectors(bundle, policy) };
  } catch (error) {
    if (error instanceof PolicyError) return { problems: error.problems, failures: [] };
    throw error;
  }
}
