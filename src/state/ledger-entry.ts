import { type DecisionEntry, OUTCOMES, type Outcome } from '../wire/envelope.ts';
import type { Identity } from '../wire/identity.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';

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
