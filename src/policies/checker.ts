import { Piscina } from 'piscina';
import { builtWorker } from '../engine/built-worker.ts';
import { threadOptions } from '../engine/thread-options.ts';
import { CorridorError } from '../errors.ts';
import { CHECK_DEADLINE_MS, CHECKS_QUEUED_MAX } from '../limits.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import type { CheckResult } from './check.ts';

/** Port: tells what is wrong with a policy. */
export interface Checker {
  /** @throws CorridorError `overloaded` where too many wait, or it takes too long. */
  check(bundle: PolicyBundle): Promise<CheckResult>;
  stop(): Promise<void>;
}

const IDLE_MS = 60_000;

/** Checks policies one after the other in a thread of its own, which ends where nobody edits. */
export function openChecker(worker: string = builtWorker('check')): Checker {
  const pool = new Piscina<PolicyBundle, CheckResult>({
    filename: worker,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    maxQueue: CHECKS_QUEUED_MAX,
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    stricterFIFO: true,
    recordTiming: false,
    workerHistogram: false,
    execArgv: threadOptions(),
  });
  return {
    async check({ files }) {
      if (pool.queueSize >= CHECKS_QUEUED_MAX)
        throw new CorridorError('overloaded', 'Too many policies to check at once');
      const signal = AbortSignal.timeout(CHECK_DEADLINE_MS);
      try {
        return await pool.run({ files }, { signal });
      } catch (cause) {
        if (!signal.aborted) throw cause;
        throw new CorridorError('overloaded', 'Checking the policy takes too long', { cause });
      }
    },
    stop: () => pool.destroy(),
  };
}
