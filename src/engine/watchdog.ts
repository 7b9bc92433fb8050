import { elapsedSince, IDLE, NO_PROFILE, PROGRESS, profileAtWork } from './protocol.ts';
import { cpuMsOf } from './thread-cpu.ts';

/** Who was at work when a thread had to be killed, or fell. */
export interface Culprit {
  readonly message: number;
  readonly entry: number;
  /** Index of the profile that took most of the time; -1 outside of any. */
  readonly profile: number;
  /** False: the batch as a whole took too long, its current entry had only just begun. */
  readonly certain: boolean;
}

interface Watched {
  readonly progress: Int32Array;
  readonly kernelThread: number | null;
  task: number;
  /** Its time on a processor, in milliseconds, when the task, and the current entry, were first seen; null: not known. */
  cpuAtTask: number | null;
  cpuAtEntry: number | null;
  /** What the samples of the current entry saw: profile → how often. */
  samples: Map<number, number>;
  sampled: string;
}

/** Looks this many times per deadline. */
const SAMPLES_PER_DEADLINE = 20;
/** An entry is to blame only when it was seen at work this often … */
const SAMPLES_MIN = 5;
/** A thread that gets no processor is not to blame; after so many deadlines it is ended all the same. */
const STALLED_DEADLINES = 6;

/**
 * Reads what the threads write about their progress. It runs in the main thread, so a thread in an endless loop is
 * seen. It blames an entry and a profile only by several samples, and by time on a processor where the kernel tells
 * that of a thread, so that a slow or busy machine does not make culprits.
 */
export class Watchdog {
  private readonly deadlineMs: number;
  private readonly overdue: (task: number, culprit: Culprit) => void;
  private readonly threads = new Map<number, Watched>();
  private timer: NodeJS.Timeout | null = null;

  constructor(deadlineMs: number, overdue: (task: number, culprit: Culprit) => void) {
    this.deadlineMs = deadlineMs;
    this.overdue = overdue;
  }

  watch(thread: number, progress: SharedArrayBuffer, kernelThread: number | null): void {
    const nothing = { task: IDLE, cpuAtTask: null, cpuAtEntry: null, samples: new Map(), sampled: '' };
    this.threads.set(thread, { progress: new Int32Array(progress), kernelThread, ...nothing });
    this.timer ??= setInterval(() => this.look(), Math.ceil(this.deadlineMs / SAMPLES_PER_DEADLINE)).unref();
  }

  /** What the thread that ran this task was at; null where no thread had begun it. Forgets the thread. */
  lastSeen(task: number): Culprit | null {
    for (const [thread, watched] of this.threads) {
      if (Atomics.load(watched.progress, PROGRESS.task) !== task) continue;
      this.threads.delete(thread);
      return this.culpritOf(watched);
    }
    return null;
  }

  /** Threads that are known to live. */
  watched(): number {
    return this.threads.size;
  }

  close(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.threads.clear();
  }

  private look(): void {
    for (const [thread, watched] of this.threads) {
      const task = Atomics.load(watched.progress, PROGRESS.task);
      if (task === IDLE) continue;
      this.sample(task, watched);
      const elapsedMs = elapsedSince(Atomics.load(watched.progress, PROGRESS.startedAt));
      if (elapsedMs <= this.deadlineMs) continue;
      const workedMs = since(watched.cpuAtTask, watched) ?? elapsedMs;
      if (workedMs <= this.deadlineMs && elapsedMs <= this.deadlineMs * STALLED_DEADLINES) continue;
      this.threads.delete(thread);
      this.overdue(task, this.culpritOf(watched));
    }
  }

  private sample(task: number, watched: Watched): void {
    const { progress } = watched;
    const key = `${task} ${Atomics.load(progress, PROGRESS.message)} ${Atomics.load(progress, PROGRESS.entry)}`;
    if (key !== watched.sampled) {
      watched.sampled = key;
      watched.samples = new Map();
      watched.cpuAtEntry = cpuMsOf(watched.kernelThread);
      if (task !== watched.task) watched.cpuAtTask = watched.cpuAtEntry;
      watched.task = task;
    }
    const profile = profileAtWork(progress);
    watched.samples.set(profile, (watched.samples.get(profile) ?? 0) + 1);
  }

  private culpritOf(watched: Watched): Culprit {
    const { progress, samples } = watched;
    let profile = profileAtWork(progress);
    let most = 0;
    let seen = 0;
    for (const [candidate, count] of samples) {
      seen += count;
      if (count > most) {
        most = count;
        profile = candidate;
      }
    }
    const entryMs = since(watched.cpuAtEntry, watched) ?? elapsedSince(Atomics.load(progress, PROGRESS.entryStartedAt));
    const entry = Atomics.load(progress, PROGRESS.entry);
    return {
      message: Atomics.load(progress, PROGRESS.message),
      entry,
      profile: profile >= 0 ? profile : NO_PROFILE,
      certain: entry >= 0 && seen >= SAMPLES_MIN && entryMs > this.deadlineMs / 2,
    };
  }
}

/** Milliseconds on a processor since then; null where they are not known. */
function since(cpuThenMs: number | null, { kernelThread }: Watched): number | null {
  const now = cpuThenMs === null ? null : cpuMsOf(kernelThread);
  return now === null || cpuThenMs === null ? null : now - cpuThenMs;
}
