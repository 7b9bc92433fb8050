import type { Corridor } from './corridor.ts';

/**
 * What a trader is told of a decision, and all that it is told: a function of the corridor alone, in which blue is
 * released like green. `pending`: not decided yet.
 */
export const PUBLIC_OUTCOMES = ['released', 'documents', 'inspection', 'pending', 'withdrawn'] as const;
export type PublicOutcome = (typeof PUBLIC_OUTCOMES)[number];

/** What comes next for the trader, by outcome. */
export const NEXT_STEPS = {
  released: 'none',
  documents: 'await_documentary_check',
  inspection: 'present_goods',
  pending: 'await_decision',
  withdrawn: 'none',
} as const satisfies Record<PublicOutcome, string>;

const OF_CORRIDOR = {
  green: 'released',
  blue: 'released',
  yellow: 'documents',
  red: 'inspection',
} as const satisfies Record<Corridor, PublicOutcome>;

/** Null: set aside, which to a trader is a documentary check like any other, for an official has to look at it. */
export function publicOutcome(corridor: Corridor | null): PublicOutcome {
  return corridor === null ? 'documents' : OF_CORRIDOR[corridor];
}
