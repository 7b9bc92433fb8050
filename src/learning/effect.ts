import type { HistoryRow } from '../backtest/segment.ts';
import { type Corridor, isReleased } from '../core/corridor.ts';
import { traderIndex } from '../core/declaration.ts';
import type { Category } from '../core/facts.ts';
import type { KeptOutcome } from '../state/outcomes.ts';

/** What one profile has done and found. */
export interface EffectTally {
  hits: number;
  /** Hits whose declaration went under control. */
  controls: number;
  /** Controls with a known outcome, and those of them that found something. */
  labelled: number;
  findings: number;
  /** Findings of declarations that no other profile hit. */
  alone: number;
  recoveredTiyn: number;
  /** Event time of the declaration; −∞ where there is none. */
  lastHitAt: number;
  lastFindingAt: number;
  /** Hits drawn at random, with a known outcome: how many, and sums of inverse probabilities of all and of findings. */
  drawn: { count: number; weight: number; findings: number };
}

/** Counts of one part of history; parts add up. */
export interface EffectsData {
  declarations: number;
  from: number;
  until: number;
  controls: number;
  profiles: Record<string, EffectTally>;
  /** `id id`, in order → declarations that both hit. */
  pairs: Record<string, number>;
}

export interface EffectOptions {
  /** Event time, both included. */
  readonly from: number;
  readonly until: number;
  /** Chance, 0 to 1, of being drawn at random, by category of the trader. */
  readonly drawn: Readonly<Record<Category, number>>;
  readonly outcomeOf: (submitter: string, id: string) => KeptOutcome | null;
}

export function emptyEffects(): EffectsData {
  return { declarations: 0, from: Infinity, until: -Infinity, controls: 0, profiles: {}, pairs: {} };
}

/** What the profiles did as it was decided then; nothing is decided again. */
export function countEffects(rows: Iterable<HistoryRow>, options: EffectOptions): EffectsData {
  const data = emptyEffects();
  for (const row of rows) {
    const { receivedAt } = row.facts;
    if (receivedAt < options.from || receivedAt > options.until) continue;
    data.declarations++;
    data.from = Math.min(data.from, receivedAt);
    data.until = Math.max(data.until, receivedAt);
    const controlled = !isReleased(row.corridor as Corridor);
    if (controlled) data.controls++;
    const hits = row.reasons
      .filter(({ kind }) => kind === 'profile')
      .map(({ code }) => code)
      .sort();
    if (hits.length > 0) countHits(data, row, hits, controlled, options);
  }
  return data;
}

function countHits(
  data: EffectsData,
  { submitter, declaration, facts, reasons }: HistoryRow,
  hits: readonly string[],
  controlled: boolean,
  { outcomeOf, drawn }: EffectOptions,
): void {
  const outcome = outcomeOf(submitter, declaration.id);
  const category = facts.parties[traderIndex(declaration)]?.category ?? 'medium';
  const chance = reasons.some(({ kind }) => kind === 'random') ? drawn[category] : 0;
  for (const [place, id] of hits.entries()) {
    const tally = effectOf(data, id);
    tally.hits++;
    tally.lastHitAt = Math.max(tally.lastHitAt, facts.receivedAt);
    if (controlled) tally.controls++;
    for (const other of hits.slice(place + 1)) data.pairs[`${id} ${other}`] = (data.pairs[`${id} ${other}`] ?? 0) + 1;
    if (outcome === null) continue;
    tally.labelled++;
    if (chance > 0) {
      tally.drawn.count++;
      tally.drawn.weight += 1 / chance;
      if (outcome.finding) tally.drawn.findings += 1 / chance;
    }
    if (!outcome.finding) continue;
    tally.findings++;
    if (hits.length === 1) tally.alone++;
    tally.recoveredTiyn += outcome.recoveredTiyn;
    tally.lastFindingAt = Math.max(tally.lastFindingAt, facts.receivedAt);
  }
}

function effectOf(data: EffectsData, id: string): EffectTally {
  let tally = data.profiles[id];
  if (tally === undefined) {
    tally = {
      ...{ hits: 0, controls: 0, labelled: 0, findings: 0, alone: 0, recoveredTiyn: 0 },
      ...{ lastHitAt: -Infinity, lastFindingAt: -Infinity, drawn: { count: 0, weight: 0, findings: 0 } },
    };
    data.profiles[id] = tally;
  }
  return tally;
}

/** Adds a part to the whole. */
export function addEffects(whole: EffectsData, part: EffectsData): void {
  whole.declarations += part.declarations;
  whole.controls += part.controls;
  whole.from = Math.min(whole.from, part.from);
  whole.until = Math.max(whole.until, part.until);
  for (const [pair, both] of Object.entries(part.pairs)) whole.pairs[pair] = (whole.pairs[pair] ?? 0) + both;
  for (const [id, each] of Object.entries(part.profiles)) {
    const tally = effectOf(whole, id);
    for (const key of ['hits', 'controls', 'labelled', 'findings', 'alone', 'recoveredTiyn'] as const) {
      tally[key] += each[key];
    }
    for (const key of ['lastHitAt', 'lastFindingAt'] as const) tally[key] = Math.max(tally[key], each[key]);
    for (const key of ['count', 'weight', 'findings'] as const) tally.drawn[key] += each.drawn[key];
  }
}
