import { describe, expect, it } from 'vitest';
import {
  begun,
  isComplete,
  NEW_PROFILE,
  opened,
  redone,
  stepped,
  undone,
  withText,
  withTree,
} from '../../src/console/editor/form.ts';

const FORM = { ...NEW_PROFILE, id: 'X-1', when: 'item.no > 1 && item.hsCode == "6109100000"' };

describe('what is edited', () => {
  it('is one condition in two forms', () => {
    const start = opened(FORM);
    expect(start.tree).toMatchObject({ kind: 'group', of: 'all' });
    const changed = withTree(start, { kind: 'flag', value: { kind: 'path', path: ['trader', 'known'] } });
    expect(changed).toMatchObject({ text: 'trader.known', form: { when: 'trader.known' } });
    expect(withText(changed, 'item.no == 2').tree).toMatchObject({ kind: 'compare', operator: '==' });
  });

  it('keeps what was in order while one of them is not', () => {
    const start = opened(FORM);
    const wrong = withText(start, 'item.no >');
    expect(wrong).toMatchObject({ tree: start.tree, form: FORM, text: 'item.no >', textProblem: { line: 1 } });
    expect(isComplete(wrong)).toBe(false);
    const unfinished = withTree(start, { kind: 'empty' });
    expect(unfinished).toMatchObject({ text: FORM.when, form: FORM });
    expect(isComplete(unfinished)).toBe(false);
    expect(isComplete(withText(wrong, 'item.no > 2'))).toBe(true);
  });

  it('of a new profile is not finished', () => {
    expect(isComplete(opened(NEW_PROFILE))).toBe(false);
  });

  it('is undone and done again', () => {
    let steps = stepped(stepped(begun('a'), 'b'), 'c');
    steps = undone(undone(undone(steps)));
    expect(steps.present).toBe('a');
    steps = redone(steps);
    expect(steps.present).toBe('b');
    expect(stepped(steps, 'd').future).toEqual([]);
    expect(stepped(begun('a'), 'ab', true).past).toEqual([]);
  });
});
