import { builtWorker } from '../engine/built-worker.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import type { CheckResult } from './check.ts';
import { openSingleThread } from './single-thread.ts';

/** Port: tells what is wrong with a policy. */
export interface Checker {
  /** @throws CorridorError `overloaded` where too many wait, or it takes too long. */
  check(bundle: PolicyBundle): Promise<CheckResult>;
  stop(): Promise<void>;
}

/** Checks policies one after the other in a thread of its own, which ends where nobody edits. */
export function openChecker(worker: string = builtWorker('check')): Checker {
  const thread = openSingleThread<PolicyBundle, CheckResult>(worker);
  return { check: ({ files }) => thread.run({ files }), stop: () => thread.stop() };
}
