import { expect, it } from 'vitest';
import { PREVIEW_VALUES_MAX } from '../../src/limits.ts';
import { previewOf } from '../../src/profiles/preview.ts';
import { declaration, neutralFacts } from '../helpers/declaration.ts';
import { fixtureBundle } from '../helpers/policy.ts';

const [ITEM] = declaration().items;

function rowOf(id: string, items: number) {
  const base = declaration({ id });
  const of = {
    ...base,
    items: Array.from({ length: items }, (_, n) => ({ ...ITEM, no: n + 1 }) as typeof ITEM & object),
  };
  return { declaration: of, facts: neutralFacts(of) };
}

const preview = (level: 'item' | 'declaration', text: string, rows: Parameters<typeof previewOf>[3]) =>
  previewOf(fixtureBundle(), level, text, rows);

it('shows the newest values, in the order they came in', () => {
  const rows = [rowOf('A', 2), rowOf('B', 1)];
  const { values, type } = preview('item', 'item.no + 1', rows);
  expect(type).toBe('int');
  expect(values.map(({ id, item, value }) => [id, item, value])).toEqual([
    ['A', 1, 2],
    ['A', 2, 3],
    ['B', 1, 2],
  ]);
  expect(preview('declaration', 'size(declaration.items)', rows).values.map(({ value }) => value)).toEqual([2, 1]);
});

it('evaluates no more than it shows, however many items there are', () => {
  const unseen = {
    get declaration(): never {
      throw new Error('asked for what nobody is shown');
    },
    facts: rowOf('A', 1).facts,
  };
  const { values } = preview('item', 'item.no', [unseen, rowOf('B', 7), rowOf('C', PREVIEW_VALUES_MAX - 3)]);
  expect(values).toHaveLength(PREVIEW_VALUES_MAX);
  expect(values.slice(0, 4).map(({ id, value }) => [id, value])).toEqual([
    ['B', 5],
    ['B', 6],
    ['B', 7],
    ['C', 1],
  ]);
  expect(values.at(-1)?.value).toBe(PREVIEW_VALUES_MAX - 3);
});
