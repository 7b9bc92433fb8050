import type { HitValue, Match, Matches, Profile, ProfileFault } from '../core/profile.ts';
import { REASON_ITEMS_MAX, REASON_VALUE_LENGTH_MAX } from '../limits.ts';

/** Faults of one profile on one declaration after which it is not asked about further items. */
const FAULTS_PER_PROFILE_MAX = 8;

/** What one profile came to on one declaration. */
interface Finding {
  readonly items: number[];
  values: Readonly<Record<string, HitValue>> | null;
  fault: ProfileFault | null;
  faults: number;
}

const NO_MATCHES: Matches = Object.freeze({ hits: Object.freeze([]), faults: Object.freeze([]) });

/** Hits and faults of one declaration, in whatever order they come; makes no objects until there is one. */
export class Collector {
  private readonly profiles: readonly Profile[];
  private readonly findings: (Finding | null)[];
  /** Places of the findings. */
  private found: number[] = [];

  constructor(profiles: readonly Profile[]) {
    this.profiles = profiles;
    this.findings = new Array<Finding | null>(profiles.length).fill(null);
  }

  /** Whether nothing that a further item could add would be kept. */
  isDone(profile: number): boolean {
    const finding = this.findings[profile] as Finding | null;
    return finding !== null && (finding.items.length >= REASON_ITEMS_MAX || finding.faults >= FAULTS_PER_PROFILE_MAX);
  }

  /** Whether a hit would be the profile's first, whose values are kept. */
  isFirst(profile: number): boolean {
    return (this.findings[profile] as Finding | null)?.values == null;
  }

  /** `item`: its number, or null for a declaration-level profile. `values`: those of the first hit, null for others. */
  hit(profile: number, item: number | null, values: Readonly<Record<string, HitValue>> | null): void {
    const finding = this.findingOf(profile);
    if (item !== null) finding.items.push(item);
    finding.values ??= values;
  }

  /** The first fault is kept. */
  fault(profile: number, item: number | null, message: string): void {
    const finding = this.findingOf(profile);
    finding.faults++;
    finding.fault ??= { profile: this.profiles[profile] as Profile, item, message: oneLine(message) };
  }

  /** A fault of a profile that may not run at all on this declaration. */
  refuse(profile: number, message: string): void {
    this.fault(profile, null, message);
    this.findingOf(profile).faults = FAULTS_PER_PROFILE_MAX;
  }

  private findingOf(profile: number): Finding {
    let finding = this.findings[profile] as Finding | null;
    if (finding === null) {
      finding = { items: [], values: null, fault: null, faults: 0 };
      this.findings[profile] = finding;
      this.found.push(profile);
    }
    return finding;
  }

  /** Everything since the last call, in ascending order of profile. */
  take(): Matches {
    if (this.found.length === 0) return NO_MATCHES;
    const hits: Match[] = [];
    const faults: ProfileFault[] = [];
    for (const profile of this.found.sort((a, b) => a - b)) {
      const { items, values, fault } = this.findings[profile] as Finding;
      if (values !== null) hits.push({ profile: this.profiles[profile] as Profile, items, values });
      if (fault !== null) faults.push(fault);
      this.findings[profile] = null;
    }
    this.found = [];
    return { hits, faults };
  }
}

function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').slice(0, REASON_VALUE_LENGTH_MAX).toWellFormed();
}
