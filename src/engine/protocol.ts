import type { Corridor } from '../core/corridor.ts';
import type { Target } from '../core/profile.ts';
import type { Challenger } from '../core/share.ts';
import type { PolicyProblem } from '../profiles/problems.ts';

/** What the engine and its threads say to each other. Bytes travel by transfer, several messages in one buffer. */

/** What a thread decides by: it compiles it before it takes work. */
export interface ThreadPlan {
  /** Tells it from other plans. */
  readonly key: string;
  readonly files: Readonly<Record<string, string>>;
  /** Sources of the policy that decides a share of the declarations, if one does. */
  readonly challenger: (Omit<Challenger, 'policy'> & { readonly files: Readonly<Record<string, string>> }) | null;
}

/** Handed to every thread at its start. */
export interface ThreadData extends ThreadPlan {
  readonly modelsDir: string;
  readonly keysFile: string;
  /** Name of the process, for the envelopes. */
  readonly by: string;
  /** Name of the BroadcastChannel on which the threads are told of another plan, or to close. */
  readonly channel: string;
}

export type ToThreads = ThreadPlan | 'close';

export interface EvaluateTask {
  /** Above 0. */
  readonly id: number;
  /** Payloads of DECLARATIONS messages, one behind the other. */
  readonly bytes: Uint8Array;
  /** Where each of them ends. */
  readonly ends: readonly number[];
  /** Profiles that run for no declaration. */
  readonly suspended: readonly string[];
  readonly marks: readonly Mark[];
}

/** One entry that did harm in an earlier attempt. */
export interface Mark {
  readonly message: number;
  readonly entry: number;
  /** Profiles that may not run for it. */
  readonly suspended: readonly string[];
  /** Not null: set it aside, for this reason. */
  readonly quarantine: string | null;
}

/** An entry that could not be decided, to be kept on QUARANTINE. */
export interface HeldEntry {
  readonly index: number;
  readonly reason: string;
  readonly bytes: Uint8Array;
}

/** What became of one DECLARATIONS message. */
export type MessageAnswer =
  | {
      readonly readable: true;
      /** Sealed `decisions.made` envelopes: one, or more where they would not fit into one message. */
      readonly parts: readonly Uint8Array[];
      readonly held: readonly HeldEntry[];
    }
  | { readonly readable: false; readonly reason: string };

export interface Tally {
  readonly decisions: readonly { readonly corridor: Corridor; readonly office: string; readonly count: number }[];
  readonly hits: readonly { readonly target: Target; readonly count: number }[];
  readonly faults: readonly { readonly target: Target; readonly count: number }[];
}

export interface EvaluateResult {
  /** In the order of the task's messages. */
  readonly answers: readonly MessageAnswer[];
  readonly tally: Tally;
  readonly elapsedMs: number;
}

/** What a thread reports by itself. */
export type ThreadReport =
  | {
      readonly kind: 'prepared';
      readonly thread: number;
      /** Of the plan. */
      readonly key: string;
      readonly version: string;
      readonly progress: SharedArrayBuffer;
      /** Null where the kernel does not say. */
      readonly kernelThread: number | null;
      /** Ids by the index that the progress names, those of a challenger behind. */
      readonly profiles: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly thread: number;
      readonly key: string;
      readonly problems: readonly PolicyProblem[] | null;
      readonly message: string;
    }
  | { readonly kind: 'closed'; readonly thread: number };

/**
 * Slots of a thread's progress, which the watchdog reads while the thread works. Times are Date.now(), low 32 bits.
 * `profile` and `challenger`: index of the profile at work in its own policy; `profiles`: how many the first one has.
 */
export const PROGRESS = {
  ...{ task: 0, startedAt: 1, message: 2, entry: 3, entryStartedAt: 4 },
  ...{ profile: 5, challenger: 6, profiles: 7 },
} as const;
export const PROGRESS_SLOTS = 8;
export const IDLE = 0;
export const NO_PROFILE = -1;

/** Milliseconds from a time in a progress slot to now; right for 24 days. */
export function elapsedSince(slot: number): number {
  return (Date.now() - slot) | 0;
}

/** Index of the profile at work among those of both policies; NO_PROFILE outside of any. */
export function profileAtWork(progress: Int32Array): number {
  const challenger = Atomics.load(progress, PROGRESS.challenger);
  if (challenger === NO_PROFILE) return Atomics.load(progress, PROGRESS.profile);
  return Atomics.load(progress, PROGRESS.profiles) + challenger;
}

export function noProfileAtWork(progress: Int32Array): void {
  Atomics.store(progress, PROGRESS.profile, NO_PROFILE);
  Atomics.store(progress, PROGRESS.challenger, NO_PROFILE);
}
