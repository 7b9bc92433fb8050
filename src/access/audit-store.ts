import type { Database } from 'lmdb';
import { type ChainStore, openChainStore, openTable } from '../state/chain-store.ts';
import type { StreamPosition } from '../state/position.ts';
import { decode, encode } from '../wire/messagepack.ts';

/** The audit's tables beside those of every chain. */
export interface AuditStore extends ChainStore {
  /** Hour of `at` since 1970 → numbers of the first and the last entry of it; others may stand between them. */
  readonly hours: Database<Uint8Array, number>;
  // In `meta`: `head`, and of each stream that events come from, `taken <stream>`.
}

/** How far a stream has been taken in, and what its follower must remember. */
export interface Taken {
  readonly position: StreamPosition;
  readonly memory: Uint8Array;
}

export interface Span {
  readonly first: number;
  readonly last: number;
}

const HOUR_MS = 3_600_000;

/** As `openChainStore`. */
export function openAuditStore(dir: string, readOnly: boolean): AuditStore {
  const chain = openChainStore(dir, 'audit', readOnly);
  return { ...chain, hours: openTable<number>(chain.root, 'hours') };
}

export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS);
}

export function readHour(store: AuditStore, hour: number): Span | null {
  const bytes = store.hours.get(hour);
  return bytes === undefined ? null : decodeSpan(bytes);
}

export function putHour(store: AuditStore, hour: number, { first, last }: Span): void {
  store.hours.put(hour, encode([first, last]));
}

/** Numbers of the entries among which all of this time are; null where there are none. */
export function spanOf(store: AuditStore, from: number, to: number): Span | null {
  let span: Span | null = null;
  for (const { value } of store.hours.getRange({ start: hourOf(from), end: hourOf(to) + 1 })) {
    span = widened(span, decodeSpan(value));
  }
  return span;
}

export function widened(span: Span | null, by: Span): Span {
  if (span === null) return by;
  return { first: Math.min(span.first, by.first), last: Math.max(span.last, by.last) };
}

function decodeSpan(bytes: Uint8Array): Span {
  const [first, last] = decode(bytes) as [number, number];
  return { first, last };
}

export function readTaken(store: AuditStore, stream: string): Taken | null {
  const bytes = store.meta.get(`taken ${stream}`);
  if (bytes === undefined) return null;
  const [created, sequence, storedAt, memory] = decode(bytes) as [string, number, string | null, Uint8Array];
  return { position: { created, sequence, ...(storedAt === null ? {} : { storedAt }) }, memory };
}

export function putTaken(store: AuditStore, stream: string, { position, memory }: Taken): void {
  const { created, sequence, storedAt } = position;
  store.meta.put(`taken ${stream}`, encode([created, sequence, storedAt ?? null, memory]));
}
