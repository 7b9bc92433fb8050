import { describe, expect, it } from 'vitest';
import {
  cleared,
  copied,
  pasted,
  rangeOf,
  withCell,
  withoutColumns,
  withoutRows,
} from '../../src/console/editor/cells.ts';
import type { Table } from '../../src/criteria/table-rows.ts';

const column = (name: string) => ({ value: { kind: 'path' as const, path: ['item', name] }, type: 'text' as const });
const row = (...cells: string[]) => ({ cells, rest: null });
const TABLE: Table = { columns: ['a', 'b', 'c'].map(column), rows: [row('1', '2', '3'), row('4', '', '6')] };
const textsOf = ({ rows }: Table) => rows.map(({ cells }) => cells);
const all = rangeOf({ row: 1, column: 2 }, { row: 0, column: 0 });

describe('cells of a decision table', () => {
  it('take what a spreadsheet copied, from a cell on', () => {
    const table = { ...TABLE, rows: TABLE.rows.slice(0, 1) };
    expect(textsOf(pasted(table, { row: 0, column: 1 }, 'x\ty\tz\r\np\n'))).toEqual([
      ['1', 'x', 'y'],
      ['', 'p', ''],
    ]);
  });

  it('are copied as they are pasted', () => {
    expect(copied(TABLE, all)).toBe('1\t2\t3\n4\t\t6');
    expect(textsOf(pasted(TABLE, { row: 0, column: 0 }, copied(TABLE, all)))).toEqual(textsOf(TABLE));
  });

  it('are changed one by one, the other rows staying what they were', () => {
    const changed = withCell(TABLE, { row: 1, column: 1 }, '5');
    expect(textsOf(changed)[1]).toEqual(['4', '5', '6']);
    expect(changed.rows[0]).toBe(TABLE.rows[0]);
    expect(withCell(TABLE, { row: 1, column: 1 }, '')).toBe(TABLE);
  });

  it('are cleared and taken out in ranges', () => {
    const right = rangeOf({ row: 0, column: 1 }, { row: 0, column: 2 });
    expect(textsOf(cleared(TABLE, right))[0]).toEqual(['1', '', '']);
    const { columns, rows } = withoutColumns(TABLE, right);
    expect(columns).toEqual([TABLE.columns[0]]);
    expect(rows.map(({ cells }) => cells)).toEqual([['1'], ['4']]);
    expect(textsOf(withoutRows(TABLE, right))).toEqual([['4', '', '6']]);
    expect(withoutRows(TABLE, all).rows).toEqual([row()]);
  });
});
