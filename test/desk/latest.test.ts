import { expect, it } from 'vitest';
import type { Corridor } from '../../src/core/corridor.ts';
import { Latest } from '../../src/desk/latest.ts';
import { LATEST_KEPT, LATEST_SHOWN } from '../../src/limits.ts';

const everything = () => true;

function decided(id: string, corridor: Corridor, office = '50101') {
  return { submitter: 'S', id, version: 1, office, corridor, decidedAt: 0 };
}

it('those under control are found behind however many released ones', () => {
  const latest = new Latest();
  latest.add(decided('R', 'red'));
  latest.add(decided('Y', 'yellow', '50202'));
  for (let n = 0; n < LATEST_KEPT; n++) latest.add(decided(`G-${n}`, n % 2 === 0 ? 'green' : 'blue'));
  const ids = (...filter: Parameters<Latest['newest']>) => latest.newest(...filter).map(({ id }) => id);
  expect(ids({ corridors: ['yellow', 'red'] }, everything)).toEqual(['Y', 'R']);
  expect(ids({ corridors: ['red'] }, everything)).toEqual(['R']);
  expect(ids({ corridors: ['red', 'yellow'], office: '50202' }, everything)).toEqual(['Y']);
  expect(ids({ corridors: ['yellow', 'red'] }, ({ office }) => office === '50101')).toEqual(['R']);
  expect(ids({}, everything)).toHaveLength(LATEST_SHOWN);
  expect(ids({ corridors: ['blue'] }, everything)[0]).toBe(`G-${LATEST_KEPT - 1}`);
});

it('those that do not pass the filter take no place among those shown', () => {
  const latest = new Latest();
  latest.add(decided('B', 'blue', '50202'));
  for (let n = 0; n < LATEST_SHOWN; n++) latest.add(decided(`G-${n}`, 'green'));
  expect(latest.newest({ corridors: ['blue'] }, everything).map(({ id }) => id)).toEqual(['B']);
  expect(latest.newest({ office: '50202' }, everything).map(({ id }) => id)).toEqual(['B']);
});
