import { availableParallelism } from 'node:os';
import { WORKER_DEADLINE_MS } from '../limits.ts';
import { bundleVersion, type PolicyBundle } from '../profiles/bundle.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { builtWorker } from './built-worker.ts';
import { Consumer } from './consumer.ts';
import { Dispatcher } from './dispatcher.ts';
import { ensureDrawKeys } from './draw-key.ts';
import { type EngineObserver, SILENT } from './observer.ts';
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

/** What an engine waits for: that streams and ledger agree; that the read models follow the streams. */
type Hold = 'streams' | 'read_models';

/**
 * Takes declarations from the stream, decides them in threads, publishes the decisions. Any number of engines share
 * the work. It decides nothing before it has a policy.
 */
export interface Engine {
  /**
   * Prepares this policy in threads of its own (compiled, its tests run), then swaps between batches. The same
   * version again does nothing. @throws PolicyError; the policy of before stays.
   */
  activate(bundle: PolicyBundle): Promise<void>;
  policyVersion(): string | null;
  state(): EngineState;
  /** Takes and starts nothing until `resume` has been called for every reason; what runs goes on. */
  pause(why?: Hold): void;
  resume(why?: Hold): void;
  /** Gives back what has not begun, finishes the rest, ends the threads. */
  stop(): Promise<void>;
}

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
  private consumer: Consumer | null = null;
  private readonly holds = new Set<Hold>();
  private stopped = false;
  /** Activations and the stop follow one another. */
  private turn: Promise<unknown> = Promise.resolve();
  private closing: Promise<void>[] = [];
  private ending: Promise<void> | null = null;

  constructor(options: EngineOptions) {
    this.options = options;
    this.observer = { ...SILENT, ...options.observer };
    this.threads = options.threads ?? Math.max(1, availableParallelism() - 1);
    this.dispatcher = new Dispatcher(this.observer);
  }

  activate(bundle: PolicyBundle): Promise<void> {
    const activation = this.turn.then(() => this.swap(bundle));
    this.turn = activation.catch(() => undefined);
    return activation;
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
    this.holds.delete(why);
    if (this.holds.size === 0) this.consumer?.resume();
  }

  stop(): Promise<void> {
    this.stopped = true;
    this.ending ??= this.end();
    return this.ending;
  }

  private async end(): Promise<void> {
    await this.turn;
    await this.consumer?.stop();
    this.dispatcher.swap(null);
    if (this.pool !== null) this.closing.push(this.pool.close());
    await Promise.all(this.closing);
  }

  private async swap(bundle: PolicyBundle): Promise<void> {
    if (this.stopped || this.pool?.version === bundleVersion(bundle)) return;
    const begun = performance.now();
    const { modelsDir, keysFile, conn, deadlineMs = WORKER_DEADLINE_MS } = this.options;
    const pool = await PolicyPool.open({
      bundle,
      modelsDir,
      keysFile,
      by: conn.name,
      threads: this.threads,
      deadlineMs,
      worker: this.options.worker ?? builtWorker('evaluate'),
      onTrouble: (error) => this.observer.trouble({ where: 'thread', error }),
    });
    this.pool = pool;
    const before = this.dispatcher.swap(pool);
    if (before !== null) this.retire(before);
    this.observer.activated({ policyVersion: pool.version, prepareMs: performance.now() - begun });
    this.consumer ??= this.startConsumer();
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
