import { expect, it } from 'vitest';
import { pasted } from '../../src/console/editor/pasted.ts';

const column = (name: string) => ({ value: { kind: 'path' as const, path: ['item', name] }, type: 'text' as const });

it('takes what a spreadsheet copied, from a cell on', () => {
  const table = { columns: ['a', 'b', 'c'].map(column), rows: [{ cells: ['1', '2', '3'], rest: null }] };
  const { rows } = pasted(table, { row: 0, column: 1 }, 'x\ty\tz\r\np\n');
  expect(rows.map(({ cells }) => cells)).toEqual([
    ['1', 'x', 'y'],
    ['', 'p', ''],
  ]);
});
