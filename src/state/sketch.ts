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

const ROW_BYTES = 6;

export class Sketch {
  readonly #counts = new Map<number, number>();
  #n = 0;

  /** Number of values counted. */
  get n(): number {
    return this.#n;
  }

  /** Counts a value's bucket, or takes it away where `by` is negative. */
  add(bucket: number, by: number): void {
    const count = (this.#counts.get(bucket) ?? 0) + by;
    if (count === 0) this.#counts.delete(bucket);
    else this.#counts.set(bucket, count);
    this.#n += by;
  }

  merge(other: Sketch): void {
    for (const [bucket, count] of other.#counts) this.add(bucket, count);
  }

  /**
   * Quantiles of ascending orders `qs` (0 to 1), each within RELATIVE_ACCURACY of the value at rank ⌊q (n − 1)⌋.
   * Empty where nothing is counted.
   */
  quantiles(qs: readonly number[]): number[] {
    if (this.#n <= 0) return [];
    const values: number[] = [];
    let seen = 0;
    for (const [bucket, count] of this.#sorted()) {
      seen += count;
      while (values.length < qs.length && seen > Math.floor((qs[values.length] as number) * (this.#n - 1))) {
        values.push(estimateOf(bucket));
      }
    }
    return values;
  }

  /** Buckets ascending, six bytes each: bucket (int16), count (uint32), little endian. */
  encode(): Uint8Array {
    const bytes = Buffer.allocUnsafe(this.#counts.size * ROW_BYTES);
    let at = 0;
    for (const [bucket, count] of this.#sorted()) {
      bytes.writeInt16LE(bucket, at);
      bytes.writeUInt32LE(count, at + 2);
      at += ROW_BYTES;
    }
    return bytes;
  }

  /** Adds what `encode` wrote. */
  addEncoded(bytes: Buffer): void {
    for (let at = 0; at + ROW_BYTES <= bytes.length; at += ROW_BYTES) {
      this.add(bytes.readInt16LE(at), bytes.readUInt32LE(at + 2));
    }
  }

  #sorted(): [number, number][] {
    return [...this.#counts].sort((a, b) => a[0] - b[0]);
  }
}
