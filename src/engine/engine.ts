import { availableParallelism } from 'node:os';
import { WORKER_DEADLINE_MS } from '../limits.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { PolicyError } from '../profiles/problems.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { builtWorker } from './built-worker.ts';
import { Consumer } from './consumer.ts';
import { Dispatcher } from './dispatcher.ts';
import { ensureDrawKeys } from './draw-key.ts';
import { type EngineObserver, SILENT } from './observer.ts';
import { type ChallengerPlan, type PolicyPlan, planKey } from './plan.ts';
import { PolicyPool, TASKS_PER_THREAD } from './pool.ts';

export interface EngineOptions {
  readonly conn: StreamConnection;
  /** Folder of the read models. */
  readonly modelsDir: string;
  /** File of the draw's keys; created where missing. */
  readonly keysFile: string;
  /** Threads that decide; by default one less than the machine has, at least one. */
  readonly threads?: number;
  readonly observer?: Partial<EngineObserver>;
  /** How long a thread may take over one batch. */
  readonly deadlineMs?: number;
  /** Built file of the threads' entry point. */
  readonly worker?: string;
}

export interface EngineState {
  /** Null: no policy yet, nothing is decided. */
  readonly policyVersion: string | null;
  /** Whether it takes declarations from the stream now. */
  readonly consuming: boolean;
  readonly threads: number;
  /** Messages that wait for a thread. */
  readonly queued: number;
}

/**
 * What an engine waits for: that streams and ledger agree; that the read models follow the streams; that its policy is
 * known to be the newest.
 */
type Hold = 'streams' | 'read_models' | 'policy';

/**
 * Takes declarations from the stream, decides them in threads, publishes the decisions. Any number of engines share
 * the work. It decides nothing before it has a policy.
 */
export interface Engine {
  /**
   * Prepares this policy in threads of its own (compiled, its tests run), where that has not been done, then swaps
   * between batches. The same again does nothing. @throws PolicyError; the policy of before stays.
   */
  activate(bundle: PolicyBundle, challenger?: ChallengerPlan | null): Promise<void>;
  /** As far as `activate` goes before it swaps; in place of what was prepared before. @throws PolicyError */
  prepare(plan: PolicyPlan): Promise<void>;
  policyVersion(): string | null;
  state(): EngineState;
  /** Takes and starts nothing until `resume` has been called for every reason; what runs goes on. */
  pause(why?: Hold): void;
  resume(why?: Hold): void;
  isHeld(why: Hold): boolean;
  /** Gives back what has not begun, finishes the rest, ends the threads. */
  stop(): Promise<void>;
}

/** When a service that has just begun has found its pace. */
const STANDBY_AFTER_MS = 10_000;

export function createEngine(options: EngineOptions): Engine {
  ensureDrawKeys(options.keysFile);
  return new RunningEngine(options);
}

class RunningEngine implements Engine {
  private readonly options: EngineOptions;
  private readonly observer: EngineObserver;
  private readonly threads: number;
  private readonly dispatcher: Dispatcher;
  private pool: PolicyPool | null = null;
  /** Beside the one that decides: what may be activated next is prepared in it. */
  private spare: PolicyPool | null = null;
  private standby: NodeJS.Timeout | undefined;
  private consumer: Consumer | null = null;
  private readonly holds = new Set<Hold>();
  private stopped = false;
  /** Preparations, activations and the stop follow one another. */
  private turn: Promise<unknown> = Promise.resolve();
  private closing: Promise<void>[] = [];
  private ending: Promise<void> | null = null;

  constructor(options: EngineOptions) {
    this.options = options;
    this.observer = { ...SILENT, ...options.observer };
    this.threads = options.threads ?? Math.max(1, availableParallelism() - 1);
    this.dispatcher = new Dispatcher(this.observer);
  }

  activate(bundle: PolicyBundle, challenger: ChallengerPlan | null = null): Promise<void> {
    return this.next(() => this.swap({ bundle, challenger }));
  }

  prepare(plan: PolicyPlan): Promise<void> {
    return this.next(async () => {
      if (!this.stopped && this.pool?.key !== planKey(plan)) await this.prepared(plan);
    });
  }

  private next(act: () => Promise<void>): Promise<void> {
    const done = this.turn.then(act);
    this.turn = done.catch(() => undefined);
    return done;
  }

  policyVersion(): string | null {
    return this.pool?.version ?? null;
  }

  state(): EngineState {
    return {
      policyVersion: this.policyVersion(),
      consuming: this.consumer?.consuming() ?? false,
      threads: this.threads,
      queued: this.dispatcher.depth(),
    };
  }

  pause(why: Hold = 'streams'): void {
    this.holds.add(why);
    this.consumer?.pause();
  }

  resume(why: Hold = 'streams'): void {
    // Where nothing was held nothing begins anew: what is on its way to a consumer that does would come late.
    if (this.holds.delete(why) && this.holds.size === 0) this.consumer?.resume();
  }

  isHeld(why: Hold): boolean {
    return this.holds.has(why);
  }

  stop(): Promise<void> {
    this.stopped = true;
    this.ending ??= this.end();
    return this.ending;
  }

  private async end(): Promise<void> {
    await this.turn;
    await this.consumer?.stop();
    clearTimeout(this.standby);
    this.dispatcher.swap(null);
    for (const pool of [this.pool, this.spare]) if (pool !== null) this.retire(pool);
    await Promise.all(this.closing);
  }

  private async swap(plan: PolicyPlan): Promise<void> {
    const key = planKey(plan);
    if (this.stopped || this.pool?.key === key) return;
    const begun = performance.now();
    const pool = await this.prepared(plan);
    this.pool = pool;
    this.spare = this.dispatcher.swap(pool);
    if (this.spare === null) this.standBy(plan);
    this.observer.activated({ policyVersion: pool.version, prepareMs: performance.now() - begun });
    this.consumer ??= this.startConsumer();
  }

  private open(plan: PolicyPlan): Promise<PolicyPool> {
    const { modelsDir, keysFile, conn, deadlineMs = WORKER_DEADLINE_MS } = this.options;
    return PolicyPool.open({
      plan,
      modelsDir,
      keysFile,
      by: conn.name,
      threads: this.threads,
      deadlineMs,
      worker: this.options.worker ?? builtWorker('evaluate'),
      onTrouble: (error) => this.observer.trouble({ where: 'thread', error }),
    });
  }

  /** The spare pool, ready for this plan. */
  private async prepared(plan: PolicyPlan): Promise<PolicyPool> {
    if (this.spare?.key === planKey(plan)) return this.spare;
    try {
      if (this.spare === null) this.spare = await this.open(plan);
      else await this.spare.prepare(plan);
      return this.spare;
    } catch (error) {
      if (!(error instanceof PolicyError)) this.dropSpare();
      throw error;
    }
  }

  /** The first spare pool, of the same policy, so that the next version finds threads with everything loaded. */
  private standBy(plan: PolicyPlan): void {
    const open = async (): Promise<void> => {
      if (!this.stopped) this.spare ??= await this.open(plan);
    };
    this.standby = setTimeout(() => {
      this.next(open).catch((error: unknown) => this.observer.trouble({ where: 'thread', error }));
    }, STANDBY_AFTER_MS).unref();
  }

  private dropSpare(): void {
    if (this.spare !== null) this.retire(this.spare);
    this.spare = null;
  }

  private startConsumer(): Consumer {
    const capacity = this.threads * TASKS_PER_THREAD * 4;
    const consumer = new Consumer(this.options.conn, this.dispatcher, this.observer, capacity);
    if (this.holds.size > 0) consumer.pause();
    return consumer;
  }

  private retire(pool: PolicyPool): void {
    const closed = pool.close().catch((error: unknown) => this.observer.trouble({ where: 'thread', error }));
    this.closing.push(closed);
    void closed.then(() => {
      this.closing = this.closing.filter((each) => each !== closed);
    });
  }
}
