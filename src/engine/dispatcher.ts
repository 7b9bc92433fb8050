import { BATCH_BYTES_MAX, BATCH_DECLARATIONS_MAX, PROFILE_STRIKES_MAX } from '../limits.ts';
import type { EngineObserver } from './observer.ts';
import { type PolicyPool, TASKS_PER_THREAD, TaskLost } from './pool.ts';
import type { Mark, MessageAnswer } from './protocol.ts';
import type { Culprit } from './watchdog.ts';

/** One DECLARATIONS message on its way through the pool. */
export interface Job {
  readonly data: Uint8Array;
  readonly sequence: number;
  /** Entries in it, as its publisher says. */
  readonly count: number;
  readonly settle: (answer: MessageAnswer) => void;
  /** It could not be decided; nothing is known against any entry of it. */
  readonly abandon: (reason: string) => void;
}

/** A job and what has been learned about it. */
interface Work {
  readonly job: Job;
  readonly queuedAt: number;
  /** Attempts that failed without a culprit. */
  failures: number;
  readonly marks: Map<number, EntryMark>;
  /** After a failure it runs by itself. */
  alone: boolean;
}

interface EntryMark {
  readonly suspended: Set<string>;
  quarantine: string | null;
  kills: number;
  crashes: number;
}

/** Kills over one entry, by whatever profiles, before it is set aside. */
const KILLS_MAX = 4;
const CRASHES_MAX = 2;
const FAILURES_MAX = 3;

/**
 * Natural batching towards the threads: a message goes at once while a thread has room; what arrives meanwhile is
 * joined, up to the size of a batch. A task that is lost with its thread is run again message by message, with what
 * is known against its entries, so that a culprit costs its own message only.
 */
export class Dispatcher {
  private readonly observer: EngineObserver;
  private pool: PolicyPool | null = null;
  private queue: Work[] = [];
  private inFlight = 0;
  private tasks = 0;
  private held = false;
  private strikes = new Map<string, number>();
  private suspended: string[] = [];

  constructor(observer: EngineObserver) {
    this.observer = observer;
  }

  /** Messages that wait for a thread. */
  depth(): number {
    return this.queue.length;
  }

  add(job: Job): void {
    this.queue.push({ job, queuedAt: performance.now(), failures: 0, marks: new Map(), alone: false });
    this.dispatch();
  }

  /** From the next task on; gives back the pool of before. Profiles suspended under it get another chance. */
  swap(pool: PolicyPool | null): PolicyPool | null {
    const before = this.pool;
    this.pool = pool;
    this.strikes = new Map();
    this.suspended = [];
    this.dispatch();
    return before;
  }

  hold(): void {
    this.held = true;
  }

  resume(): void {
    this.held = false;
    this.dispatch();
  }

  /** Gives up what waits; what runs goes on. */
  drop(): Job[] {
    const dropped = this.queue.map(({ job }) => job);
    this.queue = [];
    return dropped;
  }

  private dispatch(): void {
    const { pool } = this;
    if (pool === null || this.held) return;
    while (this.queue.length > 0 && this.inFlight < pool.threads * TASKS_PER_THREAD) void this.run(pool, this.take());
  }

  private take(): Work[] {
    let declarations = 0;
    let bytes = 0;
    let taken = 0;
    for (const { job, alone } of this.queue) {
      declarations += job.count;
      bytes += job.data.byteLength;
      if (taken > 0 && (alone || declarations > BATCH_DECLARATIONS_MAX || bytes > BATCH_BYTES_MAX)) break;
      taken++;
      if (alone) break;
    }
    return this.queue.splice(0, taken);
  }

  private async run(pool: PolicyPool, works: Work[]): Promise<void> {
    this.inFlight++;
    const begun = performance.now();
    try {
      const { answers, tally, elapsedMs } = await pool.run({ id: this.nextTask(), ...this.contentOf(works) });
      const queuedMs = begun - Math.min(...works.map(({ queuedAt }) => queuedAt));
      this.observer.evaluated({ messages: works.length, tally, elapsedMs, queuedMs });
      for (const [index, { job }] of works.entries()) {
        const answer = answers[index];
        if (answer === undefined) job.abandon('the thread did not answer it');
        else job.settle(answer);
      }
    } catch (error) {
      this.recover(pool, works, error);
    } finally {
      this.inFlight--;
      this.dispatch();
    }
  }

  /** Task ids fit into a slot of the progress and are never 0. */
  private nextTask(): number {
    this.tasks = (this.tasks % 0x3fff_ffff) + 1;
    return this.tasks;
  }

  private contentOf(works: readonly Work[]): {
    bytes: Uint8Array;
    ends: number[];
    suspended: readonly string[];
    marks: Mark[];
  } {
    const bytes = new Uint8Array(works.reduce((sum, { job }) => sum + job.data.byteLength, 0));
    const ends: number[] = [];
    const marks: Mark[] = [];
    let end = 0;
    for (const [message, work] of works.entries()) {
      bytes.set(work.job.data, end);
      end += work.job.data.byteLength;
      ends.push(end);
      for (const [entry, { suspended, quarantine }] of work.marks) {
        marks.push({ message, entry, suspended: [...suspended], quarantine });
      }
    }
    return { bytes, ends, suspended: this.suspended, marks };
  }

  /** Notes what is known against whom, then puts the messages back in front, each by itself. */
  private recover(pool: PolicyPool, works: Work[], error: unknown): void {
    const lost = error instanceof TaskLost ? error : null;
    const culprit = lost?.culprit ?? null;
    const guilty = culprit === null ? undefined : works[culprit.message];
    if (lost?.how === 'killed') {
      this.observer.killed({ declaration: culprit?.certain ?? false, profile: (culprit?.profile ?? -1) >= 0 });
    } else if (culprit !== null || lost === null) {
      this.observer.crashed({ reason: String(lost?.cause ?? error) });
    }
    if (lost?.how === 'killed' && culprit?.certain && guilty) this.blame(pool, guilty, culprit);
    else if (lost?.how === 'crashed' && culprit !== null && culprit.entry >= 0 && guilty) this.suspect(guilty, culprit);
    else if (guilty !== undefined) guilty.failures++;
    else if (works.length === 1 || lost?.how !== 'crashed') for (const work of works) work.failures++;
    this.requeue(works);
  }

  private requeue(works: readonly Work[]): void {
    const again: Work[] = [];
    for (const work of works) {
      work.alone = true;
      if (work.failures >= FAILURES_MAX) work.job.abandon('no thread could decide it');
      else again.push(work);
    }
    this.queue.unshift(...again);
  }

  /** Over the deadline: the profile may not run for this declaration, and after some strikes for none. */
  private blame(pool: PolicyPool, { marks }: Work, { entry, profile }: Culprit): void {
    const mark = markOf(marks, entry);
    const id = pool.profileAt(profile);
    mark.kills++;
    if (id === null) {
      mark.quarantine = 'it takes longer than the deadline to evaluate';
    } else if (mark.suspended.has(id) || mark.kills >= KILLS_MAX) {
      mark.quarantine = 'its profiles take longer than the deadline to evaluate';
    } else {
      mark.suspended.add(id);
      if (pool === this.pool) this.strike(pool, id);
    }
  }

  private strike(pool: PolicyPool, profile: string): void {
    const strikes = (this.strikes.get(profile) ?? 0) + 1;
    this.strikes.set(profile, strikes);
    if (strikes !== PROFILE_STRIKES_MAX) return;
    this.suspended = [...this.suspended, profile].sort();
    this.observer.suspended({ policyVersion: pool.version });
  }

  /** A thread fell over this entry; once may be chance. */
  private suspect({ marks }: Work, { entry }: Culprit): void {
    const mark = markOf(marks, entry);
    mark.crashes++;
    if (mark.crashes >= CRASHES_MAX) mark.quarantine = 'evaluating it made a thread crash, twice';
  }
}

function markOf(marks: Map<number, EntryMark>, entry: number): EntryMark {
  const known = marks.get(entry);
  if (known !== undefined) return known;
  const mark: EntryMark = { suspended: new Set(), quarantine: null, kills: 0, crashes: 0 };
  marks.set(entry, mark);
  return mark;
}
