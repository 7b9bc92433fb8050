import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CorridorError } from '../errors.ts';
import { BACKTESTS_WAITING_MAX, RESULT_SAMPLES_MAX } from '../limits.ts';
import { bundleVersion, type PolicyBundle } from '../profiles/bundle.ts';
import { capacitiesOf } from '../profiles/capacities.ts';
import { PolicyError } from '../profiles/problems.ts';
import { reportOf } from './report.ts';
import { BacktestThreads, countAll, partsOfLedger } from './run.ts';

/** Not done: somebody cancelled it, the process ended, or it could not be done. */
type Ended = 'cancelled' | 'interrupted' | 'failed';

/** What a job says of itself whenever it changes; its keeper is not of this folder. */
export interface JobRecord {
  readonly id: string;
  readonly kind: 'backtest';
  readonly title: string;
  readonly candidate: string;
  readonly base: string;
  readonly draft: string | null;
  readonly by: string;
  readonly node: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: 'waiting' | 'running' | 'done' | Ended;
  readonly error: string | null;
  readonly result: unknown;
}

export interface JobsDeps {
  readonly dataDir: string;
  readonly node: string;
  /** Port: keeps it for good. */
  readonly save: (record: JobRecord) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

export interface JobOrder {
  readonly title: string;
  readonly before: PolicyBundle;
  readonly after: PolicyBundle;
  readonly draft: string | null;
  readonly by: string;
}

export interface Progress {
  readonly step: 'waiting' | 'history' | 'deciding';
  readonly done: number;
  /** Null: not known yet. */
  readonly of: number | null;
  readonly declarations: number;
}

interface Job {
  record: JobRecord;
  readonly order: JobOrder;
  readonly abort: AbortController;
  progress: Progress;
}

/** Why a job was told to end, where that is not the end of the process. */
const CANCELLED = Symbol('cancelled');
const WAITING: Progress = { step: 'waiting', done: 0, of: null, declarations: 0 };

/** Backtests on all history, one after another: they leave the processors to what decides now. */
export class BacktestJobs {
  readonly #deps: JobsDeps;
  readonly #jobs = new Map<string, Job>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: JobsDeps) {
    this.#deps = deps;
  }

  /** Resolves when it is on record. @throws CorridorError `overloaded` */
  async start(order: JobOrder): Promise<JobRecord> {
    if (this.#jobs.size >= BACKTESTS_WAITING_MAX) {
      throw new CorridorError('overloaded', `${BACKTESTS_WAITING_MAX} backtests wait already; cancel one or wait`);
    }
    const { title, before, after, draft, by } = order;
    const record: JobRecord = {
      ...{ id: randomUUID().replaceAll('-', ''), kind: 'backtest', title, draft, by, node: this.#deps.node },
      ...{ candidate: bundleVersion(after), base: bundleVersion(before) },
      ...{ startedAt: this.#deps.now(), endedAt: null, state: 'waiting', error: null, result: null },
    };
    const job: Job = { record, order, abort: new AbortController(), progress: WAITING };
    this.#jobs.set(record.id, job);
    await this.#deps.save(record).catch((error: unknown) => {
      this.#jobs.delete(record.id);
      throw error;
    });
    this.#turn = this.#turn.then(() => this.#run(job)).catch(this.#deps.onError);
    return record;
  }

  /** Null: it is not one that waits or runs here. */
  progress(id: string): Progress | null {
    return this.#jobs.get(id)?.progress ?? null;
  }

  /** False: it is not one that waits or runs here. */
  cancel(id: string): boolean {
    const job = this.#jobs.get(id);
    job?.abort.abort(CANCELLED);
    return job !== undefined;
  }

  async #run(job: Job): Promise<void> {
    try {
      job.abort.signal.throwIfAborted();
      await this.#change(job, { state: 'running' });
      const result = await this.#report(job);
      await this.#change(job, { state: 'done', result });
    } catch (error) {
      const { aborted, reason } = job.abort.signal;
      const stopped = reason === CANCELLED ? 'cancelled' : 'interrupted';
      await this.#change(job, aborted ? { state: stopped } : { state: 'failed', error: textOf(error) });
    } finally {
      this.#jobs.delete(job.record.id);
    }
  }

  async #report({ order, abort, ...job }: Job): Promise<unknown> {
    const { dataDir } = this.#deps;
    const { before, after } = order;
    // One processor at least is left to what decides now.
    const threads = Math.max(1, availableParallelism() - 1);
    const pool = new BacktestThreads(threads);
    const tell = (progress: Progress): void => {
      const known = this.#jobs.get(job.record.id);
      if (known !== undefined) known.progress = progress;
    };
    try {
      const onFiles = (done: number) => tell({ step: 'history', done, of: null, declarations: 0 });
      const dirs = [join(dataDir, 'ledger'), join(dataDir, 'history')] as const;
      const parts = await partsOfLedger(pool, ...dirs, onFiles, abort.signal);
      const tally = await countAll(pool, {
        ...{ parts, before, after, threads, outcomesDir: join(dataDir, 'outcomes'), signal: abort.signal },
        onProgress: (done, { declarations }) => tell({ step: 'deciding', done, of: parts.length, declarations }),
      });
      const { profiles, ...report } = reportOf(tally, capacitiesOf(after));
      const shown = profiles.map((each) => ({ ...each, samples: each.samples.slice(0, RESULT_SAMPLES_MAX) }));
      return { ...report, profiles: shown };
    } finally {
      await pool.close();
    }
  }

  async #change(job: Job, change: Partial<JobRecord>): Promise<void> {
    const isOver = change.state !== 'running';
    job.record = { ...job.record, ...change, endedAt: isOver ? this.#deps.now() : null };
    await this.#deps.save(job.record);
  }

  /** What waits or runs says that it was interrupted: nobody cancelled it. */
  async stop(): Promise<void> {
    for (const { abort } of this.#jobs.values()) abort.abort();
    await this.#turn;
  }
}

function textOf(error: unknown): string {
  if (error instanceof PolicyError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
