import type { Corridor } from './corridor.ts';
import type { Instant, PartyRole } from './declaration.ts';

/**
 * Everything a decision looks up, time and chance included. Facts are gathered outside the core, handed in, and
 * stored with the decision, so that `decide()` stays a pure function and a decision can be repeated.
 */

export const CATEGORIES = ['low', 'medium', 'high'] as const;
export type Category = (typeof CATEGORIES)[number];

/** What is known of one party in one role. */
export interface PartyFacts {
  readonly role: PartyRole;
  readonly id: string;
  readonly category: Category;
  /** False: nobody has categorised this party in this role; its category is medium by default. */
  readonly known: boolean;
  readonly authorisedOperator: boolean;
  readonly openViolations: number;
  readonly arrearsTiyn: number;
}

/** Count and value of the trader's declarations in a window of UTC days ending with the day of `receivedAt`. */
export interface WindowFacts {
  readonly count: number;
  readonly valueTiyn: number;
}

export interface TraderFacts {
  /** Null where the declaration names no trader. */
  readonly id: string | null;
  /** When its first declaration was received; null for a newcomer. */
  readonly firstSeenAt: Instant | null;
  readonly d1: WindowFacts;
  readonly d7: WindowFacts;
  readonly d30: WindowFacts;
  readonly d90: WindowFacts;
}

/** Distribution of a quantity over the last twelve months, from DDSketch. */
export interface QuantileFacts {
  readonly n: number;
  readonly p05: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
}

export interface ItemFacts {
  /** Customs value in KZT per kg net, for this HS code × origin; null where nothing has been seen. */
  readonly valuePerKg: QuantileFacts | null;
}

/** The keyed draw: HMAC-SHA256(key, id) as a number in [0, 1), and which key made it. */
export interface Draw {
  readonly value: number;
  readonly keyId: string;
}

/** The decision on the version before, for an amendment. */
export interface PreviousFacts {
  readonly version: number;
  readonly corridor: Corridor;
}

/** A withdrawn declaration of like goods by the same party: its draw and its control pass on. */
export interface InheritedFacts {
  readonly declarationId: string;
  readonly corridor: Corridor;
  readonly draw: number;
}

export interface ModelScore {
  readonly model: string;
  readonly version: string;
  /** Evidence group, as of profiles. */
  readonly group: string;
  /** Probability of a violation, 0 to 1. */
  readonly probability: number;
  readonly reasons: readonly string[];
}

export interface Facts {
  /** Event time, stamped once at ingress. */
  readonly receivedAt: Instant;
  readonly decidedAt: Instant;
  readonly draw: Draw;
  /** In the order of `declaration.parties`. */
  readonly parties: readonly PartyFacts[];
  readonly trader: TraderFacts;
  /** In the order of `declaration.items`. */
  readonly items: readonly ItemFacts[];
  readonly previous: PreviousFacts | null;
  readonly inherited: InheritedFacts | null;
  readonly models: readonly ModelScore[];
  /** Profiles that may not run because they exceeded the worker's deadline: each counts as a fault. */
  readonly suspended: readonly string[];
}
