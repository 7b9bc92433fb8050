import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { PolicyError } from '../profiles/problems.ts';
import { type ChallengerPlan, type PolicyPlan, planKey } from './plan.ts';
import type { EvaluateResult, EvaluateTask, ThreadData, ThreadReport } from './protocol.ts';
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
 * The threads of one plan. A policy never changes under a thread: a new version gets a pool of its own,
 * prepared beside the old one, so that no batch waits for a compilation and none is decided under two versions.
 */
export class PolicyPool {
  readonly threads: number;
  /** Of its plan. */
  readonly key: string;
  private readonly piscina: Piscina<EvaluateTask, EvaluateResult>;
  private readonly watchdog: Watchdog;
  private readonly channel: BroadcastChannel;
  private readonly running = new Map<number, { abort: AbortController; culprit: Culprit | null }>();
  private readonly options: PoolOptions;
  private described: { version: string; profiles: readonly string[] } = { version: '', profiles: [] };
  private prepared = 0;
  private closed = 0;
  private onReport: (report: ThreadReport) => void = () => undefined;

  /** @throws PolicyError where the policy is refused, Error where its threads cannot start. */
  static async open(options: PoolOptions): Promise<PolicyPool> {
    const pool = new PolicyPool(options);
    try {
      await pool.prepare();
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
    const { files } = plan.bundle;
    const challenger = plan.challenger && challengerData(plan.challenger);
    const workerData: ThreadData = { files, challenger, modelsDir, keysFile, by, channel };
    this.key = planKey(plan);
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
      workerData,
    });
    this.channel = new BroadcastChannel(channel);
    this.channel.unref();
    this.watchdog = new Watchdog(options.deadlineMs, (task, culprit) => this.kill(task, culprit));
    this.piscina.on('message', (report: ThreadReport) => this.receive(report));
    this.piscina.on('error', (error) => options.onTrouble(error));
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

  /** When the tasks under way are done: threads close what they hold, then end. */
  async close(): Promise<void> {
    const drained = Date.now() + DRAIN_DEADLINE_MS;
    while (this.running.size > 0 && Date.now() < drained) await new Promise((resolve) => setTimeout(resolve, 10));
    await this.destroy();
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
  private prepare(): Promise<void> {
    let refused: Error | null = null;
    let refusals = 0;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the policy was not prepared in time')), PREPARE_DEADLINE_MS);
      const settle = (error: Error | null): void => {
        clearTimeout(timer);
        this.onReport = () => undefined;
        if (error === null) resolve();
        else reject(error);
      };
      this.onReport = (report) => {
        if (report.kind === 'refused') {
          refusals++;
          refused ??= refusal(report);
        }
        if (this.prepared + refusals >= this.threads) settle(refused);
      };
      this.piscina.once('error', settle);
    });
  }

  private receive(report: ThreadReport): void {
    if (report.kind === 'prepared') {
      this.prepared++;
      this.described = { version: report.version, profiles: report.profiles };
      this.watchdog.watch(report.thread, report.progress);
    } else if (report.kind === 'closed') {
      this.closed++;
    } else if (this.prepared >= this.threads) {
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

function challengerData({ bundle, percent, launch }: ChallengerPlan): ThreadData['challenger'] {
  return { files: bundle.files, percent, launch };
}

function refusal({ problems, message }: Extract<ThreadReport, { kind: 'refused' }>): Error {
  return problems === null ? new Error(message) : new PolicyError(problems);
}
