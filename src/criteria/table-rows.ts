import type { Condition, Value } from './ast.ts';
import { allOf, anyOf, EMPTY, isSame, partsOf } from './groups.ts';
import { type CellProblem, type CellType, cellOf, readCell, type TableColumn } from './table.ts';

/**
 * A decision table: a row holds where all of its cells do, the table where any of its rows does (hit policy collect).
 * What a row asks beyond its columns is its `rest`, so that every condition can be shown as a table and nothing of it
 * is lost.
 */
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  /** A text for each column; empty: anything. */
  readonly cells: readonly string[];
  readonly rest: Condition | null;
}

export interface RowProblem extends CellProblem {
  /** Index of the column. */
  readonly column: number;
}

export type RowReading = { readonly condition: Condition } | { readonly problems: readonly RowProblem[] };

/** Rows read before: of a long table all but one are as they were after each change. */
const READINGS = new WeakMap<TableRow, { readonly columns: readonly TableColumn[]; readonly reading: RowReading }>();

/** `empty` where no cell asks anything: such a row matches nothing, and cannot be saved. */
export function readRow(row: TableRow, columns: readonly TableColumn[]): RowReading {
  const known = READINGS.get(row);
  if (known?.columns === columns) return known.reading;
  const reading = readAnew(row, columns);
  READINGS.set(row, { columns, reading });
  return reading;
}

function readAnew({ cells, rest }: TableRow, columns: readonly TableColumn[]): RowReading {
  const problems: RowProblem[] = [];
  const conditions: Condition[] = [];
  columns.forEach((column, index) => {
    const reading = readCell(cells[index] ?? '', column);
    if ('problem' in reading) problems.push({ column: index, ...reading.problem });
    else if (reading.condition !== null) conditions.push(reading.condition);
  });
  if (problems.length > 0) return { problems };
  return { condition: allOf(rest === null ? conditions : [...conditions, rest]) };
}

/** The condition of the whole table; `empty` in it for a row that asks nothing or cannot be read. */
export function tableCondition({ columns, rows }: Table): Condition {
  return anyOf(
    rows.map((row) => {
      const reading = readRow(row, columns);
      return 'condition' in reading ? reading.condition : EMPTY;
    }),
  );
}

/** One row of a condition: each of its parts into the cell of its column, what has none into the rest. */
export function rowOf(condition: Condition, columns: readonly TableColumn[]): TableRow {
  const cells = columns.map(() => '');
  const rest: Condition[] = [];
  for (const part of ranges(partsOf(condition, 'all'))) {
    const place = columns.findIndex((column, index) => cells[index] === '' && cellOf(part, column) !== null);
    const column = columns[place];
    const text = column === undefined ? null : cellOf(part, column);
    if (text === null) rest.push(...partsOf(part, 'all'));
    else cells[place] = text;
  }
  return { cells, rest: rest.length === 0 ? null : allOf(rest) };
}

/**
 * A condition as a table, its columns in the order in which it names their values.
 * @param typeOf Type of a value by the data dictionary; null where a column cannot hold it.
 */
export function tableOf(condition: Condition, typeOf: (value: Value) => CellType | null): Table {
  const rows = partsOf(condition, 'any');
  const columns: TableColumn[] = [];
  for (const part of rows.flatMap((row) => partsOf(row, 'all'))) {
    const value = subjectOf(part);
    const type = value === null ? null : typeOf(value);
    if (value === null || type === null || columns.some((column) => isSame(column.value, value))) continue;
    columns.push({ value, type });
  }
  return { columns, rows: rows.map((row) => rowOf(row, columns)) };
}

/** Two bounds of one value that stand one behind the other are one range. */
function ranges(parts: readonly Condition[]): Condition[] {
  const joined: Condition[] = [];
  for (const part of parts) {
    const before = joined.at(-1);
    if (before !== undefined && isBound(before, ['>', '>=']) && isBound(part, ['<', '<='])) {
      if (isSame(before.left, part.left)) {
        joined[joined.length - 1] = { kind: 'group', of: 'all', conditions: [before, part] };
        continue;
      }
    }
    joined.push(part);
  }
  return joined;
}

type Compare = Condition & { readonly kind: 'compare' };

function isBound(condition: Condition, operators: readonly string[]): condition is Compare {
  return condition.kind === 'compare' && operators.includes(condition.operator) && condition.right.kind === 'literal';
}

/** What a test is of: the value that all of it is about, or null. */
function subjectOf(condition: Condition): Value | null {
  switch (condition.kind) {
    case 'compare':
      return condition.left;
    case 'oneOf':
    case 'text':
    case 'mentions':
    case 'flag':
    case 'present':
      return condition.value;
    case 'listed':
      return condition.keys.length === 1 ? (condition.keys[0] ?? null) : null;
    case 'not':
      return subjectOf(condition.condition);
    case 'group': {
      const [first, ...others] = condition.conditions.map(subjectOf);
      return first !== undefined && others.every((each) => isSame(each, first)) ? first : null;
    }
    default:
      return null;
  }
}
