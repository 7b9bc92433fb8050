import { expect, it } from 'vitest';
import { type SettledMark, settledThrough, withMark } from '../../src/state/settled.ts';

const mark = (created: string, sequence: number, commit: number): SettledMark => ({ created, sequence, commit });

it('counts what a stream had let go when it began where it begins now', () => {
  const marks = [mark('A', 10, 5), mark('A', 50, 30), mark('B', 8, 60)];
  const through = (created: string, firstSequence: number) => settledThrough(marks, { created, firstSequence });
  expect(through('B', 9)).toBe(60);
  expect(through('B', 8)).toBe(30);
  // Made anew: it never held any of this.
  expect(through('C', 1)).toBe(60);
  // Back from a copy, with what it held then.
  expect(through('A', 11)).toBe(5);
  expect(through('A', 10)).toBe(0);
});

it('remembers a bounded number, the latest whole', () => {
  let marks: SettledMark[] = [];
  for (let n = 1; n <= 10_000; n++) marks = withMark(marks, mark('A', n, n));
  expect(marks.length).toBeLessThanOrEqual(64);
  expect(marks.slice(-30).map(({ commit }) => commit)).toEqual(Array.from({ length: 30 }, (_, n) => 9971 + n));
  expect(marks.every(({ commit }, index) => index === 0 || commit > (marks[index - 1]?.commit ?? 0))).toBe(true);
});
