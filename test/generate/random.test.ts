import { describe, expect, it } from 'vitest';
import { Random, seedOf, Weighted } from '../../src/generate/random.ts';

const take = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Random', () => {
  it('repeats itself for the same seed and stream, and differs for others', () => {
    const first = new Random(7, 3);
    const again = new Random(7, 3);
    const other = new Random(7, 4);
    const sequence = take(50, () => first.bits());
    expect(take(50, () => again.bits())).toEqual(sequence);
    expect(take(50, () => other.bits())).not.toEqual(sequence);
  });

  it('starts a stream over, whatever was drawn before', () => {
    const random = new Random(1, 0);
    random.normal();
    random.restart(1, 9);
    expect(take(5, () => random.normal())).toEqual(
      take(
        5,
        (
          (fresh) => () =>
            fresh.normal()
        )(new Random(1, 9)),
      ),
    );
  });

  it('keeps neighbouring streams apart', () => {
    const firsts = take(
      2000,
      (
        (stream) => () =>
          new Random(1, stream++).unit()
      )(0),
    );
    expect(mean(firsts)).toBeCloseTo(0.5, 1);
    expect(new Set(firsts).size).toBeGreaterThan(1990);
  });

  it('draws distributions with the moments that they are named for', () => {
    const random = new Random(42);
    expect(mean(take(20_000, () => random.unit()))).toBeCloseTo(0.5, 1);
    const normals = take(20_000, () => random.normal());
    expect(Math.abs(mean(normals))).toBeLessThan(0.03);
    expect(mean(normals.map((value) => value * value))).toBeCloseTo(1, 1);
    expect(mean(take(20_000, () => random.geometric(3.5)))).toBeGreaterThan(3.3);
    expect(mean(take(20_000, () => random.geometric(3.5)))).toBeLessThan(3.7);
    const logNormals = take(20_001, () => random.logNormal(10, 0.5)).sort((a, b) => a - b);
    expect(logNormals[10_000]).toBeGreaterThan(9.7);
    expect(logNormals[10_000]).toBeLessThan(10.3);
  });

  it('takes a seed as a number or as text', () => {
    expect(seedOf(12)).toBe(seedOf('12'));
    expect(seedOf('corridor')).not.toBe(seedOf('corridors'));
  });
});

describe('Weighted', () => {
  it('draws in proportion to the weights', () => {
    const random = new Random(5);
    const weighted = new Weighted([1, 0, 3, 6]);
    const counts = [0, 0, 0, 0];
    for (const drawn of take(40_000, () => weighted.draw(random))) counts[drawn] = (counts[drawn] ?? 0) + 1;
    expect(counts[1]).toBe(0);
    expect((counts[0] ?? 0) / 40_000).toBeCloseTo(0.1, 1);
    expect((counts[3] ?? 0) / 40_000).toBeCloseTo(0.6, 1);
  });

  it('refuses weights without a sum', () => {
    expect(() => new Weighted([])).toThrow(RangeError);
    expect(() => new Weighted([0, 0])).toThrow(RangeError);
  });
});
