import { readFileSync } from 'node:fs';
import { type HistoryRow, rowsOf } from '../backtest/segment.ts';
import type { Category } from '../core/facts.ts';
import { REVIEW_COST_DECLARATIONS } from '../limits.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { loadPolicy } from '../profiles/load.ts';
import { CompiledProfileSet } from '../profiles/profile-set.ts';
import { OutcomeStore } from '../state/outcomes.ts';
import { addVersions, countVersions, type Period, type VersionTallies } from './contest.ts';
import { addEffects, countEffects, type EffectsData, emptyEffects } from './effect.ts';

/** A review of all profiles: of which history, beside which outcomes. */
export interface ReviewTask {
  readonly files: readonly string[];
  readonly rest: Uint8Array | null;
  readonly outcomesDir: string;
  readonly from: number;
  readonly until: number;
  readonly drawn: Readonly<Record<Category, number>>;
  readonly bundle: PolicyBundle;
}

export interface ReviewAnswer {
  readonly effects: EffectsData;
  /** Profile → microseconds of one declaration. */
  readonly costs: ReadonlyMap<string, number>;
}

/** A comparison of versions that decided side by side. */
export interface ContestTask extends Period {
  readonly files: readonly string[];
  readonly rest: Uint8Array | null;
  readonly outcomesDir: string;
}

/** Thread of reviews and comparisons. */
export function learn(task: ReviewTask | ContestTask): Promise<ReviewAnswer | VersionTallies> {
  return 'since' in task ? contest(task) : review(task);
}

async function contest({ files, rest, outcomesDir, ...period }: ContestTask): Promise<VersionTallies> {
  const outcomes = new OutcomeStore(outcomesDir);
  const whole: VersionTallies = {};
  try {
    for (const part of [...files, ...(rest === null ? [] : [rest])]) {
      const rows = rowsOf(typeof part === 'string' ? readFileSync(part) : part);
      addVersions(
        whole,
        countVersions(rows, period, (submitter, id) => outcomes.get(submitter, id)),
      );
    }
  } finally {
    await outcomes.close();
  }
  return whole;
}

async function review({ files, rest, outcomesDir, bundle, ...window }: ReviewTask): Promise<ReviewAnswer> {
  const outcomes = new OutcomeStore(outcomesDir);
  const effects = emptyEffects();
  const outcomeOf = (submitter: string, id: string) => outcomes.get(submitter, id);
  let sample: HistoryRow[] = [];
  try {
    for (const part of [...files, ...(rest === null ? [] : [rest])]) {
      const bytes = typeof part === 'string' ? readFileSync(part) : part;
      addEffects(effects, countEffects(rowsOf(bytes), { ...window, outcomeOf }));
      sample = firstOf(bytes);
    }
  } finally {
    await outcomes.close();
  }
  return { effects, costs: costsOf(bundle, sample) };
}

function firstOf(bytes: Uint8Array): HistoryRow[] {
  const rows: HistoryRow[] = [];
  for (const row of rowsOf(bytes)) if (rows.push(row) >= REVIEW_COST_DECLARATIONS) break;
  return rows;
}

const NONE: ReadonlySet<string> = new Set();
const ROUNDS = 5;

/** What each profile costs by itself on these, beside a set without it: the median of some rounds. */
function costsOf(bundle: PolicyBundle, rows: readonly HistoryRow[]): ReadonlyMap<string, number> {
  if (rows.length === 0) return new Map();
  const { profiles, context } = loadPolicy(bundle);
  const timeOf = (set: CompiledProfileSet): number => {
    const times = Array.from({ length: ROUNDS }, () => {
      const begun = performance.now();
      for (const { declaration, facts } of rows) set.match(declaration, facts, NONE);
      return ((performance.now() - begun) * 1000) / rows.length;
    });
    return times.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
  };
  const nothing = timeOf(new CompiledProfileSet([], context));
  const costs = profiles.map((one) => {
    return [one.profile.id, Math.max(0, timeOf(new CompiledProfileSet([one], context)) - nothing)] as const;
  });
  return new Map(costs);
}
