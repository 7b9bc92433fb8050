import { Piscina } from 'piscina';
import { threadOptions } from '../engine/thread-options.ts';
import { CorridorError } from '../errors.ts';
import { CHECK_DEADLINE_MS, CHECKS_QUEUED_MAX } from '../limits.ts';

/** Long work on policies, one task after the other, where it delays no declaration. */
export interface SingleThread<Task, Result> {
  /** @throws CorridorError `overloaded` where too many wait, or it takes too long. */
  run(task: Task): Promise<Result>;
  stop(): Promise<void>;
}

const IDLE_MS = 60_000;

/** A thread that ends where nobody has work for it. */
export function openSingleThread<Task, Result>(worker: string): SingleThread<Task, Result> {
  const pool = new Piscina<Task, Result>({
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
    async run(task) {
      if (pool.queueSize >= CHECKS_QUEUED_MAX)
        throw new CorridorError('overloaded', 'Too many policies to check at once');
      const signal = AbortSignal.timeout(CHECK_DEADLINE_MS);
      try {
        return await pool.run(task, { signal });
      } catch (cause) {
        if (!signal.aborted) throw cause;
        throw new CorridorError('overloaded', 'Checking the policy takes too long', { cause });
      }
    },
    stop: () => pool.destroy(),
  };
}
