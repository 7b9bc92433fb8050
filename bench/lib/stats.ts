/** Middle value, of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

const ROUNDS = 4000;

/** Interval of 95 % for the median, by the bootstrap (Efron 1979), with a fixed sequence of choices. */
export function interval(values: readonly number[]): { low: number; high: number } {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const medians = Array.from({ length: ROUNDS }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)),
  ).sort((a, b) => a - b);
  return {
    low: medians[Math.floor(0.025 * ROUNDS)] ?? Number.NaN,
    high: medians[Math.floor(0.975 * ROUNDS)] ?? Number.NaN,
  };
}
