import { CORRIDORS, type Corridor, isReleased } from '../core/corridor.ts';
import type { Decision } from '../core/decide.ts';
import type { HitValue } from '../core/profile.ts';
import { BACKTEST_OFFICE_DAYS_MAX, BACKTEST_SAMPLES_MAX } from '../limits.ts';
import type { HistoryRow } from './segment.ts';

/** What a control of a declaration found; where it is not known nothing is said of it. */
export interface KnownOutcome {
  readonly finding: boolean;
}

/** A declaration that a profile hits, and the values that made it. */
export interface Sample {
  readonly submitter: string;
  readonly id: string;
  readonly version: number;
  readonly office: string;
  readonly receivedAt: number;
  readonly before: Corridor;
  readonly after: Corridor;
  readonly items: readonly number[];
  readonly values: Readonly<Record<string, HitValue>>;
}

export interface ProfileTally {
  hits: number;
  /** Of those, declarations under control for its sake: nothing else asks for that corridor. */
  alone: number;
  faults: number;
  /** Hits whose control has a known outcome, and those of them that found something. */
  labelled: number;
  findings: number;
  samples: Sample[];
}

/** Counts of one part of history; parts add up. Plain data, so that threads can hand it over. */
export interface TallyData {
  declarations: number;
  /** Event time, epoch milliseconds; ∞ and −∞ where there is none. */
  from: number;
  until: number;
  /** Place of the corridor before × 4 + place of the corridor after. */
  moves: number[];
  profiles: Record<string, ProfileTally>;
  /** `office day` → declarations that would have been yellow, and red, that day (UTC). */
  controls: Record<string, [yellow: number, red: number]>;
  /** Declarations with a known outcome that would have been controlled, before and after, and findings among them. */
  labelled: { before: number; beforeFindings: number; after: number; afterFindings: number };
}

export function emptyTally(): TallyData {
  return {
    declarations: 0,
    from: Infinity,
    until: -Infinity,
    moves: new Array<number>(CORRIDORS.length ** 2).fill(0),
    profiles: {},
    controls: {},
    labelled: { before: 0, beforeFindings: 0, after: 0, afterFindings: 0 },
  };
}

const DAY_MS = 86_400_000;

/** Counts one declaration: how it was, or would be, decided before, and how after. */
export function count(
  tally: TallyData,
  row: HistoryRow,
  before: Corridor,
  after: Decision,
  outcome: KnownOutcome | null,
): void {
  const { declaration, facts } = row;
  tally.declarations++;
  tally.from = Math.min(tally.from, facts.receivedAt);
  tally.until = Math.max(tally.until, facts.receivedAt);
  const move = CORRIDORS.indexOf(before) * CORRIDORS.length + CORRIDORS.indexOf(after.corridor);
  tally.moves[move] = (tally.moves[move] ?? 0) + 1;
  const controlled = !isReleased(after.corridor);
  if (controlled) countControl(tally, `${declaration.office} ${Math.floor(facts.receivedAt / DAY_MS)}`, after.corridor);
  countLabel(tally, !isReleased(before), controlled, outcome);
  if (after.reasons.length > 0) countReasons(tally, row, before, after, outcome);
}

function countControl(tally: TallyData, key: string, corridor: Corridor): void {
  let day = tally.controls[key];
  if (day === undefined) {
    day = [0, 0];
    tally.controls[key] = day;
  }
  day[corridor === 'red' ? 1 : 0]++;
}

function countLabel({ labelled }: TallyData, before: boolean, after: boolean, outcome: KnownOutcome | null): void {
  if (outcome === null) return;
  if (before) labelled.before++;
  if (before && outcome.finding) labelled.beforeFindings++;
  if (after) labelled.after++;
  if (after && outcome.finding) labelled.afterFindings++;
}

function countReasons(
  tally: TallyData,
  row: HistoryRow,
  before: Corridor,
  { corridor, reasons }: Decision,
  outcome: KnownOutcome | null,
): void {
  const decisive = corridor === 'green' ? 0 : reasons.filter(({ settled }) => settled === corridor).length;
  for (const { kind, code, settled, items, values } of reasons) {
    if (kind !== 'profile' && kind !== 'fault') continue;
    const profile = profileOf(tally, code);
    if (kind === 'fault') {
      profile.faults++;
      continue;
    }
    profile.hits++;
    if (decisive === 1 && settled === corridor) profile.alone++;
    if (outcome !== null) profile.labelled++;
    if (outcome?.finding === true) profile.findings++;
    if (profile.samples.length >= BACKTEST_SAMPLES_MAX) continue;
    const { submitter, declaration, facts } = row;
    const { id, version, office } = declaration;
    const of = { submitter, id, version, office, receivedAt: facts.receivedAt };
    profile.samples.push({ ...of, before, after: corridor, items, values });
  }
}

function profileOf(tally: TallyData, id: string): ProfileTally {
  let profile = tally.profiles[id];
  if (profile === undefined) {
    profile = { hits: 0, alone: 0, faults: 0, labelled: 0, findings: 0, samples: [] };
    tally.profiles[id] = profile;
  }
  return profile;
}

/** Adds a part to the whole. Samples stay the first ones. @throws RangeError where there are too many offices and days. */
export function addTally(whole: TallyData, part: TallyData): void {
  whole.declarations += part.declarations;
  whole.from = Math.min(whole.from, part.from);
  whole.until = Math.max(whole.until, part.until);
  for (const [i, moved] of part.moves.entries()) whole.moves[i] = (whole.moves[i] ?? 0) + moved;
  for (const [id, each] of Object.entries(part.profiles)) {
    const profile = profileOf(whole, id);
    profile.hits += each.hits;
    profile.alone += each.alone;
    profile.faults += each.faults;
    profile.labelled += each.labelled;
    profile.findings += each.findings;
    profile.samples = [...profile.samples, ...each.samples].slice(0, BACKTEST_SAMPLES_MAX);
  }
  for (const [key, [yellow, red]] of Object.entries(part.controls)) {
    const day = whole.controls[key] ?? [0, 0];
    whole.controls[key] = [day[0] + yellow, day[1] + red];
  }
  if (Object.keys(whole.controls).length > BACKTEST_OFFICE_DAYS_MAX) {
    throw new RangeError(`more than ${BACKTEST_OFFICE_DAYS_MAX} days of offices; ask for a part of history`);
  }
  for (const key of ['before', 'beforeFindings', 'after', 'afterFindings'] as const) {
    whole.labelled[key] += part.labelled[key];
  }
}
