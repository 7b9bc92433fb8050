import type { Database, RangeOptions } from 'lmdb';
import type { Identity } from '../wire/identity.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { countOf } from './chain.ts';
import { type ChainStore, openChainStore, openTable, readCommit, readEntry } from './chain-store.ts';
import { type Checkpoint, decodeCheckpoint } from './checkpoint.ts';
import { decodeKept, type Kept, type LedgerEntry } from './ledger-entry.ts';
import type { KeptPosition } from './position.ts';
import { decodeMarks, type SettledMark } from './settled.ts';

/** The ledger's tables beside those of every chain. */
export interface LedgerStore extends ChainStore {
  /** (id, submitter, version) → entry number. */
  readonly identities: Database<Uint8Array, IdentityKey>;
  /** (submitter, id, version) → the declaration that waits for its decision. */
  readonly pending: Database<Uint8Array, IdentityKey>;
  /** Hash of (submitter, id) → highest version whose decision has left the ledger. */
  readonly departed: Database<Uint8Array, string>;
  /** Policy version → entry number. */
  readonly policies: Database<Uint8Array, string>;
  // In `meta`: `head`, `position`, `settled`, `checkpoint`.
}

/** Sorts after every submitter. */
const LAST = '\u{10ffff}';

export type IdentityKey = [string, string, number];

/** As `openChainStore`. */
export function openLedgerStore(dir: string, readOnly: boolean): LedgerStore {
  const chain = openChainStore(dir, 'ledger', readOnly);
  return {
    ...chain,
    identities: openTable<IdentityKey>(chain.root, 'identities'),
    pending: openTable<IdentityKey>(chain.root, 'pending'),
    departed: openTable<string>(chain.root, 'departed'),
    policies: openTable<string>(chain.root, 'policies'),
  };
}

export function readPosition(store: LedgerStore): KeptPosition | null {
  const bytes = store.meta.get('position');
  if (bytes === undefined) return null;
  const [created, sequence, storedAt, commit] = decode(bytes) as [string, number, string | null, number];
  return { created, sequence, commit, ...(storedAt === null ? {} : { storedAt }) };
}

export function putPosition(store: LedgerStore, { created, sequence, storedAt, commit }: KeptPosition): void {
  store.meta.put('position', encode([created, sequence, storedAt ?? null, commit]));
}

/** Where the chain begins; null where nothing has left it. */
export function readCheckpoint(store: LedgerStore): Checkpoint | null {
  const bytes = store.meta.get('checkpoint');
  return bytes === undefined ? null : decodeCheckpoint(bytes);
}

export function readSettled(store: LedgerStore): SettledMark[] {
  const bytes = store.meta.get('settled');
  return bytes === undefined ? [] : decodeMarks(bytes);
}

/** Puts the rows that lead to an entry; takes away the declaration that waited for it. */
export function putWayTo(store: LedgerStore, number: number, kept: Kept): void {
  if (kept.kind === 'policy') {
    store.policies.put(kept.version, encodeNumber(number));
    return;
  }
  const { submitter, id, version } = kept.entry.identity;
  store.identities.put([id, submitter, version], encodeNumber(number));
  store.pending.remove([submitter, id, version]);
}

/** Number of the entry of this identity, or null. */
export function entryNumberOf(store: LedgerStore, { submitter, id, version }: Identity): number | null {
  const row = store.identities.get([id, submitter, version]);
  return row === undefined ? null : decodeNumber(row);
}

export function policyNumberOf(store: LedgerStore, version: string): number | null {
  const row = store.policies.get(version);
  return row === undefined ? null : decodeNumber(row);
}

/** Of all versions, ascending. */
export function entryNumbers(store: LedgerStore, submitter: string, id: string): number[] {
  return numbersIn(store, [id, submitter, 0], [id, submitter, Number.MAX_SAFE_INTEGER]);
}

/** Of all versions of all submitters. */
export function entryNumbersOf(store: LedgerStore, id: string): number[] {
  return numbersIn(store, [id, '', 0], [id, LAST, 0]);
}

function numbersIn(store: LedgerStore, start: IdentityKey, end: IdentityKey): number[] {
  return [...store.identities.getRange({ start, end })].map(({ value }) => decodeNumber(value));
}

export function latestVersion(store: LedgerStore, submitter: string, id: string): number {
  const start: IdentityKey = [id, submitter, Number.MAX_SAFE_INTEGER];
  for (const key of store.identities.getKeys({ start, end: [id, submitter, 0], reverse: true, limit: 1 })) {
    return key[2];
  }
  return 0;
}

/** Read in steps of one row, so that no snapshot is held while the caller works on it. */
export function* pendingRows(store: LedgerStore): Iterable<Uint8Array> {
  let after: IdentityKey | null = null;
  for (;;) {
    const range: RangeOptions = after === null ? { limit: 1 } : { start: after, exclusiveStart: true, limit: 1 };
    const [row]: { key: IdentityKey; value: Uint8Array }[] = [...store.pending.getRange(range)];
    if (row === undefined) return;
    after = row.key;
    yield row.value;
  }
}

export function readDecision(store: LedgerStore, number: number): LedgerEntry {
  const kept = decodeKept(readEntry(store, number));
  if (kept.kind !== 'decision') throw new Error(`entry ${number} of the ledger is no decision: run "corridor verify"`);
  return kept.entry;
}

export function* keptOf(
  store: LedgerStore,
  commit: number,
): Iterable<{ readonly number: number; readonly kept: Kept }> {
  const { first, digests } = readCommit(store, commit);
  const end = first + countOf({ digests });
  for (let number = first; number < end; number++) yield { number, kept: decodeKept(readEntry(store, number)) };
}

export function encodeNumber(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export function decodeNumber(bytes: Uint8Array): number {
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readBigUInt64BE());
}
