import { expect, it } from 'vitest';
import { difference, wilson } from '../../src/core/interval.ts';

it('gives the interval of a share by Wilson', () => {
  // 10 of 40: 0.142 to 0.402 by any table of it.
  expect(wilson(10, 40)?.low).toBeCloseTo(0.1419, 3);
  expect(wilson(10, 40)?.high).toBeCloseTo(0.4019, 3);
  expect(wilson(0, 10)).toMatchObject({ low: 0 });
  expect(wilson(10, 10)?.high).toBeCloseTo(1, 9);
  expect(wilson(0, 0)).toBeNull();
});

it('tells whether two shares differ by more than chance', () => {
  // z = 2.1822: p = 0.0291.
  const known = difference({ part: 30, of: 100 }, { part: 45, of: 100 });
  expect(known?.difference).toBeCloseTo(-0.15);
  expect(known?.p).toBeCloseTo(0.0287, 3);
  expect(difference({ part: 50, of: 100 }, { part: 50, of: 100 })).toEqual({ difference: 0, p: expect.closeTo(1, 6) });
  expect(difference({ part: 4, of: 100 }, { part: 50, of: 100 })).toBeNull();
  expect(difference({ part: 97, of: 100 }, { part: 50, of: 100 })).toBeNull();
});
