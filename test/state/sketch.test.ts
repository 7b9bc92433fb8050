import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketOf, RELATIVE_ACCURACY, Sketch } from '../../src/state/sketch.ts';

const QS = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
const values = fc.array(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 });

function sketchOf(of: readonly number[]): Sketch {
  const sketch = new Sketch();
  for (const value of of) sketch.add(bucketOf(value) as number, 1);
  return sketch;
}

it('gives every quantile within its relative accuracy', () => {
  fc.assert(
    fc.property(values, (seen) => {
      const sorted = seen.toSorted((a, b) => a - b);
      sketchOf(seen)
        .quantiles(QS)
        .forEach((estimate, index) => {
          const exact = sorted[Math.floor((QS[index] as number) * (sorted.length - 1))] as number;
          expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(RELATIVE_ACCURACY * exact * (1 + 1e-9));
        });
    }),
  );
});

it('is the same however it was merged, and in whatever order values came', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const merged = sketchOf(a);
      merged.merge(sketchOf(b));
      const other = sketchOf(b.toReversed());
      other.mergeStored(sketchOf(a).encode());
      expect(merged.encode()).toEqual(sketchOf([...a, ...b]).encode());
      expect(other.encode()).toEqual(merged.encode());
      expect(merged.n).toBe(a.length + b.length);
    }),
  );
});

it('is what it was before, once values are taken away again', () => {
  fc.assert(
    fc.property(values, values, (stay, go) => {
      const sketch = sketchOf([...stay, ...go]);
      for (const value of go) sketch.add(bucketOf(value) as number, -1);
      expect(sketch.encode()).toEqual(sketchOf(stay).encode());
      expect(new Sketch(Buffer.from(sketch.encode())).quantiles(QS)).toEqual(sketchOf(stay).quantiles(QS));
    }),
  );
});

it('counts zero, bounds what is out of range, and takes no other number', () => {
  expect(sketchOf([0, 0, 5]).quantiles([0.5])).toEqual([0]);
  expect(bucketOf(1e300)).toBe(bucketOf(1e15));
  expect(bucketOf(1e-300)).toBe(bucketOf(1e-9));
  for (const value of [-1, Number.NaN]) expect(bucketOf(value)).toBeNull();
  expect(new Sketch().quantiles([0.5])).toEqual([]);
  expect(() => new Sketch().add(3, -1)).toThrow(RangeError);
});
