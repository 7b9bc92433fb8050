/** Answers of the service as the console reads them. Instants are ISO 8601, shares percent, times milliseconds. */

export const CORRIDORS = ['green', 'blue', 'yellow', 'red'] as const;
export type Corridor = (typeof CORRIDORS)[number];
export type Shares = Readonly<Record<Corridor, number>>;

export type Outcome = 'released' | 'documents' | 'inspection' | 'pending' | 'withdrawn';

export interface Session {
  readonly signedIn: boolean;
  /** Not for production: identities of the development issuer. */
  readonly development: boolean;
  readonly subject?: string;
  readonly name?: string;
  readonly roles?: readonly string[];
  readonly offices?: readonly string[] | 'all';
  /** Of a trader: whom it acts for. */
  readonly party?: string | null;
  readonly expiresAt?: string | number;
  /** Names of the rules under which this user has a right. */
  readonly may?: readonly string[];
}

/** [epoch seconds, decisions a second, p50, p99] */
export type Point = readonly [number, number, number | null, number | null];

export interface Alert {
  readonly name: string;
  readonly severity: 'warning' | 'critical';
  readonly since: string;
  readonly text: string;
  /** What the text says, where the console can say it in the reader's language. */
  readonly values?: Readonly<Record<string, string | number>>;
}

export interface OfficeOverview {
  readonly office: string;
  readonly decisions: number;
  readonly shares: Shares;
}

export interface Overview {
  readonly at: string;
  readonly decisions: { readonly total: number; readonly perSecond: number };
  readonly shares: Shares;
  readonly plan: Shares | null;
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly offices: readonly OfficeOverview[];
  readonly alerts: readonly Alert[];
  readonly series: readonly Point[];
}

export interface LatestDecision {
  readonly submitter: string;
  readonly declarationId: string;
  readonly version: number;
  readonly office: string;
  readonly corridor: Corridor;
  readonly decidedAt: string;
}

export interface Latest {
  readonly decisions: readonly LatestDecision[];
}

/** Of an official `corridor`; of a trader `outcome` alone. */
export interface Version {
  readonly version: number;
  readonly outcome: string;
  readonly corridor?: Corridor | null;
  readonly receivedAt?: string | null;
  readonly decidedAt?: string | null;
}

export interface History extends Version {
  readonly declarationId: string;
  readonly versions: readonly Version[];
}

export type Value = string | number | boolean | null;

export interface Measure {
  readonly code: string;
  readonly instructions: string;
}

/** `code` and `weight` stand only in the full view. */
export interface Reason {
  readonly kind?: string;
  readonly text: string;
  readonly target?: string | null;
  readonly corridor?: Corridor;
  readonly items?: readonly number[];
  readonly values?: Readonly<Record<string, Value>>;
  readonly measures?: readonly Measure[];
  readonly code?: string;
  readonly weight?: number;
}

/** What an official sees: `score` and `expectedDamage` (KZT) only in the full view. */
export interface Control {
  readonly declarationId: string;
  readonly version: number;
  readonly corridor: Corridor;
  readonly reasons: readonly Reason[];
  readonly measures: readonly Measure[];
  readonly decidedAt: string;
  readonly score?: number;
  readonly expectedDamage?: string;
  readonly policyVersion?: string;
}

/** What anybody sees of what has no corridor, and a trader of everything. */
export interface Result {
  readonly declarationId: string;
  readonly version: number;
  readonly outcome: Outcome;
  readonly nextStep?: string;
}

export type Decision = Control | Result;

export function isControl(decision: Decision): decision is Control {
  return 'corridor' in decision;
}

/** What profiles, measures and alerts say is written by people, in this language. */
export const RULE_LANGUAGE = 'en';
