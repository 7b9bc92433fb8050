import { expect, it } from 'vitest';
import { median, type Point, trendOf } from '../../bench/lib/trend.ts';

/** Noise that repeats: ±10 around what is given. */
const series = (count: number, value: (x: number) => number): Point[] =>
  Array.from({ length: count }, (_, n) => [n / count, value(n / count) + ((n * 7919) % 21) - 10]);

it('finds a slope through noise and outliers, and says how sure it is', () => {
  const rising = series(300, (x) => 1000 + 200 * x).map(([x, y], n): Point => [x, n % 50 === 0 ? y * 5 : y]);
  const { slope, low, high, level } = trendOf(rising);
  expect(slope).toBeGreaterThan(180);
  expect(slope).toBeLessThan(220);
  expect(low).toBeGreaterThan(0);
  expect(low).toBeLessThanOrEqual(slope);
  expect(high).toBeGreaterThanOrEqual(slope);
  expect(level).toBeCloseTo(1100, -2);
});

it('finds none where there is none', () => {
  const { low, high } = trendOf(series(300, () => 500));
  expect(low).toBeLessThanOrEqual(0);
  expect(high).toBeGreaterThanOrEqual(0);
});

it('takes the middle of what there is', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBe(0);
});
