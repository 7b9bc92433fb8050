/**
 * Seeded random numbers: the same seed gives the same sequence on every machine. Not for secrets.
 *
 * The generator is xoshiro128** (Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators"), its
 * state filled by SplitMix32, so that each declaration can have a stream of its own at the price of four steps.
 */
export class Random {
  private s0 = 0;
  private s1 = 0;
  private s2 = 0;
  private s3 = 0;
  private spare: number | null = null;

  constructor(seed: number, stream = 0) {
    this.restart(seed, stream);
  }

  /** Goes to the start of stream `stream` of this seed. Both are taken modulo 2^32. */
  restart(seed: number, stream: number): void {
    let state = (scramble(seed ^ 0x9e3779b9) + Math.imul(stream, 0x85ebca6b)) | 0;
    const next = () => {
      state = (state + 0x9e3779b9) | 0;
      return scramble(state ^ (stream >>> 16));
    };
    this.s0 = next();
    this.s1 = next();
    this.s2 = next();
    this.s3 = next() | 1; // never all zero
    this.spare = null;
  }

  /** 32 random bits, unsigned. */
  bits(): number {
    const product = Math.imul(this.s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.s1 << 9;
    this.s2 ^= this.s0;
    this.s3 ^= this.s1;
    this.s1 ^= this.s2;
    this.s0 ^= this.s3;
    this.s2 ^= shifted;
    this.s3 = (this.s3 << 11) | (this.s3 >>> 21);
    return result >>> 0;
  }

  /** In [0, 1). */
  unit(): number {
    return this.bits() / 0x1_0000_0000;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** An integer in [0, count). */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  integer(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  /** Standard normal, by Marsaglia's polar method (1964). */
  normal(): number {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return value;
    }
    for (;;) {
      const u = 2 * this.unit() - 1;
      const v = 2 * this.unit() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = v * factor;
      return u * factor;
    }
  }

  /** Log-normal with this median and this standard deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** Number of failures before the first success; its mean is `mean`. */
  geometric(mean: number): number {
    return Math.floor(Math.log(1 - this.unit()) / Math.log(mean / (1 + mean)));
  }

  /** `length` decimal digits. */
  digits(length: number): string {
    let text = '';
    while (text.length < length) text += String(this.bits() % 1_000_000).padStart(6, '0');
    return text.slice(0, length);
  }
}

/** Draws indices with given weights in constant time: the alias method (Walker 1977; Vose 1991). */
export class Weighted {
  private readonly threshold: Float64Array;
  private readonly alias: Uint32Array;

  constructor(weights: readonly number[]) {
    const count = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (count === 0 || !(total > 0)) throw new RangeError('weights must be positive in sum');
    this.threshold = new Float64Array(count).fill(1);
    this.alias = new Uint32Array(count);
    const scaled = weights.map((weight) => (weight / total) * count);
    const small: number[] = [];
    const large: number[] = [];
    for (const [index, weight] of scaled.entries()) (weight < 1 ? small : large).push(index);
    while (small.length > 0 && large.length > 0) {
      const low = small.pop() as number;
      const high = large.at(-1) as number;
      this.threshold[low] = scaled[low] as number;
      this.alias[low] = high;
      const rest = (scaled[high] as number) - (1 - (scaled[low] as number));
      scaled[high] = rest;
      if (rest < 1) small.push(large.pop() as number);
    }
  }

  draw(random: Random): number {
    const at = random.unit() * this.threshold.length;
    const index = Math.floor(at);
    return at - index < (this.threshold[index] as number) ? index : (this.alias[index] as number);
  }
}

/** The finaliser of MurmurHash3 (Appleby, public domain). */
function scramble(input: number): number {
  let hash = input;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

/** 32 bits of a seed given as a number or as text. */
export function seedOf(seed: number | string): number {
  let hash = 0x811c9dc5;
  for (const char of String(seed)) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193);
  return scramble(hash) >>> 0;
}
