import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../src/criteria/ast.ts';
import {
  at,
  duplicated,
  insertedAfter,
  moved,
  removed,
  replaced,
  type TreePath,
  textOf,
  tidy,
} from '../../src/criteria/edit.ts';
import { treeOf } from '../../src/criteria/text.ts';
import { criteria } from './generated.ts';

const EMPTY: Condition = { kind: 'empty' };

/** Where conditions stand in a tree. */
function placesOf(condition: Condition, path: TreePath = []): TreePath[] {
  if (condition.kind === 'not' || condition.kind === 'quantifier') {
    return [path, ...placesOf(condition.condition, [...path, 'condition'])];
  }
  if (condition.kind !== 'group') return [path];
  const inner = condition.conditions.flatMap((each, i) => placesOf(each, [...path, 'conditions', i]));
  return [path, ...inner];
}

const edits = fc.array(
  fc.record({
    how: fc.constantFrom('remove', 'duplicate', 'insert', 'up', 'down', 'empty', 'other', 'negate'),
    where: fc.nat(),
    what: criteria,
  }),
  { maxLength: 12 },
);
type Edit = typeof edits extends fc.Arbitrary<(infer E)[]> ? E : never;

function edited(tree: Condition, { how, where, what }: Edit): Condition {
  const places = placesOf(tree);
  const path = places[where % places.length] ?? [];
  switch (how) {
    case 'remove':
      return removed(tree, path);
    case 'duplicate':
      return duplicated(tree, path);
    case 'insert':
      return insertedAfter(tree, path, what);
    case 'up':
      return moved(tree, path, -1);
    case 'down':
      return moved(tree, path, 1);
    case 'empty':
      return replaced(tree, path, EMPTY);
    case 'negate':
      return replaced(tree, path, { kind: 'not', condition: at(tree, path) });
    default:
      return replaced(tree, path, what);
  }
}

describe('a tree that is being built', () => {
  it('prints text that reads as the same tree, or says that it is not finished: whatever was done to it', () => {
    fc.assert(
      fc.property(criteria, edits, (tree, steps) => {
        const built = steps.reduce(edited, tree);
        const printed = textOf(built);
        if ('missing' in printed) {
          expect(JSON.stringify(built)).toMatch(/"empty"|"conditions":\[\]|"literals":\[\]/);
          return;
        }
        const read = treeOf(printed.text);
        expect('tree' in read && textOf(read.tree)).toEqual(printed);
        expect('tree' in read && read.tree).toEqual(tidy(built));
      }),
      { numRuns: 2000 },
    );
  });

  it('is never taken for true where something is empty', () => {
    expect(textOf(EMPTY)).toHaveProperty('missing');
    expect(textOf({ kind: 'not', condition: EMPTY })).toHaveProperty('missing');
    expect(textOf({ kind: 'group', of: 'any', conditions: [] })).toHaveProperty('missing');
    expect(textOf({ kind: 'group', of: 'all', conditions: [EMPTY] })).toHaveProperty('missing');
  });

  it('changes places within its group only', () => {
    const flag = (name: string): Condition => ({ kind: 'flag', value: { kind: 'path', path: [name] } });
    const tree: Condition = { kind: 'group', of: 'all', conditions: [flag('a'), flag('b'), flag('c')] };
    const text = (of: Condition) => textOf(of);
    expect(text(moved(tree, ['conditions', 2], -1))).toEqual({ text: 'a && c && b' });
    expect(moved(tree, ['conditions', 0], -1)).toEqual(tree);
    expect(text(removed(tree, ['conditions', 1]))).toEqual({ text: 'a && c' });
    expect(text(duplicated(tree, ['conditions', 0]))).toEqual({ text: 'a && a && b && c' });
    expect(text(insertedAfter(flag('a'), [], flag('b')))).toEqual({ text: 'a && b' });
    expect(removed(flag('a'), [])).toEqual(EMPTY);
  });
});
