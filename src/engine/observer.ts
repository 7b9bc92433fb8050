import type { Tally } from './protocol.ts';

/** Port: what the engine tells about itself, for metrics and logs. Profile ids go nowhere but into `culprit`. */
export interface EngineObserver {
  /** A task came back: the time in the thread, and the time before, in milliseconds. */
  evaluated(result: { messages: number; tally: Tally; elapsedMs: number; queuedMs: number }): void;
  /** A DECISIONS message was acknowledged by the broker, or was there already. */
  answered(result: { publishMs: number; duplicate: boolean }): void;
  /** An entry (or, with index -1, a whole message) was set aside. */
  quarantined(what: { sequence: number; index: number; reason: string }): void;
  /** A thread was killed over its deadline; `target` of the profile it was in, if in one. */
  killed(what: { declaration: boolean; profile: boolean }): void;
  /** A thread ended by itself. */
  crashed(what: { reason: string }): void;
  /** A profile was suspended for every declaration until the next policy. */
  suspended(what: { policyVersion: string }): void;
  /** A message was left to be delivered again. */
  abandoned(what: { sequence: number; reason: string }): void;
  activated(what: { policyVersion: string; prepareMs: number }): void;
  /** The broker, or the road to it, made trouble; it is tried again. */
  trouble(what: { where: string; error: unknown }): void;
}

export const SILENT: EngineObserver = {
  evaluated: () => undefined,
  answered: () => undefined,
  quarantined: () => undefined,
  killed: () => undefined,
  crashed: () => undefined,
  suspended: () => undefined,
  abandoned: () => undefined,
  activated: () => undefined,
  trouble: () => undefined,
};
