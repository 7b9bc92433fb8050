import { CsvError, parse } from 'csv-parse/sync';
import { tiynOf } from '../core/money.ts';
import { LIST_ROWS_MAX } from '../limits.ts';
import { wordsOf } from './phrases.ts';
import { type PolicyProblem, suggestion } from './problems.ts';
import { parseInstant } from './yaml-reader.ts';

/** `hs` and `phrase` are for keys only; `money` is decimal KZT, kept in tiyn; a `date` is kept in epoch milliseconds. */
export const COLUMN_TYPES = ['hs', 'string', 'phrase', 'number', 'int', 'bool', 'date', 'money'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

export interface ListColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export type ListValue = string | number | boolean | null;

export interface ListRow {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly keys: readonly string[];
  /** In the order of `columns`; null where the cell is empty. */
  readonly values: readonly ListValue[];
  /** Epoch milliseconds, −∞ and +∞ where open. The end is excluded. */
  readonly validFrom: number;
  readonly validUntil: number;
}

/** A list as its file says it, checked. */
export interface ListSource {
  readonly name: string;
  readonly keys: readonly ListColumn[];
  readonly columns: readonly ListColumn[];
  readonly rows: readonly ListRow[];
}

interface CsvLine {
  readonly line: number;
  readonly cells: readonly string[];
}

/** So that a look-up takes the keys as plain arguments. */
const LIST_KEYS_MAX = 4;

const HEADER = /^(\*?)([A-Za-z][A-Za-z0-9_]{0,63}):([a-z]+)$/;
const KEY_TYPES: readonly ColumnType[] = ['hs', 'string', 'phrase'];

/** Reads a CSV file into lines of cells, trimmed, comments (`#` at the start of a line) left out. */
export function readCsv(file: string, text: string, problems: PolicyProblem[]): CsvLine[] {
  try {
    const records = parse(text, { bom: true, info: true, relax_column_count: true, trim: true, ...comments(text) });
    const lines = records as unknown as { record: string[]; info: { lines: number } }[];
    return lines
      .map(({ record, info }) => ({ line: info.lines, cells: record }))
      .filter(({ cells }) => cells.length > 1 || cells[0] !== '');
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number((error as { lines?: number }).lines ?? 1);
    problems.push({ file, line, column: 1, message: `not CSV: ${error.message}` });
    return [];
  }
}

/** A `#` inside of a cell is no comment, so only whole lines are. */
function comments(text: string): { comment?: string; comment_no_infix?: boolean } {
  return text.includes('#') ? { comment: '#', comment_no_infix: true } : {};
}

/** Reads a list; null where its header cannot be read. Problems are added to `problems`. */
export function readList(name: string, file: string, text: string, problems: PolicyProblem[]): ListSource | null {
  const [header, ...lines] = readCsv(file, text, problems);
  const problem = (line: number, message: string, column = 1) => problems.push({ file, line, column, message });
  if (header === undefined) {
    if (problems.every((known) => known.file !== file)) problem(1, 'a header like *hs:hs,rate:number was expected');
    return null;
  }
  if (lines.length > LIST_ROWS_MAX) problem(header.line, `${lines.length} rows; the limit is ${LIST_ROWS_MAX}`);
  const reader = new RowReader(file, problems, header);
  if (!reader.readable) return null;
  const rows = lines.map((line) => reader.row(line)).filter((row) => row !== null);
  refuseRepeats(rows, problem);
  return { name, keys: reader.keys, columns: reader.columns, rows };
}

/** Rows of the same keys may follow one another in time, never overlap: which one holds would be chance. */
function refuseRepeats(rows: readonly ListRow[], problem: (line: number, message: string) => void): void {
  const byKey = new Map<string, ListRow[]>();
  for (const row of rows) {
    const key = row.keys.join('\n');
    const known = byKey.get(key);
    if (known === undefined) {
      byKey.set(key, [row]);
      continue;
    }
    const repeated = known.find((other) => row.validFrom < other.validUntil && other.validFrom < row.validUntil);
    if (repeated !== undefined) problem(row.line, `${row.keys.join(', ')} stands on line ${repeated.line} already`);
    known.push(row);
  }
}

class RowReader {
  readonly keys: ListColumn[] = [];
  readonly columns: ListColumn[] = [];
  readable = true;
  private readonly file: string;
  private readonly problems: PolicyProblem[];
  /** What each cell of a line is, in the order of the header. */
  private readonly cells: ({ readonly key: boolean } & ListColumn)[] = [];

  constructor(file: string, problems: PolicyProblem[], header: CsvLine) {
    this.file = file;
    this.problems = problems;
    for (const [index, cell] of header.cells.entries()) this.column(header.line, index, cell);
    const [only] = this.cells;
    // A list of one column needs no star: there is nothing else that could be its key.
    if (this.cells.length === 1 && only !== undefined && !only.key && KEY_TYPES.includes(only.type)) {
      this.cells[0] = { ...only, key: true };
    }
    for (const { key, name, type } of this.cells) {
      if (key) this.keys.push({ name, type });
      else if (!isValidity(name)) this.columns.push({ name, type });
    }
    this.checkKeys(header.line);
  }

  private column(line: number, index: number, cell: string): void {
    const match = HEADER.exec(cell);
    if (match === null) {
      this.refuse(line, `column ${index + 1}: name:type was expected, not "${cell}"`);
      return;
    }
    const [, star, name = '', type = ''] = match;
    if (!(COLUMN_TYPES as readonly string[]).includes(type)) {
      const known = COLUMN_TYPES.join(', ');
      this.refuse(line, `column ${name}: type ${type} is none of ${known}${suggestion(type, COLUMN_TYPES)}`);
      return;
    }
    if (this.cells.some((other) => other.name === name)) this.refuse(line, `column ${name} stands twice`);
    if (isValidity(name) && (type !== 'date' || star === '*')) this.refuse(line, `column ${name} must be ${name}:date`);
    this.cells.push({ key: star === '*', name, type: type as ColumnType });
  }

  private checkKeys(line: number): void {
    if (!this.readable) return;
    if (this.keys.length === 0) this.refuse(line, 'mark the key columns with *, like *hs:hs');
    const last = this.cells.findLastIndex(({ key }) => key);
    const first = this.cells.findIndex(({ key }) => !key);
    if (first >= 0 && first < last) this.refuse(line, 'key columns come first');
    for (const { name, type } of this.keys) {
      if (!KEY_TYPES.includes(type)) this.refuse(line, `key ${name} must be hs, string or phrase`);
    }
    for (const { name, type } of this.columns) {
      if (type === 'hs' || type === 'phrase') this.refuse(line, `column ${name}: ${type} is for keys, mark it with *`);
    }
    if (this.keys.length > LIST_KEYS_MAX) this.refuse(line, `at most ${LIST_KEYS_MAX} columns can be keys`);
    if (this.keys.filter(({ type }) => type === 'hs').length > 1) this.refuse(line, 'one key at most can be hs');
    if (this.keys.length > 1 && this.keys.some(({ type }) => type === 'phrase')) {
      this.refuse(line, 'a phrase must be the only key');
    }
  }

  private refuse(line: number, message: string): void {
    this.readable = false;
    this.problem(line, message);
  }

  private problem(line: number, message: string): null {
    this.problems.push({ file: this.file, line, column: 1, message });
    return null;
  }

  row({ line, cells }: CsvLine): ListRow | null {
    if (cells.length !== this.cells.length) {
      return this.problem(line, `${this.cells.length} cells were expected, not ${cells.length}`);
    }
    const faults = this.problems.length;
    const keys: string[] = [];
    const values: ListValue[] = [];
    let validFrom = Number.NEGATIVE_INFINITY;
    let validUntil = Number.POSITIVE_INFINITY;
    for (const [index, { key, name, type }] of this.cells.entries()) {
      const cell = cells[index] ?? '';
      if (key) keys.push(this.key(line, name, type, cell));
      else if (name === 'validFrom') validFrom = this.date(line, name, cell) ?? validFrom;
      else if (name === 'validUntil') validUntil = this.date(line, name, cell) ?? validUntil;
      else values.push(this.value(line, name, type, cell));
    }
    if (validFrom >= validUntil) this.problem(line, 'validUntil must be after validFrom');
    return this.problems.length === faults ? { line, keys, values, validFrom, validUntil } : null;
  }

  private key(line: number, name: string, type: ColumnType, cell: string): string {
    if (cell === '') this.problem(line, `key ${name} must not be empty`);
    else if (type === 'hs' && !/^\d{2,10}$/.test(cell)) {
      this.problem(line, `${name} must be 2 to 10 digits of an HS code, not "${cell}"`);
    } else if (type === 'phrase' && wordsOf(cell).length === 0) this.problem(line, `"${cell}" has no words`);
    return cell;
  }

  private value(line: number, name: string, type: ColumnType, cell: string): ListValue {
    if (cell === '') return null;
    if (type === 'string') return cell;
    if (type === 'bool') return this.flag(line, name, cell);
    if (type === 'date') return this.date(line, name, cell);
    const number = type === 'money' ? tiynOf(cell) : decimal(cell);
    if (number === null || (type === 'int' && !Number.isSafeInteger(number))) {
      const expected = type === 'int' ? 'a whole number' : type === 'money' ? 'a decimal amount of KZT' : 'a number';
      return this.problem(line, `${name} must be ${expected}, not "${cell}"`);
    }
    return number;
  }

  private flag(line: number, name: string, cell: string): boolean | null {
    if (cell === 'true' || cell === 'false') return cell === 'true';
    return this.problem(line, `${name} must be true or false, not "${cell}"`);
  }

  private date(line: number, name: string, cell: string): number | null {
    if (cell === '') return null;
    return parseInstant(cell) ?? this.problem(line, `${name} must be a date like 2026-01-31, not "${cell}"`);
  }
}

function decimal(cell: string): number | null {
  return /^-?\d{1,15}(\.\d{1,12})?$/.test(cell) ? Number(cell) : null;
}

function isValidity(name: string): boolean {
  return name === 'validFrom' || name === 'validUntil';
}
