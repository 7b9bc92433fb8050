import type { CapacityPlan } from './capacity.ts';
import type { Corridor } from './corridor.ts';
import type { ExceptionEntry } from './exceptions.ts';
import type { Category } from './facts.ts';
import type { Measure, ProfileSet } from './profile.ts';

/** One lane of the random selection: which control, and the share drawn, in percent by category of the trader. */
export interface RandomLane {
  readonly corridor: Exclude<Corridor, 'green'>;
  readonly measures: readonly Measure[];
  readonly percent: Readonly<Record<Category, number>>;
}

export interface RandomSelection {
  readonly lanes: readonly RandomLane[];
  /** Lanes of single offices, in place of the default ones. */
  readonly offices: Readonly<Record<string, readonly RandomLane[]>>;
}

/** One immutable version of everything that decides. */
export interface Policy {
  readonly version: string;
  /** Of the compiler that built `profiles`; part of the record, since it is part of the result. */
  readonly compilerVersion: string;
  readonly profiles: ProfileSet;
  readonly exceptions: readonly ExceptionEntry[];
  readonly random: RandomSelection;
  readonly capacity: CapacityPlan;
}
