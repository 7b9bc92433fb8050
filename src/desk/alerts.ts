import { CORRIDORS, type Shares } from '../core/corridor.ts';
import { ANSWER_P99_MS } from '../limits.ts';
import type { Check } from '../observe/health.ts';
import { type Counts, sharesOf, totalOf } from './tallies.ts';

/** Something that somebody should look at. Never a profile, a party or a score. */
export interface Alert {
  readonly name: string;
  readonly severity: 'warning' | 'critical';
  /** ISO 8601. */
  readonly since: string;
  readonly text: string;
  /** What the text says, for a reader of another language; absent where the text is somebody else's. */
  readonly values?: Readonly<Record<string, string | number>>;
}

/** What alerts are made from, once a second. */
export interface Observed {
  readonly checks: readonly Check[];
  /** Decisions of the last hour. */
  readonly counts: Counts;
  readonly plan: Shares | null;
  /** Of the latest answers; 0: there is none. */
  readonly p99Ms: number;
  /** Profiles that failed on a declaration, by the engine of this process, since its start. */
  readonly profileFaults: number;
  /** Messages that QUARANTINE holds. */
  readonly quarantined: number;
}

type Condition = Pick<Alert, 'name' | 'severity' | 'text' | 'values'>;

/** A count that grew counts as growing for so long. */
const GROWTH_MS = 600_000;
/** How far a corridor's share may be from its plan: points of percent, or a part of the plan, whichever is more. */
const BAND_POINTS = 1;
const BAND_PART = 0.25;
/** Below so many in the hour a share says nothing yet. */
const DECISIONS_MIN = 1000;
/** Chance alone stays within so many standard errors of √(p(1−p)/n). */
const STANDARD_ERRORS = 4;
const OFF_PLAN = 'off_plan.';

/** Whether it is about the shares of the whole service, not of some offices. */
export function isOfShares({ name }: Alert): boolean {
  return name.startsWith(OFF_PLAN);
}

/** Remembers since when each condition has held. */
export class Alerts {
  readonly #since = new Map<string, number>();
  readonly #faults = new Growth();
  readonly #quarantine = new Growth();
  #current: readonly Alert[] = [];

  /** Critical ones first, then those that have stood the longest. */
  current(): readonly Alert[] {
    return this.#current;
  }

  observe(observed: Observed, now: number): void {
    const conditions = [
      ...notReady(observed),
      ...offPlan(observed),
      ...slow(observed),
      ...growing('profile_faults', this.#faults.by(observed.profileFaults, now), 'Profiles that failed'),
      ...growing('quarantine', this.#quarantine.by(observed.quarantined, now), 'Set aside for an official'),
    ];
    const names = new Set(conditions.map(({ name }) => name));
    for (const name of this.#since.keys()) if (!names.has(name)) this.#since.delete(name);
    for (const name of names) if (!this.#since.has(name)) this.#since.set(name, now);
    this.#current = conditions
      .map((condition) => ({ ...condition, at: this.#since.get(condition.name) ?? now }))
      .sort((a, b) => a.severity.localeCompare(b.severity) || a.at - b.at)
      .map(({ at, ...condition }) => ({ ...condition, since: new Date(at).toISOString() }));
  }
}

/** A ledger that failed is one of these: it is a condition of being ready. */
function notReady({ checks }: Observed): Condition[] {
  const failed = checks.filter(({ ok }) => !ok);
  return failed.map(({ name, detail }) => ({
    name: `not_ready.${name}`,
    severity: 'critical',
    text: `${name}: ${detail}`,
  }));
}

function offPlan({ counts, plan }: Observed): Condition[] {
  const decisions = totalOf(counts);
  if (plan === null || decisions < DECISIONS_MIN) return [];
  const shares = sharesOf(counts);
  return CORRIDORS.filter((corridor) => {
    const planned = plan[corridor];
    const standardError = Math.sqrt((planned * (100 - planned)) / decisions);
    const room = Math.max(BAND_POINTS, planned * BAND_PART, STANDARD_ERRORS * standardError);
    return Math.abs(shares[corridor] - planned) > room;
  }).map((corridor) => ({
    name: `${OFF_PLAN}${corridor}`,
    severity: 'warning',
    text: `${corridor}: ${shares[corridor].toFixed(1)} % of the last hour, planned ${plan[corridor].toFixed(1)} %`,
    values: { corridor, share: shares[corridor], planned: plan[corridor] },
  }));
}

function slow({ p99Ms }: Observed): Condition[] {
  if (p99Ms <= ANSWER_P99_MS) return [];
  const text = `99 % of the latest answers took up to ${p99Ms.toFixed(1)} ms; the objective is ${ANSWER_P99_MS} ms`;
  return [{ name: 'slow', severity: 'warning', text, values: { p99Ms, objectiveMs: ANSWER_P99_MS } }];
}

function growing(name: string, by: number, what: string): Condition[] {
  if (by === 0) return [];
  const text = `${what}: ${by} in the last ten minutes`;
  return [{ name, severity: 'warning', text, values: { count: by } }];
}

/** By how much a count has grown over the last GROWTH_MS. What it was at first is no growth; it may fall. */
class Growth {
  #last: number | null = null;
  readonly #steps: { readonly at: number; readonly by: number }[] = [];

  by(count: number, now: number): number {
    if (this.#last !== null && count > this.#last) this.#steps.push({ at: now, by: count - this.#last });
    this.#last = count;
    while ((this.#steps[0]?.at ?? now) < now - GROWTH_MS) this.#steps.shift();
    return this.#steps.reduce((sum, step) => sum + step.by, 0);
  }
}
