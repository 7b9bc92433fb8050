import { gunzipSync, gzipSync } from 'node:zlib';
import type { Instant } from '../core/declaration.ts';
import { BUNDLE_BYTES_MAX } from '../limits.ts';
import { decode, encode } from '../wire/messagepack.ts';

/**
 * What becomes of a draft:
 *
 *   draft ─► in_review ─► approved ─► scheduled ─► active     an edit leads back to draft and voids the approval
 *              │ rejected, withdrawn ─► (edit or submit again)
 *   any of them ─► active by emergency, reviewed afterwards
 */
export const DRAFT_STATES = ['draft', 'in_review', 'approved', 'scheduled', 'active', 'rejected', 'withdrawn'] as const;
export type DraftState = (typeof DRAFT_STATES)[number];

/** File of a policy → its text; null: the file is taken away. */
export type Changes = Readonly<Record<string, string | null>>;

/** How a step is undone: the text the draft had for the file; `base`: it had none of its own. */
export type Undo = { readonly text: string | null } | 'base' | 'nothing' | 'forgotten';

/** Something that was done to a draft. */
export interface Step {
  /** That it led to. */
  readonly revision: number;
  readonly at: Instant;
  readonly by: string;
  readonly did: string;
  readonly file: string | null;
  readonly undo: Undo;
}

export interface Comment {
  readonly at: Instant;
  readonly by: string;
  readonly text: string;
}

export interface Review {
  readonly by: string;
  readonly at: Instant;
  readonly decision: 'approved' | 'rejected';
  readonly comment: string;
}

/** When a change of the policy begins and ends, where new profiles of it hold, and for which share of declarations. */
export interface Launch {
  readonly activateAt: Instant | null;
  readonly expireAt: Instant | null;
  /** Codes of offices, and regimes; empty: all. */
  readonly offices: readonly string[];
  readonly regimes: readonly string[];
  /** 100: all declarations. */
  readonly percent: number;
}

export interface Schedule {
  readonly activateAt: Instant;
  readonly expireAt: Instant | null;
  readonly by: string;
}

export interface Emergency {
  readonly by: string;
  readonly at: Instant;
  readonly reason: string;
  /** Null until somebody has looked at it afterwards. */
  readonly review: Review | null;
}

/** A node is changing the policy by this draft; nothing else happens to the draft until it has, or its time is up. */
export interface Claim {
  readonly how: 'publish' | 'emergency' | 'activation' | 'expiry';
  readonly by: string;
  readonly node: string;
  readonly until: Instant;
}

export interface Publication {
  readonly version: string;
  /** Version that it replaced. */
  readonly parent: string;
  readonly at: Instant;
  readonly by: string;
  /** Share of declarations it was started with. */
  readonly percent: number;
  /** Files that it changed → digest of their texts; null: taken away. While the policy has them so, it is in force. */
  readonly files: Readonly<Record<string, string | null>>;
  /** When it was taken back at the end of its term. */
  readonly expiredAt: Instant | null;
}

/** A change of the policy in the making: a version, and what differs from it. */
export interface Draft {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  /** Version that it changes. */
  readonly base: string;
  readonly changes: Changes;
  /** Everybody who edited or submitted it: none of them approves it. */
  readonly authors: readonly string[];
  readonly revision: number;
  readonly state: DraftState;
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly changedAt: Instant;
  readonly steps: readonly Step[];
  readonly comments: readonly Comment[];
  readonly submittedAt: Instant | null;
  readonly review: Review | null;
  readonly launch: Launch;
  readonly schedule: Schedule | null;
  readonly emergency: Emergency | null;
  readonly claim: Claim | null;
  readonly publication: Publication | null;
  /** Why it could not be published, or taken back, the last time. */
  readonly trouble: { readonly at: Instant; readonly text: readonly string[] } | null;
}

export const AT_ONCE: Launch = { activateAt: null, expireAt: null, offices: [], regimes: [], percent: 100 };

/** Gzipped MessagePack. */
export function packDraft(draft: Draft): Uint8Array {
  return gzipSync(encode(draft));
}

/** @throws where the bytes are no draft. */
export function unpackDraft(bytes: Uint8Array): Draft {
  const draft = decode(gunzipSync(bytes, { maxOutputLength: BUNDLE_BYTES_MAX })) as Draft | null;
  const isDraft = typeof draft === 'object' && draft !== null && DRAFT_STATES.includes(draft.state);
  if (!isDraft || typeof draft.id !== 'string' || typeof draft.changes !== 'object') throw new Error('not a draft');
  return draft;
}
