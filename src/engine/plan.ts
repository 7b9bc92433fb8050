import type { Challenger } from '../core/share.ts';
import { bundleVersion, type PolicyBundle } from '../profiles/bundle.ts';

/** A challenger by its sources. */
export interface ChallengerPlan extends Omit<Challenger, 'policy'> {
  readonly bundle: PolicyBundle;
}

/** What an engine decides by: one policy, or two that share the declarations. */
export interface PolicyPlan {
  readonly bundle: PolicyBundle;
  readonly challenger: ChallengerPlan | null;
}

/** Equal plans have equal keys. */
export function planKey({ bundle, challenger }: PolicyPlan): string {
  const version = bundleVersion(bundle);
  if (challenger === null) return version;
  return `${version} ${bundleVersion(challenger.bundle)} ${challenger.percent} ${challenger.launch}`;
}
