import { mix, selects } from './draw.ts';
import type { Draw } from './facts.ts';
import type { Policy } from './policy.ts';

/** A policy that decides a share of the declarations beside the active one. */
export interface Challenger {
  readonly policy: Policy;
  /** Above 0, below 100. */
  readonly percent: number;
  /** Tells this launch from others: each takes a share of its own. */
  readonly launch: string;
}

/**
 * Whether a declaration falls into a share. It depends on nothing but the draw and the launch, so that all versions of
 * a declaration are decided alike, and whoever is in stays in when the share grows.
 */
export function isInShare(draw: Draw, { percent, launch }: Pick<Challenger, 'percent' | 'launch'>): boolean {
  return selects(percent, mix(draw.value, launch));
}
