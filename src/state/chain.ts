import { createHash, createHmac, hash as sha256 } from 'node:crypto';
import { type DecisionEntry, OUTCOMES, type Outcome } from '../wire/envelope.ts';
import type { Identity } from '../wire/identity.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';

/**
 * The ledger's hash chain. An entry is bytes; a commit is the entries that one sync made durable, by the SHA-256 of
 * each, so that a changed entry is found by name. Each commit's hash covers the one before:
 *
 *   hash_n = SHA-256(hash_{n-1} ‖ n ‖ first entry ‖ count ‖ digest_1 ‖ … ‖ digest_count)
 *
 * Anybody can compute a hash; the seal (HMAC-SHA256 with the ledger's key) shows that the ledger did.
 */
export interface Commit {
  /** 1, 2, 3 … */
  readonly number: number;
  /** Number of its first entry; entries count through, from 1. */
  readonly first: number;
  /** SHA-256 of each entry, 32 bytes each, in a row. */
  readonly digests: Uint8Array;
  readonly previous: Uint8Array;
  readonly hash: Uint8Array;
  readonly seal: Uint8Array;
}

export const DIGEST_BYTES = 32;
export const GENESIS: Uint8Array = new Uint8Array(DIGEST_BYTES);

/** One decision as the ledger keeps it. */
export interface LedgerEntry {
  readonly identity: Identity;
  readonly outcome: Outcome;
  /** Event time of the declaration, epoch milliseconds. */
  readonly receivedAt: number;
  /** SHA-256 of the declaration's canonical bytes; of the reason for a withdrawal. */
  readonly hash: Uint8Array;
  /** As in `DecisionEntry`: the record, or the reason in UTF-8. */
  readonly record: Uint8Array;
}

/** As it goes back into a stream or into read models that have lost it, or never had it. */
export function asRestored({ identity, outcome, receivedAt, hash, record }: LedgerEntry): DecisionEntry {
  const { submitter, id, version } = identity;
  return { submitter, id, version, trace: '', outcome, receivedAt, hash, record, restored: true };
}

/** Its commit, and its place among all entries, from 1. */
export interface PlacedEntry {
  readonly commit: number;
  readonly number: number;
  readonly entry: LedgerEntry;
}

/** What an entry's bytes can hold. */
export type Kept =
  | { readonly kind: 'decision'; readonly entry: LedgerEntry }
  | { readonly kind: 'policy'; readonly version: string; readonly bytes: Uint8Array };

const DECISION = 0;
const POLICY = 1;
const DECISION_FIELDS = 8;

const writer = new Writer();

export function encodeKept(kept: Kept): Uint8Array {
  if (kept.kind === 'policy') return encode([POLICY, kept.version, kept.bytes]);
  const { identity, outcome, receivedAt, hash, record } = kept.entry;
  writer.begin();
  writer.listHead(DECISION_FIELDS);
  writer.number(DECISION);
  writer.text(identity.submitter);
  writer.text(identity.id);
  writer.number(identity.version);
  writer.number(OUTCOMES.indexOf(outcome));
  writer.number(receivedAt);
  writer.bytes(hash);
  writer.bytes(record);
  return writer.take();
}

/** @throws where the bytes are no entry. */
export function decodeKept(bytes: Uint8Array): Kept {
  const reader = new Reader(bytes);
  const fields = reader.listHead();
  const kind = reader.number();
  if (kind === POLICY) {
    const [, version, policy] = decode(bytes) as [number, string, Uint8Array];
    return { kind: 'policy', version, bytes: policy };
  }
  if (kind !== DECISION || fields !== DECISION_FIELDS) throw new Error(`an entry of kind ${kind} is not known`);
  const [submitter, id, version] = [reader.text(), reader.text(), reader.number()];
  const outcome = OUTCOMES[reader.number()];
  if (outcome === undefined) throw new Error('its outcome is not known');
  const [receivedAt, hash, record] = [reader.number(), reader.bytes(), reader.bytes()];
  reader.end();
  return { kind: 'decision', entry: { identity: { submitter, id, version }, outcome, receivedAt, hash, record } };
}

export function digestOf(bytes: Uint8Array): Buffer {
  return sha256('sha256', bytes, 'buffer');
}

export function hashOf(previous: Uint8Array, number: number, first: number, digests: Uint8Array): Buffer {
  const header = Buffer.alloc(20);
  header.writeBigUInt64BE(BigInt(number), 0);
  header.writeBigUInt64BE(BigInt(first), 8);
  header.writeUInt32BE(digests.length / DIGEST_BYTES, 16);
  return createHash('sha256').update(previous).update(header).update(digests).digest();
}

export function sealOf(hash: Uint8Array, sealKey: Uint8Array): Buffer {
  return createHmac('sha256', sealKey).update(hash).digest();
}

/** The commit that follows `previous` and holds these entries. */
export function makeCommit(
  previous: { readonly number: number; readonly hash: Uint8Array; readonly next: number },
  entries: readonly Uint8Array[],
  sealKey: Uint8Array,
): Commit {
  const number = previous.number + 1;
  const digests = Buffer.concat(entries.map(digestOf));
  const hash = hashOf(previous.hash, number, previous.next, digests);
  return { number, first: previous.next, digests, previous: previous.hash, hash, seal: sealOf(hash, sealKey) };
}

export function encodeCommit({ number, first, digests, previous, hash, seal }: Commit): Uint8Array {
  return encode([number, first, digests, previous, hash, seal]);
}

/** @throws where the bytes are no commit. */
export function decodeCommit(bytes: Uint8Array): Commit {
  const fields = decode(bytes);
  if (!Array.isArray(fields) || fields.length !== 6) throw new Error('not a commit');
  const [number, first, digests, previous, hash, seal] = fields as [
    number,
    number,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  for (const part of [digests, previous, hash, seal]) {
    if (!(part instanceof Uint8Array) || part.length % DIGEST_BYTES !== 0) throw new Error('not a commit');
  }
  return { number, first, digests, previous, hash, seal };
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
