import type { Corridor } from '../core/corridor.ts';
import { list, record } from '../wire/codec.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { DECLARATION, FACTS } from '../wire/shapes.ts';
import { CompactReader, CompactWriter, compactCodec } from './compact.ts';
import type { Decided } from './redecide.ts';

/** One decision of history, ready to be made again. */
export interface HistoryRow extends Decided {
  readonly submitter: string;
  /** As it was decided. */
  readonly corridor: Corridor;
  readonly policyVersion: string;
  /** Why, then. */
  readonly reasons: readonly RowReason[];
}

export interface RowReason {
  readonly kind: string;
  readonly code: string;
  readonly settled: string;
}

const ROW = compactCodec<HistoryRow>(
  record<HistoryRow>({
    declaration: DECLARATION,
    facts: FACTS,
    submitter: 'text',
    corridor: 'text',
    policyVersion: 'text',
    reasons: list(record<RowReason>({ kind: 'text', code: 'text', settled: 'text' })),
  }),
);

const SEGMENT_VERSION = 1;

/** History in chunks that a thread can hold: rows without keys, each text once. */
export class SegmentWriter {
  readonly #to = new CompactWriter();
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  add(row: HistoryRow): void {
    ROW.write(row, this.#to);
    this.#rows++;
  }

  take(): Uint8Array {
    const { words, doubles, texts } = this.#to.take();
    const all = texts.join('');
    return encode({
      v: SEGMENT_VERSION,
      rows: this.#rows,
      words: bytesOf(words),
      doubles: bytesOf(doubles),
      lengths: bytesOf(Uint32Array.from(texts, ({ length }) => length)),
      texts: all,
    });
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

interface Segment {
  readonly v: number;
  readonly rows: number;
  readonly words: Uint8Array;
  readonly doubles: Uint8Array;
  readonly lengths: Uint8Array;
  readonly texts: string;
}

/** Rows in the order they were decided in, each made when it is asked for. @throws where the bytes are no segment. */
export function* rowsOf(bytes: Uint8Array): Iterable<HistoryRow> {
  const segment = decode(bytes) as Segment | null;
  if (segment?.v !== SEGMENT_VERSION) throw new Error('not a segment of history of a known version');
  const lengths = new Uint32Array(aligned(segment.lengths));
  const texts = new Array<string>(lengths.length);
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    texts[i] = segment.texts.slice(at, at + length);
    at += length;
  }
  const reader = new CompactReader({
    words: new Uint32Array(aligned(segment.words)),
    doubles: new Float64Array(aligned(segment.doubles)),
    texts,
  });
  for (let i = 0; i < segment.rows; i++) yield ROW.read(reader);
}

/** Typed arrays begin at multiples of their elements. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  // Not `slice()`: that of a Buffer is no copy.
  return new Uint8Array(bytes).buffer;
}
