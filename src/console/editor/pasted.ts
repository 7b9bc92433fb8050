import type { Table } from '../../criteria/table-rows.ts';

export interface Place {
  readonly row: number;
  readonly column: number;
}

/** Rows and columns as a spreadsheet copies them, from a cell on; rows are added where there are too few. */
export function pasted(table: Table, { row, column }: Place, text: string): Table {
  const lines = text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => line.split('\t'));
  const rows = [...table.rows];
  for (const [down, cells] of lines.entries()) {
    const before = rows[row + down] ?? { cells: [], rest: null };
    const next = table.columns.map((_, index) => cells[index - column] ?? before.cells[index] ?? '');
    rows[row + down] = { ...before, cells: next };
  }
  return { ...table, rows };
}
