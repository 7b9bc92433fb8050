import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { PolicyError } from '../profiles/problems.ts';
import { type ChallengerPlan, type PolicyPlan, planKey } from './plan.ts';
import type { EvaluateResult, EvaluateTask, ThreadData, ThreadPlan, ThreadReport, ToThreads } from './protocol.ts';
import { threadOptions } from './thread-options.ts';
import { type Culprit, Watchdog } from './watchdog.ts';

export interface PoolOptions {
  readonly plan: PolicyPlan;
  readonly modelsDir: string;
  readonly keysFile: string;
  readonly by: string;
  readonly threads: number;
  readonly deadlineMs: number;
  /** Built file of the thread's entry point. */
  readonly worker: string;
  /** A thread of a running pool could not prepare itself. */
  readonly onTrouble: (error: unknown) => void;
}

/** The thread that ran the task was killed over its deadline, or ended by itself. */
export class TaskLost extends Error {
  readonly how: 'killed' | 'crashed';
  /** Null: the task waited its turn in a thread that was lost over another one. */
  readonly culprit: Culprit | null;

  constructor(how: 'killed' | 'crashed', culprit: Culprit | null, cause: unknown) {
    super(`a thread was lost: ${how}`, { cause });
    this.name = 'TaskLost';
    this.how = how;
    this.culprit = culprit;
  }
}

/** Tasks that one thread may have: the one it runs and one that waits, so that it is never idle in between. */
export const TASKS_PER_THREAD = 2;

const PREPARE_DEADLINE_MS = 60_000;
const CLOSE_DEADLINE_MS = 2000;
const DRAIN_DEADLINE_MS = 10_000;

/**
 * The threads of one plan. A policy never changes under a thread that decides: a new version is prepared in another pool
 * beside it, so that no batch waits for a compilation and none is decided under two versions. A pool that is done with
 * its plan is prepared for another one, since its threads have everything loaded and their compiler is warm.
 */
export class PolicyPool {
  readonly threads: number;
  private readonly piscina: Piscina<EvaluateTask, EvaluateResult>;
  private readonly watchdog: Watchdog;
  private readonly channel: BroadcastChannel;
  private readonly running = new Map<number, { abort: AbortController; culprit: Culprit | null }>();
  private readonly options: PoolOptions;
  private described: { version: string; profiles: readonly string[] } = { version: '', profiles: [] };
  /** Handed to threads that start, too; `readonly` for those. */
  private readonly data: { -readonly [K in keyof ThreadData]: ThreadData[K] };
  private isPrepared = false;
  private closed = 0;
  private onReport: (report: ThreadReport) => void = () => undefined;

  /** @throws PolicyError where the policy is refused, Error where its threads cannot start. */
  static async open(options: PoolOptions): Promise<PolicyPool> {
    const pool = new PolicyPool(options);
    try {
      await pool.reported();
      return pool;
    } catch (error) {
      await pool.destroy();
      throw error;
    }
  }

  private constructor(options: PoolOptions) {
    this.options = options;
    this.threads = options.threads;
    const channel = `corridor-engine-${randomUUID()}`;
    const { plan, modelsDir, keysFile, by } = options;
    this.data = { ...threadPlanOf(plan), modelsDir, keysFile, by, channel };
    this.piscina = new Piscina<EvaluateTask, EvaluateResult>({
      filename: options.worker,
      name: 'default',
      minThreads: options.threads,
      maxThreads: options.threads,
      idleTimeout: 0,
      maxQueue: options.threads * TASKS_PER_THREAD * 4,
      concurrentTasksPerWorker: 8,
      atomics: 'disabled',
      stricterFIFO: true,
      niceIncrement: 0,
      trackUnmanagedFds: true,
      closeTimeout: DRAIN_DEADLINE_MS,
      recordTiming: false,
      workerHistogram: false,
      execArgv: threadOptions(),
      workerData: this.data,
    });
    this.channel = new BroadcastChannel(channel);
    this.channel.unref();
    this.watchdog = new Watchdog(options.deadlineMs, (task, culprit) => this.kill(task, culprit));
    this.piscina.on('message', (report: ThreadReport) => this.receive(report));
    this.piscina.on('error', (error) => options.onTrouble(error));
  }

  /** Of the plan that it is prepared for; null where it refused the last one. */
  get key(): string | null {
    return this.isPrepared ? this.data.key : null;
  }

  get version(): string {
    return this.described.version;
  }

  /** Id of the profile at this index of a thread's progress, or null. */
  profileAt(index: number): string | null {
    return this.described.profiles[index] ?? null;
  }

  /** @throws TaskLost */
  async run(task: EvaluateTask): Promise<EvaluateResult> {
    const entry = { abort: new AbortController(), culprit: null as Culprit | null };
    this.running.set(task.id, entry);
    try {
      return await this.piscina.run(task, {
        transferList: [task.bytes.buffer as ArrayBuffer],
        signal: entry.abort.signal,
      });
    } catch (error) {
      if (entry.culprit !== null) throw new TaskLost('killed', entry.culprit, error);
      throw new TaskLost('crashed', this.watchdog.lastSeen(task.id), error);
    } finally {
      this.running.delete(task.id);
    }
  }

  /**
   * For another plan, when the tasks under way are done; nobody may give it more until this resolves.
   * @throws PolicyError where the policy is refused: it may be tried with another one then.
   */
  async prepare(plan: PolicyPlan): Promise<void> {
    await this.drained();
    Object.assign(this.data, threadPlanOf(plan));
    this.tell();
    await this.reported();
  }

  /** When the tasks under way are done: threads close what they hold, then end. */
  async close(): Promise<void> {
    await this.drained();
    await this.destroy();
  }

  private async drained(): Promise<void> {
    const until = Date.now() + DRAIN_DEADLINE_MS;
    while (this.running.size > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  private tell(): void {
    const { key, files, challenger } = this.data;
    const plan: ToThreads = { key, files, challenger };
    this.channel.postMessage(plan);
  }

  private async destroy(): Promise<void> {
    const toClose = this.watchdog.watched();
    if (toClose > 0) {
      const allClosed = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CLOSE_DEADLINE_MS);
        this.onReport = () => {
          if (this.closed < toClose) return;
          clearTimeout(timer);
          resolve();
        };
      });
      this.channel.postMessage('close');
      await allClosed;
    }
    this.watchdog.close();
    await this.piscina.destroy();
    this.channel.close();
  }

  /** Until every thread has reported, whatever the first one says: none is ended while it still loads. */
  private reported(): Promise<void> {
    let refused: Error | null = null;
    const threads = new Set<number>();
    this.isPrepared = false;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(new Error('the policy was not prepared in time')), PREPARE_DEADLINE_MS);
      const settle = (error: Error | null): void => {
        clearTimeout(timer);
        this.onReport = () => undefined;
        this.piscina.off('error', settle);
        this.isPrepared = error === null;
        if (error === null) resolve();
        else reject(error);
      };
      this.onReport = (report) => {
        if (report.kind === 'refused') refused ??= refusal(report);
        threads.add(report.thread);
        if (threads.size >= this.threads) settle(refused);
      };
      this.piscina.once('error', settle);
    });
  }

  private receive(report: ThreadReport): void {
    if (report.kind !== 'closed' && report.key !== this.data.key) {
      // It began before it could be told of this plan.
      this.tell();
      return;
    }
    if (report.kind === 'prepared') {
      this.described = { version: report.version, profiles: report.profiles };
      this.watchdog.watch(report.thread, report.progress, report.kernelThread);
    } else if (report.kind === 'closed') {
      this.closed++;
    } else if (this.isPrepared) {
      this.options.onTrouble(refusal(report));
    }
    this.onReport(report);
  }

  private kill(task: number, culprit: Culprit): void {
    const entry = this.running.get(task);
    if (entry === undefined) return;
    entry.culprit = culprit;
    entry.abort.abort();
  }
}

function threadPlanOf(plan: PolicyPlan): ThreadPlan {
  return { key: planKey(plan), files: plan.bundle.files, challenger: plan.challenger && challengerOf(plan.challenger) };
}

function challengerOf({ bundle, percent, launch }: ChallengerPlan): ThreadPlan['challenger'] {
  return { files: bundle.files, percent, launch };
}

function refusal({ problems, message }: Extract<ThreadReport, { kind: 'refused' }>): Error {
  return problems === null ? new Error(message) : new PolicyError(problems);
}
