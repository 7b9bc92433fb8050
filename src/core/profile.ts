import type { Corridor } from './corridor.ts';
import type { Declaration, Instant, Regime } from './declaration.ts';
import type { Category, Facts } from './facts.ts';

export const TARGETS = [
  'bans_and_restrictions',
  'customs_procedure',
  'undervaluation',
  'anti_dumping',
  'intellectual_property',
  'untruthful_declaration',
  'transit',
  'random',
] as const;
export type Target = (typeof TARGETS)[number];

/** A prescribed form of control. */
export interface Measure {
  /** Code of the measures list, such as `documentary_check`, `physical_examination`, `non_intrusive_inspection`. */
  readonly code: string;
  /** What the official is to do, in plain words. */
  readonly instructions: string;
}

/** What a fault of a profile does. `miss` is not allowed where the profile is mandatory. */
export const ON_ERROR = ['documents', 'inspect', 'miss'] as const;
export type OnError = (typeof ON_ERROR)[number];

/** Where and when a profile applies; an empty list means everywhere. */
export interface Scope {
  readonly offices: readonly string[];
  readonly regimes: readonly Regime[];
  readonly procedures: readonly string[];
  /** Categories of the trader. */
  readonly categories: readonly Category[];
  readonly validFrom: Instant | null;
  readonly validUntil: Instant | null;
}

/** The settings of a profile, without its expression. */
export interface Profile {
  readonly id: string;
  readonly title: string;
  readonly target: Target;
  /** Never green. */
  readonly corridor: Exclude<Corridor, 'green'>;
  readonly measures: readonly Measure[];
  /** Probability of a violation that its hit alone stands for, 0 to 1. */
  readonly weight: number;
  /** Evidence group; hits of one group count once, the largest. Default: the target. */
  readonly group: string;
  /** Damage in tiyn for safety and security, where duties say nothing; null otherwise. */
  readonly damageTiyn: number | null;
  readonly mandatory: boolean;
  readonly scope: Scope;
  /** Share of hits that select, 0 to 100. */
  readonly percentage: number;
  readonly onError: OnError;
}

/** A value that made an expression true, by its source text. */
export type HitValue = string | number | boolean | null;

export interface Match {
  readonly profile: Profile;
  /** Numbers of the items that matched; empty for a declaration-level profile. */
  readonly items: readonly number[];
  /** For the first match: source text of each operand → its value. */
  readonly values: Readonly<Record<string, HitValue>>;
}

export interface ProfileFault {
  readonly profile: Profile;
  /** Item on which it failed; null for a declaration-level profile. */
  readonly item: number | null;
  /** What went wrong, in one line. */
  readonly message: string;
}

export interface Matches {
  readonly hits: readonly Match[];
  readonly faults: readonly ProfileFault[];
}

/** Port: the compiled profiles. Implemented in `src/profiles`; a naive scan in its tests. */
export interface ProfileSet {
  /** In ascending order of id. */
  readonly profiles: readonly Profile[];
  /**
   * Evaluates every profile in scope except those named in `exempt` and those in `facts.suspended` (which come back as
   * faults where in scope). Hits and faults come in ascending order of profile id. Never throws.
   */
  match(declaration: Declaration, facts: Facts, exempt: ReadonlySet<string>): Matches;
}
