import type { Table, TableRow } from '../../criteria/table-rows.ts';

export interface Place {
  readonly row: number;
  readonly column: number;
}

/** Cells from one corner to the other, both within. */
export interface Range {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export function rangeOf(a: Place, b: Place): Range {
  return {
    top: Math.min(a.row, b.row),
    left: Math.min(a.column, b.column),
    bottom: Math.max(a.row, b.row),
    right: Math.max(a.column, b.column),
  };
}

export function withCell(table: Table, { row, column }: Place, text: string): Table {
  const before = table.rows[row];
  if (before === undefined || (before.cells[column] ?? '') === text) return table;
  const cells = table.columns.map((_, index) => (index === column ? text : (before.cells[index] ?? '')));
  return { ...table, rows: table.rows.toSpliced(row, 1, { ...before, cells }) };
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

export function copied({ columns, rows }: Table, { top, left, bottom, right }: Range): string {
  const line = ({ cells }: TableRow) => columns.slice(left, right + 1).map((_, index) => cells[left + index] ?? '');
  const lines = rows.slice(top, bottom + 1).map((row) => line(row).join('\t'));
  return lines.join('\n');
}

export function cleared(table: Table, range: Range): Table {
  const empty = (row: TableRow): TableRow => {
    const isIn = (index: number) => index >= range.left && index <= range.right;
    return { ...row, cells: table.columns.map((_, index) => (isIn(index) ? '' : (row.cells[index] ?? ''))) };
  };
  const isIn = (index: number) => index >= range.top && index <= range.bottom;
  return { ...table, rows: table.rows.map((row, index) => (isIn(index) ? empty(row) : row)) };
}

/** One row stays at least. */
export function withoutRows(table: Table, { top, bottom }: Range): Table {
  const rows = table.rows.toSpliced(top, bottom - top + 1);
  return { ...table, rows: rows.length > 0 ? rows : [{ cells: [], rest: null }] };
}

/** What rows asked of these columns is asked no more. */
export function withoutColumns({ columns, rows }: Table, { left, right }: Range): Table {
  const count = right - left + 1;
  const cut = (row: TableRow) => ({ ...row, cells: columns.map((_, i) => row.cells[i] ?? '').toSpliced(left, count) });
  return { columns: columns.toSpliced(left, count), rows: rows.map(cut) };
}
