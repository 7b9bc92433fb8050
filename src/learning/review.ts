import { type Interval, wilson } from '../core/interval.ts';
import type { EffectsData } from './effect.ts';

export const PROPOSALS = ['keep', 'sharpen', 'merge', 'retire'] as const;
export type Proposal = (typeof PROPOSALS)[number];

/** Why something is proposed: a key of the console's messages, and the figures in it. */
export interface Evidence {
  readonly key: 'no_hits' | 'few_findings' | 'low_rate' | 'overlap' | 'mandatory' | 'few_outcomes' | 'good_rate';
  readonly values: Readonly<Record<string, string | number>>;
}

export interface ProfileReview {
  readonly id: string;
  readonly title: string;
  readonly hits: number;
  readonly controls: number;
  readonly labelled: number;
  readonly findings: number;
  /** Share of controls that found something, 0 to 1; null where no outcome is known. */
  readonly rate: number | null;
  /** 95 %, Wilson. */
  readonly interval: Interval | null;
  /** The same from the random draw alone, where it drew any: no choice of whom to control is in it. */
  readonly unbiased: { readonly rate: number; readonly of: number } | null;
  /** Findings that no other profile would have led to. */
  readonly alone: number;
  readonly recoveredTiyn: number;
  readonly lastHitAt: string | null;
  readonly lastFindingAt: string | null;
  /** The most similar others: share of the declarations that both hit among those that either hits (Jaccard). */
  readonly overlaps: readonly { readonly id: string; readonly both: number; readonly similarity: number }[];
  /** Microseconds of one declaration on the way to its decision; null where not measured. */
  readonly costUs: number | null;
  readonly proposal: Proposal;
  readonly evidence: readonly Evidence[];
}

/** A profile of the active policy, as far as the review asks. */
export interface Reviewed {
  readonly id: string;
  readonly title: string;
  readonly mandatory: boolean;
}

/** From what history a profile without a hit counts as one that nobody needs. */
const IDLE_DAYS = 90;
const IDLE_DECLARATIONS = 10_000;
/** Controls with outcomes before anything is said of a rate. */
const LABELLED_MIN = 30;
/** Where the whole interval lies below: retire; sharpen (the hit rate that the service as a whole is to reach). */
const RETIRE_BELOW = 0.05;
const SHARPEN_BELOW = 0.5;
/** From this similarity on two profiles are one. */
const MERGE_FROM = 0.8;
const OVERLAPS_SHOWN = 3;
const DAY_MS = 86_400_000;

/** What every profile of the policy did in the window, and what is proposed for it. */
export function reviewOf(
  profiles: readonly Reviewed[],
  effects: EffectsData,
  costs: ReadonlyMap<string, number>,
): ProfileReview[] {
  return profiles.map(({ id, title, mandatory }) => {
    const tally = effects.profiles[id] ?? null;
    const overlaps = overlapsOf(id, effects);
    const { labelled = 0, findings = 0, drawn } = tally ?? {};
    const figures = {
      ...{ id, title, hits: tally?.hits ?? 0, controls: tally?.controls ?? 0, labelled, findings },
      rate: labelled === 0 ? null : findings / labelled,
      interval: wilson(findings, labelled),
      // Hájek's estimator (1971): findings by inverse probability of the draw, over all of them.
      unbiased:
        drawn === undefined || drawn.count === 0 ? null : { rate: drawn.findings / drawn.weight, of: drawn.count },
      alone: tally?.alone ?? 0,
      recoveredTiyn: tally?.recoveredTiyn ?? 0,
      lastHitAt: timeOf(tally?.lastHitAt),
      lastFindingAt: timeOf(tally?.lastFindingAt),
      ...{ overlaps, costUs: costs.get(id) ?? null },
    };
    return { ...figures, ...propose(figures, mandatory, effects) };
  });
}

function timeOf(at: number | undefined): string | null {
  return at === undefined || at === -Infinity ? null : new Date(at).toISOString();
}

function overlapsOf(id: string, { pairs, profiles }: EffectsData): ProfileReview['overlaps'] {
  const hitsOf = (of: string): number => profiles[of]?.hits ?? 0;
  return Object.entries(pairs)
    .flatMap(([pair, both]) => {
      const [one = '', two = ''] = pair.split(' ');
      if (one !== id && two !== id) return [];
      const other = one === id ? two : one;
      return [{ id: other, both, similarity: both / (hitsOf(id) + hitsOf(other) - both) }];
    })
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, OVERLAPS_SHOWN);
}

type Figures = Omit<ProfileReview, 'proposal' | 'evidence'>;

function propose(
  { hits, labelled, findings, rate, interval, overlaps, alone }: Figures,
  mandatory: boolean,
  { declarations, from, until }: EffectsData,
): Pick<ProfileReview, 'proposal' | 'evidence'> {
  if (mandatory) return said('keep', 'mandatory', { hits });
  const days = declarations === 0 ? 0 : Math.floor((until - from) / DAY_MS);
  if (hits === 0) {
    const isIdle = days >= IDLE_DAYS && declarations >= IDLE_DECLARATIONS;
    return said(isIdle ? 'retire' : 'keep', 'no_hits', { declarations, days });
  }
  const [closest] = overlaps;
  if (closest !== undefined && closest.similarity >= MERGE_FROM) {
    return said('merge', 'overlap', { other: closest.id, similarity: percent(closest.similarity), alone });
  }
  if (rate === null || interval === null || labelled < LABELLED_MIN) {
    return said('keep', 'few_outcomes', { labelled, needed: LABELLED_MIN });
  }
  const figures = { labelled, findings, rate: percent(rate), low: percent(interval.low), high: percent(interval.high) };
  if (interval.high < RETIRE_BELOW) return said('retire', 'few_findings', figures);
  if (interval.high < SHARPEN_BELOW) return said('sharpen', 'low_rate', figures);
  return said('keep', 'good_rate', figures);
}

function percent(share: number): number {
  return Math.round(share * 1000) / 10;
}

function said(proposal: Proposal, key: Evidence['key'], values: Evidence['values']) {
  return { proposal, evidence: [{ key, values }] };
}
