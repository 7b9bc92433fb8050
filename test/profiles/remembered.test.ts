import { expect, it } from 'vitest';
import { remembered } from '../../src/profiles/remembered.ts';

it('makes each result once while its text is among the last that were asked about', () => {
  const made: string[] = [];
  const length = remembered(2, (text) => {
    made.push(text);
    return text.length;
  });
  expect(['a', 'bb', 'a', 'ccc', 'a', 'bb', 'bb'].map(length)).toEqual([1, 2, 1, 3, 1, 2, 2]);
  expect(made).toEqual(['a', 'bb', 'ccc', 'bb']);
});
