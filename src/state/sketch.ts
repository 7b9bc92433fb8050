/**
 * DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
 * VLDB 2019): a histogram over buckets that grow geometrically. With γ = (1 + α) / (1 − α), bucket i holds the values
 * in (γ^(i−1), γ^i] and stands for 2γ^i / (γ + 1), which is within α of each of them. Counts are integers: what was
 * added can be taken away exactly, and merging is addition.
 */
export const RELATIVE_ACCURACY = 0.01;

const GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);
const LN_GAMMA = Math.log(GAMMA);
/** Values beyond are counted at the bound: it bounds the number of buckets, at about 2,800. */
const VALUE_MIN = 1e-9;
const VALUE_MAX = 1e15;
/** Bucket of zero, below all others. */
const ZERO = -0x8000;

/** The bucket that counts this value; null where it is negative or not a number. */
export function bucketOf(value: number): number | null {
  if (!(value >= 0)) return null;
  if (value === 0) return ZERO;
  return Math.ceil(Math.log(Math.min(Math.max(value, VALUE_MIN), VALUE_MAX)) / LN_GAMMA);
}

/** The value that a bucket stands for. */
function estimateOf(bucket: number): number {
  return bucket === ZERO ? 0 : (2 * Math.exp(bucket * LN_GAMMA)) / (GAMMA + 1);
}

/** One bucket as stored: bucket (int16), count (uint32), little endian; buckets ascend. */
const ROW_BYTES = 6;
const ROWS_AT_FIRST = 8;

/** Works on its stored form: counting one value in a row of LMDB is a copy and a binary search. */
export class Sketch {
  #bytes: Buffer;
  #length: number;
  #n: number;

  /** @param stored What `encode` gave; copied. */
  constructor(stored: Buffer | null = null) {
    this.#length = stored?.length ?? 0;
    this.#bytes = Buffer.allocUnsafe(this.#length + ROWS_AT_FIRST * ROW_BYTES);
    this.#n = 0;
    if (stored === null) return;
    stored.copy(this.#bytes);
    for (let at = 0; at < this.#length; at += ROW_BYTES) this.#n += stored.readUInt32LE(at + 2);
  }

  /** Number of values counted. */
  get n(): number {
    return this.#n;
  }

  /** How often a bucket was counted. */
  count(bucket: number): number {
    const at = this.#find(bucket);
    const isThere = at < this.#length && this.#bytes.readInt16LE(at) === bucket;
    return isThere ? this.#bytes.readUInt32LE(at + 2) : 0;
  }

  /** Counts a bucket so many times more, or fewer where `by` is negative. */
  add(bucket: number, by: number): void {
    const at = this.#find(bucket);
    const isThere = at < this.#length && this.#bytes.readInt16LE(at) === bucket;
    const count = (isThere ? this.#bytes.readUInt32LE(at + 2) : 0) + by;
    if (count < 0) throw new RangeError('a sketch cannot lose what it never counted');
    this.#n += by;
    if (count === 0) {
      if (isThere) this.#remove(at);
      return;
    }
    if (!isThere) this.#insert(at, bucket);
    this.#bytes.writeUInt32LE(count, at + 2);
  }

  merge(other: Sketch): void {
    this.mergeStored(other.encode());
  }

  /** Merges what `encode` gave. */
  mergeStored(stored: Buffer): void {
    for (let at = 0; at < stored.length; at += ROW_BYTES) this.add(stored.readInt16LE(at), stored.readUInt32LE(at + 2));
  }

  /**
   * Quantiles of ascending orders `qs` (0 to 1), each within RELATIVE_ACCURACY of the value at rank ⌊q (n − 1)⌋,
   * counted from 0. Empty where nothing is counted.
   */
  quantiles(qs: readonly number[]): number[] {
    if (this.#n === 0) return [];
    const values: number[] = [];
    let seen = 0;
    for (let at = 0; at < this.#length && values.length < qs.length; at += ROW_BYTES) {
      seen += this.#bytes.readUInt32LE(at + 2);
      while (values.length < qs.length && seen > Math.floor((qs[values.length] as number) * (this.#n - 1))) {
        values.push(estimateOf(this.#bytes.readInt16LE(at)));
      }
    }
    return values;
  }

  /** A view of the stored form, good until the next change. */
  encode(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Offset of this bucket, or of the first above it. */
  #find(bucket: number): number {
    let low = 0;
    let high = this.#length / ROW_BYTES;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bytes.readInt16LE(middle * ROW_BYTES) < bucket) low = middle + 1;
      else high = middle;
    }
    return low * ROW_BYTES;
  }

  #insert(at: number, bucket: number): void {
    if (this.#length + ROW_BYTES > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#bytes.copyWithin(at + ROW_BYTES, at, this.#length);
    this.#bytes.writeInt16LE(bucket, at);
    this.#length += ROW_BYTES;
  }

  #remove(at: number): void {
    this.#bytes.copyWithin(at, at + ROW_BYTES, this.#length);
    this.#length -= ROW_BYTES;
  }
}
