/** Point of a series: a place on the x axis (hours, decisions …) and a value. */
export type Point = readonly [x: number, y: number];

export interface Trend {
  /** Theil–Sen: the median of the slopes between all pairs of points; per unit of x. */
  readonly slope: number;
  /** 95 % interval of the slope, from a bootstrap over blocks of neighbouring points. */
  readonly low: number;
  readonly high: number;
  /** Median value. */
  readonly level: number;
}

const POINTS_MAX = 60;
const RESAMPLES = 400;
/** Neighbours stay together: samples of one process depend on one another. */
const BLOCK_POINTS = 5;

/**
 * The trend of a series (P. K. Sen, 1968), thinned to medians of at most 60 groups; the interval by a moving-block
 * bootstrap (H. R. Künsch, 1989), with random numbers of a fixed seed.
 */
export function trendOf(points: readonly Point[]): Trend {
  const thinned = thin(points);
  const random = randomNumbers(1);
  const slopes = Array.from({ length: RESAMPLES }, () => slopeOf(resample(thinned, random))).sort((a, b) => a - b);
  return {
    slope: slopeOf(thinned),
    low: slopes[Math.floor(RESAMPLES * 0.025)] ?? 0,
    high: slopes[Math.ceil(RESAMPLES * 0.975) - 1] ?? 0,
    level: median(points.map(([, y]) => y)),
  };
}

function thin(points: readonly Point[]): Point[] {
  const size = Math.max(1, Math.ceil(points.length / POINTS_MAX));
  const groups: Point[] = [];
  for (let at = 0; at < points.length; at += size) {
    const group = points.slice(at, at + size);
    groups.push([median(group.map(([x]) => x)), median(group.map(([, y]) => y))]);
  }
  return groups;
}

function slopeOf(points: readonly Point[]): number {
  const slopes: number[] = [];
  points.forEach(([x1, y1], index) => {
    for (const [x2, y2] of points.slice(index + 1)) if (x2 !== x1) slopes.push((y2 - y1) / (x2 - x1));
  });
  return median(slopes);
}

/** Blocks keep their place on the x axis: a trend is in the series, not in its order. */
function resample(points: readonly Point[], random: () => number): Point[] {
  const block = Math.min(BLOCK_POINTS, points.length);
  const made: Point[] = [];
  while (made.length < points.length) {
    const at = Math.floor(random() * (points.length - block + 1));
    made.push(...points.slice(at, at + block));
  }
  return made;
}

/** 0 for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? 0;
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** mulberry32: [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
