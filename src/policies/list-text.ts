import { CorridorError } from '../errors.ts';
import { readCsv } from '../profiles/list-file.ts';
import type { PolicyProblem } from '../profiles/problems.ts';

/** A column as the header of a list names it. */
export interface TextColumn {
  readonly name: string;
  /** Null in a list that is not typed (exceptions). */
  readonly type: string | null;
  readonly key: boolean;
}

/** Column → text of the cell; empty cells are there. */
export type Cells = Readonly<Record<string, string>>;

/** What every row may say of itself, whatever the list is about. */
const LIFE_COLUMNS = ['validFrom:date', 'validUntil:date', 'reason:string'] as const;

const HEADER = /^(\*?)([A-Za-z][A-Za-z0-9_]{0,63})(?::([a-z]+))?$/;

interface TextLine {
  readonly raw: string;
  /** Null: a comment, or empty. */
  readonly cells: readonly string[] | null;
}

/** A list as text, to be changed row by row: comments and the other rows stay as they were written. */
export class ListText {
  readonly columns: readonly TextColumn[];
  readonly #lines: readonly TextLine[];

  /** @throws CorridorError `invalid_policy` where it is no list. */
  constructor(name: string, text: string) {
    this.#lines = linesOf(name, text);
    const header = this.#lines.find(({ cells }) => cells !== null)?.cells ?? [];
    this.columns = columnsOf(header);
  }

  /** The rows under the header, in their order. */
  rows(): Cells[] {
    return this.#rows().map(({ cells }) => this.#named(cells ?? []));
  }

  #rows(): TextLine[] {
    return this.#lines.filter(({ cells }) => cells !== null).slice(1);
  }

  #named(cells: readonly string[]): Cells {
    return Object.fromEntries(this.columns.map(({ name }, index) => [name, cells[index] ?? '']));
  }

  /** The list with these rows at its end. @throws CorridorError `invalid_request` for columns that it does not have. */
  with(rows: readonly Cells[]): string {
    const named = new Set(rows.flatMap((row) => Object.keys(row).filter((column) => row[column] !== '')));
    const missing = LIFE_COLUMNS.filter((column) => named.has(nameOf(column)) && !this.#has(nameOf(column)));
    const all = [...this.columns.map(({ name }) => name), ...missing.map(nameOf)];
    const unknown = [...named].filter((column) => !all.includes(column));
    if (unknown.length > 0) {
      const faults = unknown.map((column) => ({ pointer: '/rows', message: `no column ${column} is in this list` }));
      throw new CorridorError('invalid_request', 'The rows are not valid', { faults });
    }
    const added = rows.map((row) => all.map((column) => quoted(row[column] ?? '')).join(','));
    return textOf([...this.#widened(missing), ...added]);
  }

  #has(column: string): boolean {
    return this.columns.some(({ name }) => name === column);
  }

  #widened(missing: readonly string[]): string[] {
    if (missing.length === 0) return this.#lines.map(({ raw }) => raw);
    const header = this.#lines.findIndex(({ cells }) => cells !== null);
    // The only column of a list is its key without saying so; among others it has to.
    const [only] = this.columns;
    const star = this.columns.length === 1 && only?.key === true;
    return this.#lines.map(({ raw, cells }, index) => {
      if (index === header) return [star && !raw.startsWith('*') ? `*${raw}` : raw, ...missing].join(',');
      return cells === null ? raw : raw + ','.repeat(missing.length);
    });
  }

  /** The list without the rows that have all the cells of one of these, and which of these no row has. */
  without(wanted: readonly Cells[]): { readonly text: string; readonly missing: readonly Cells[] } {
    const groups = byColumns(wanted);
    const missing = new Set(wanted);
    const gone = new Set<TextLine>();
    for (const line of this.#rows()) {
      const row = this.#named(line.cells ?? []);
      for (const { columns, rows } of groups) {
        const found = rows.get(keyOf(row, columns));
        if (found === undefined) continue;
        gone.add(line);
        for (const each of found) missing.delete(each);
      }
    }
    return { text: textOf(this.#lines.filter((line) => !gone.has(line)).map(({ raw }) => raw)), missing: [...missing] };
  }
}

interface Group {
  readonly columns: readonly string[];
  /** Cells of these columns, as a key → whoever wants them. */
  readonly rows: Map<string, Cells[]>;
}

/** Those that name the same columns are looked for at once: a list may be long, and what is wanted of it as well. */
function byColumns(wanted: readonly Cells[]): Group[] {
  const groups = new Map<string, Group>();
  for (const each of wanted) {
    const columns = Object.keys(each).sort();
    const group = groups.get(columns.join()) ?? { columns, rows: new Map<string, Cells[]>() };
    groups.set(columns.join(), group);
    const key = keyOf(each, columns);
    group.rows.set(key, [...(group.rows.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

/** Null for a column that is not there: no cell is that. */
function keyOf(row: Cells, columns: readonly string[]): string {
  return JSON.stringify(columns.map((column) => (Object.hasOwn(row, column) ? row[column] : null)));
}

/** Whether a list has every column that it had, and no new ones but those in which rows speak of themselves. */
export function isSameShape(name: string, before: string, after: string): boolean {
  const columnsIn = (text: string) => summaryOf(name, text).columns.map((column) => JSON.stringify(column));
  const [had, has] = [columnsIn(before), columnsIn(after)];
  const life = columnsOf([...LIFE_COLUMNS]).map((column) => JSON.stringify(column));
  return had.every((column) => has.includes(column)) && has.every((column) => [...had, ...life].includes(column));
}

/** Columns and number of rows, without reading these. */
export function summaryOf(
  name: string,
  text: string,
): { readonly columns: readonly TextColumn[]; readonly rows: number } {
  const [header = '', ...rows] = rawLines(text).filter(isRecord);
  return { columns: new ListText(name, header).columns, rows: rows.length };
}

function nameOf(column: string): string {
  return column.slice(0, column.indexOf(':'));
}

function textOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function columnsOf(header: readonly string[]): TextColumn[] {
  return header.map((cell) => {
    const [, star = '', name = cell, type = null] = HEADER.exec(cell) ?? [];
    // A list that is not typed (exceptions) tells its rows apart by their id.
    const isOnly = header.length === 1 && type !== null;
    return { name, type, key: star === '*' || isOnly || (type === null && name === 'id') };
  });
}

function linesOf(name: string, text: string): TextLine[] {
  const problems: PolicyProblem[] = [];
  const records = readCsv(`lists/${name}.csv`, text, problems);
  const raws = rawLines(text);
  if (problems.length > 0 || raws.filter(isRecord).length !== records.length) {
    const message = problems[0]?.message ?? 'the list can be uploaded only, not changed by row';
    throw new CorridorError('invalid_policy', `lists/${name}.csv cannot be read`, {
      faults: [{ pointer: '', message }],
    });
  }
  let next = 0;
  return raws.map((raw) => ({ raw, cells: isRecord(raw) ? (records[next++]?.cells ?? []) : null }));
}

function isRecord(raw: string): boolean {
  return raw.trim() !== '' && !raw.startsWith('#');
}

/** A cell in quotes may go over several lines. */
function rawLines(text: string): string[] {
  const lines: string[] = [];
  let open: string | null = null;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const whole: string = open === null ? line : `${open}\n${line}`;
    const isComment: boolean = open === null && line.startsWith('#');
    const isOpen: boolean = !isComment && (whole.split('"').length - 1) % 2 === 1;
    open = isOpen ? whole : null;
    if (!isOpen) lines.push(whole);
  }
  if (open !== null) lines.push(open);
  while (lines.at(-1)?.trim() === '') lines.pop();
  return lines;
}

function quoted(cell: string): string {
  return /[",\r\n]|^\s|\s$|^#/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
