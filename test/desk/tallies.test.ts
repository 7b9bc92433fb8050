import { expect, it } from 'vitest';
import { sharesOf, Tallies, totalOf } from '../../src/desk/tallies.ts';
import { OFFICES_TALLIED_MAX } from '../../src/limits.ts';

const MINUTE = 60_000;
const T0 = Date.parse('2026-03-02T09:30:00Z');

it('counts what was decided in this minute and the 59 before, and forgets it after', () => {
  let now = T0;
  const tallies = new Tallies(() => now);
  tallies.add('A', 'green', now);
  now += 30 * MINUTE;
  tallies.add('A', 'red', now);
  tallies.add('B', 'red', now - 5 * MINUTE);
  expect(sharesOf(tallies.all())).toEqual({ green: 33.33, blue: 0, yellow: 0, red: 66.67 });
  now += 29 * MINUTE;
  expect(totalOf(tallies.all())).toBe(3);
  now += MINUTE;
  expect(totalOf(tallies.all())).toBe(2);
  expect(tallies.offices().map(({ office, counts }) => [office, counts])).toEqual([
    ['A', [0, 0, 0, 1]],
    ['B', [0, 0, 0, 1]],
  ]);
  now += 26 * MINUTE;
  expect(tallies.offices().map(({ office }) => office)).toEqual(['A']);
  now += 60 * MINUTE;
  expect(tallies.offices()).toEqual([]);
  expect(sharesOf(tallies.all())).toEqual({ green: 0, blue: 0, yellow: 0, red: 0 });
  expect(tallies.total).toBe(3);
});

it('leaves out what was decided before the last hour, and takes what another clock dates ahead as of now', () => {
  const tallies = new Tallies(() => T0);
  tallies.add('A', 'green', T0 - 60 * MINUTE);
  tallies.add('A', 'blue', T0 + 10 * MINUTE);
  expect(tallies.all()).toEqual([0, 1, 0, 0]);
  expect(tallies.total).toBe(1);
});

it('says how many were decided in a second of the last minutes', () => {
  let now = T0;
  const tallies = new Tallies(() => now);
  for (let n = 0; n < 7; n++) tallies.add('A', 'green', now + 10 * n);
  expect(tallies.inSecond(T0 / 1000)).toBe(7);
  expect(tallies.inSecond(T0 / 1000 - 1)).toBe(0);
  now += 300_000;
  tallies.add('A', 'green', now);
  expect(tallies.inSecond(T0 / 1000)).toBe(0);
  expect(tallies.inSecond(now / 1000)).toBe(1);
});

it('counts so many offices apart and all of them together; one that is idle makes room', () => {
  let now = T0;
  const tallies = new Tallies(() => now);
  for (let n = 0; n < OFFICES_TALLIED_MAX + 10; n++) tallies.add(`office-${n}`, 'green', now);
  expect(tallies.offices()).toHaveLength(OFFICES_TALLIED_MAX);
  expect(totalOf(tallies.all())).toBe(OFFICES_TALLIED_MAX + 10);
  now += 61 * MINUTE;
  expect(tallies.offices()).toEqual([]);
  tallies.add('late', 'green', now);
  expect(tallies.offices().map(({ office }) => office)).toEqual(['late']);
});
