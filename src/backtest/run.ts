import { Piscina } from 'piscina';
import { builtWorker } from '../engine/built-worker.ts';
import { threadOptions } from '../engine/thread-options.ts';
import { SEGMENT_DECLARATIONS } from '../limits.ts';
import { bundleVersion, type PolicyBundle } from '../profiles/bundle.ts';
import { PolicyError } from '../profiles/problems.ts';
import { addTally, emptyTally, type TallyData } from './tally.ts';
import type { BacktestAnswer, BacktestTask, Part } from './thread.ts';

export interface Backtest {
  /** Asked for one after another, as threads are free. */
  readonly parts: Iterable<Part>;
  /** The policy to compare with: what was decided under it is not decided again. */
  readonly before: PolicyBundle;
  readonly after: PolicyBundle;
  readonly threads: number;
  /** Folder of the outcomes; null: none are known. */
  readonly outcomesDir: string | null;
  readonly signal?: AbortSignal;
  /** After each part: how many are done, and all of them together so far. */
  readonly onProgress?: (done: number, whole: TallyData) => void;
}

/** Parts that a thread has: the one it counts and one that waits. */
const PARTS_PER_THREAD = 2;

/** Threads for backtests, kept as long as their owner wants. */
export class BacktestThreads {
  readonly #piscina: Piscina<BacktestTask, BacktestAnswer>;

  constructor(threads: number) {
    this.#piscina = new Piscina<BacktestTask, BacktestAnswer>({
      filename: builtWorker('backtest'),
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 30_000,
      atomics: 'disabled',
      recordTiming: false,
      workerHistogram: false,
      execArgv: threadOptions(),
    });
  }

  run(task: BacktestTask, signal?: AbortSignal): Promise<BacktestAnswer> {
    return this.#piscina.run(task, signal === undefined ? {} : { signal });
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}

/**
 * Decides history again, part by part, in threads of its own; what is in memory is a part for each thread and the counts.
 * @throws PolicyError, what else the threads throw, or an AbortError.
 */
export async function runBacktest({ threads, ...backtest }: Backtest): Promise<TallyData> {
  const pool = new BacktestThreads(threads);
  try {
    return await countAll(pool, { threads, ...backtest });
  } finally {
    await pool.close();
  }
}

/** The same in threads that are there already. */
export async function countAll(pool: BacktestThreads, backtest: Backtest): Promise<TallyData> {
  const { parts, threads, outcomesDir, signal, onProgress } = backtest;
  const before = named(backtest.before);
  const after = named(backtest.after);
  const whole = emptyTally();
  const waiting = parts[Symbol.iterator]();
  let done = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      const part = next.value;
      signal?.throwIfAborted();
      const answer = await pool.run({ kind: 'count', part, before, after, outcomesDir }, signal);
      if ('problems' in answer) throw new PolicyError(answer.problems);
      if (!('tally' in answer)) throw new Error('the thread answered something else');
      addTally(whole, answer.tally);
      onProgress?.(++done, whole);
    }
  };
  await Promise.all(Array.from({ length: threads * PARTS_PER_THREAD }, work));
  return whole;
}

function named(bundle: PolicyBundle) {
  return { version: bundleVersion(bundle), files: bundle.files };
}

/**
 * Everything that a ledger holds, as parts in `dir`, in the order it was decided in.
 * @param onProgress How many files there are so far.
 */
export async function partsOfLedger(
  pool: BacktestThreads,
  ledgerDir: string,
  dir: string,
  onProgress: (files: number) => void,
  signal?: AbortSignal,
): Promise<Part[]> {
  const task = { kind: 'segments', ledgerDir, dir, size: SEGMENT_DECLARATIONS, newMax: 1 } as const;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await pool.run(task, signal);
    if (!('complete' in answer)) throw new Error('the thread answered something else');
    onProgress(answer.files.length);
    if (!answer.complete) continue;
    const files = answer.files.map((file): Part => ({ kind: 'segment', file }));
    return answer.rest === null ? files : [...files, { kind: 'bytes', bytes: answer.rest }];
  }
}
