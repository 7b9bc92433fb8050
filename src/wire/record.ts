import type { Decision } from '../core/decide.ts';
import type { Declaration } from '../core/declaration.ts';
import type { Facts } from '../core/facts.ts';
import { compileCodec, decodeEither, nested, record } from './codec.ts';
import { decode } from './messagepack.ts';
import { type Fields, Nested, picker, WHOLE } from './pick.ts';
import { DECISION, FACTS } from './shapes.ts';

/**
 * What the ledger keeps of one decision: all that went in and all that came out, and nothing else (no latency, no
 * host). Its parts are nested as MessagePack of their own, so that a reader decodes only the part that it needs, and
 * the declaration's bytes travel unchanged from ingress to ledger.
 */
export interface RecordParts {
  readonly v: number;
  readonly submitter: string;
  /** Canonical MessagePack of `Declaration`. */
  readonly declaration: Uint8Array;
  /** Canonical MessagePack of `Facts`. */
  readonly facts: Uint8Array;
  /** Canonical MessagePack of `Decision`. */
  readonly decision: Uint8Array;
}

const RECORD_VERSION = 1;

/** `RecordParts` in one go, before its parts are encoded. */
interface WholeRecord {
  readonly v: number;
  readonly submitter: string;
  readonly declaration: Uint8Array;
  readonly facts: Facts;
  readonly decision: Decision;
}

const codec = compileCodec<WholeRecord>(
  record<WholeRecord>({
    v: 'number',
    submitter: 'text',
    declaration: 'bytes',
    facts: nested(FACTS),
    decision: nested(DECISION),
  }),
);

const partsCodec = compileCodec<RecordParts>(
  record<RecordParts>({ v: 'number', submitter: 'text', declaration: 'bytes', facts: 'bytes', decision: 'bytes' }),
);
const decisionCodec = compileCodec<Decision>(DECISION);

export function encodeRecord(submitter: string, declaration: Uint8Array, facts: Facts, decision: Decision): Uint8Array {
  return codec.encode({ v: RECORD_VERSION, submitter, declaration, facts, decision });
}

/** The parts, still encoded. @throws where the bytes are no record of a known version. */
export function openRecord(bytes: Uint8Array): RecordParts {
  const parts = decodeEither(partsCodec, bytes);
  if (parts?.v !== RECORD_VERSION) throw new Error(`record version ${String(parts?.v)} is not known`);
  return parts;
}

export function declarationOf(parts: RecordParts): Declaration {
  return decode(parts.declaration) as Declaration;
}

export function factsOf(parts: RecordParts): Facts {
  return decode(parts.facts) as Facts;
}

export function decisionOf(parts: RecordParts): Decision {
  return decodeEither(decisionCodec, parts.decision);
}

/**
 * A reader of some fields of a record's parts, for those who need a few of many.
 * It throws where the bytes are no record of a known version, or a field is missing.
 */
export function recordReader<T>(parts: {
  readonly declaration: Fields;
  readonly facts: Fields;
  readonly decision: Fields;
}): (bytes: Uint8Array) => T {
  const { declaration, facts, decision } = parts;
  const pick = picker({
    v: WHOLE,
    declaration: new Nested(declaration),
    facts: new Nested(facts),
    decision: new Nested(decision),
  });
  return (bytes) => {
    const picked = pick(bytes) as { readonly v: number } | null;
    if (picked?.v !== RECORD_VERSION) throw new Error(`record version ${String(picked?.v)} is not known`);
    return picked as T;
  };
}
