import type { Instant, PartyRole } from '../core/declaration.ts';
import { CATEGORIES, type Category } from '../core/facts.ts';
import { PARTY_CHANGES_MAX } from '../limits.ts';
import type { CategoryOverride, PartyEntry } from '../wire/envelope.ts';
import { decode, encode } from '../wire/messagepack.ts';

/** A category that an official has set, for what is received from `from` on and before `until`. */
export type StandingOverride = Pick<CategoryOverride, 'from' | 'until'> & { readonly category: Category };

/** What is known of one party in one role. */
export interface KnownParty extends PartyEntry {
  /** False: there is an override only, and the rest is what holds of a party that nobody knows. */
  readonly imported: boolean;
  /** The last one, whether its time has come, is here, or has passed. */
  readonly override: StandingOverride | null;
}

/** One change of a party's category in one role. */
export interface CategoryChange {
  /** When it was published. */
  readonly at: Instant;
  /** The official; the process that published an import. */
  readonly by: string;
  /** Null: an override was undone. */
  readonly category: Category | null;
  /** Null for an import. */
  readonly reason: string | null;
  /** Null but for an override. */
  readonly until: Instant | null;
}

/** A category that nobody has given. */
export const UNKNOWN_CATEGORY: Category = 'medium';

/** The override that holds for what is received `at`; null where the imported category does. */
export function overrideAt({ override }: KnownParty, at: Instant): StandingOverride | null {
  return override !== null && at >= override.from && at < override.until ? override : null;
}

/**
 * Fixed width, little endian, since every decision reads it: category, operator, violations, arrears; category, from
 * and until of the override. Behind it the changes, as MessagePack.
 */
const FIXED_BYTES = 31;
const NONE = 0xff;
const NO_CHANGES = encode([]).slice();

/** A party as it is stored; `changes` stay encoded while there is no new one. */
export interface PartyRow {
  readonly party: KnownParty;
  readonly changes: Uint8Array;
}

export function newParty(role: PartyRole, id: string): PartyRow {
  const nothing = { authorisedOperator: false, openViolations: 0, arrearsTiyn: 0 };
  return {
    party: { role, id, category: UNKNOWN_CATEGORY, ...nothing, imported: false, override: null },
    changes: NO_CHANGES,
  };
}

export function encodeParty({ party, changes }: PartyRow): Buffer {
  const { imported, category, authorisedOperator, openViolations, arrearsTiyn, override } = party;
  const bytes = Buffer.alloc(FIXED_BYTES + changes.length);
  bytes.writeUInt8(imported ? CATEGORIES.indexOf(category) : NONE, 0);
  bytes.writeUInt8(authorisedOperator ? 1 : 0, 1);
  bytes.writeUInt32LE(openViolations, 2);
  bytes.writeDoubleLE(arrearsTiyn, 6);
  bytes.writeUInt8(override === null ? NONE : CATEGORIES.indexOf(override.category), 14);
  bytes.writeDoubleLE(override?.from ?? 0, 15);
  bytes.writeDoubleLE(override?.until ?? 0, 23);
  bytes.set(changes, FIXED_BYTES);
  return bytes;
}

export function decodeParty(role: PartyRole, id: string, bytes: Buffer): KnownParty {
  const overridden = CATEGORIES[bytes.readUInt8(14)];
  return {
    role,
    id,
    category: CATEGORIES[bytes.readUInt8(0)] ?? UNKNOWN_CATEGORY,
    authorisedOperator: bytes.readUInt8(1) === 1,
    openViolations: bytes.readUInt32LE(2),
    arrearsTiyn: bytes.readDoubleLE(6),
    imported: bytes.readUInt8(0) !== NONE,
    override:
      overridden === undefined
        ? null
        : { category: overridden, from: bytes.readDoubleLE(15), until: bytes.readDoubleLE(23) },
  };
}

export function encodedChanges(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(FIXED_BYTES);
}

type ChangeFields = [Instant, string, number | null, string | null, Instant | null];

export function decodeChanges(changes: Uint8Array): CategoryChange[] {
  return (decode(changes) as ChangeFields[]).map(([at, by, category, reason, until]) => ({
    at,
    by,
    category: category === null ? null : (CATEGORIES[category] ?? UNKNOWN_CATEGORY),
    reason,
    until,
  }));
}

/** In the order of their time, the last PARTY_CHANGES_MAX; one that is there already (told again) is not added. */
export function withChange(changes: Uint8Array, change: CategoryChange): Uint8Array {
  const known = decodeChanges(changes);
  if (known.some((other) => isSame(other, change))) return changes;
  const all = [...known, change].sort((a, b) => a.at - b.at).slice(-PARTY_CHANGES_MAX);
  return encode(
    all.map(({ at, by, category, reason, until }): ChangeFields => {
      return [at, by, category === null ? null : CATEGORIES.indexOf(category), reason, until];
    }),
  ).slice();
}

function isSame(a: CategoryChange, b: CategoryChange): boolean {
  return a.at === b.at && a.by === b.by && a.category === b.category && a.reason === b.reason && a.until === b.until;
}
