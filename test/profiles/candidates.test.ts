import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandidateSet } from '../../src/profiles/candidates.ts';

function drain(set: CandidateSet): number[] {
  const members: number[] = [];
  for (let member = set.take(); member >= 0; member = set.take()) members.push(member);
  return members;
}

describe('a candidate set', () => {
  it('gives what was added once each, in ascending order, and is empty afterwards', () => {
    const size = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(size, fc.array(fc.nat({ max: 99_999 }), { maxLength: 300 }), (size, numbers) => {
        const set = new CandidateSet(size);
        const members = numbers.map((number) => number % size);
        set.addAll(Int32Array.from(members));
        expect(drain(set)).toEqual([...new Set(members)].sort((a, b) => a - b));
        expect(set.take()).toBe(-1);
      }),
      { numRuns: 200 },
    );
  });

  it('takes additions between takings', () => {
    const set = new CandidateSet(2000);
    for (const member of [1999, 40, 5]) set.add(member);
    expect(set.take()).toBe(5);
    set.add(6);
    set.add(1);
    expect(drain(set)).toEqual([1, 6, 40, 1999]);
  });

  it('is empty after clearing', () => {
    const set = new CandidateSet(5000);
    for (let member = 0; member < 5000; member += 7) set.add(member);
    set.clear();
    expect(drain(set)).toEqual([]);
    set.add(4999);
    expect(drain(set)).toEqual([4999]);
  });
});
