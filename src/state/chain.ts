import { createHash, createHmac, hash as sha256 } from 'node:crypto';
import { decode, encode } from '../wire/messagepack.ts';

/**
 * A hash chain. An entry is bytes; a commit is the entries that one sync made durable, by the SHA-256 of each, so that
 * a changed entry is found by name. Each commit's hash covers the one before:
 *
 *   hash_n = SHA-256(hash_{n-1} ‖ n ‖ first entry ‖ count ‖ digest_1 ‖ … ‖ digest_count)
 *
 * Anybody can compute a hash; the seal (HMAC-SHA256 with the chain's key) shows that its owner did.
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

export function countOf({ digests }: Pick<Commit, 'digests'>): number {
  return digests.length / DIGEST_BYTES;
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
  for (const place of [number, first]) if (!Number.isSafeInteger(place) || place < 1) throw new Error('not a commit');
  for (const part of [digests, previous, hash, seal]) {
    if (!(part instanceof Uint8Array) || part.length % DIGEST_BYTES !== 0) throw new Error('not a commit');
  }
  return { number, first, digests, previous, hash, seal };
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
