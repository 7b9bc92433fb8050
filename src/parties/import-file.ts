import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { PARTY_ROLES, type PartyRole } from '../core/declaration.ts';
import { CATEGORIES, type Category } from '../core/facts.ts';
import { tiynOf } from '../core/money.ts';
import { PARTY_LINE_BYTES_MAX, PARTY_ROWS_REMEMBERED_MAX } from '../limits.ts';
import { splitLines } from '../lines.ts';
import type { PartyEntry } from '../wire/envelope.ts';

export const PARTY_FORMATS = ['csv', 'ndjson'] as const;
export type PartyFormat = (typeof PARTY_FORMATS)[number];

export interface RefusedRow {
  /** Line of the file where the row begins, from 1; the header of a CSV counts. */
  readonly row: number;
  readonly reason: string;
}

/** Grows while the file is read. */
export interface ImportReport {
  rows: number;
  accepted: number;
  refused: number;
  /** The first REFUSALS_KEPT of them. */
  readonly refusals: RefusedRow[];
  /** Rows past PARTY_ROWS_REMEMBERED_MAX are not compared with one another. */
  duplicatesChecked: boolean;
}

export interface PartyImport {
  readonly entries: AsyncIterable<PartyEntry>;
  readonly report: ImportReport;
}

const REFUSALS_KEPT = 1000;
const COLUMNS = ['role', 'id', 'category', 'authorisedOperator', 'openViolations', 'arrears'] as const;
const OPEN_VIOLATIONS_MAX = 0xffff_ffff;
/** As the submit routes take it. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/;

/** `.csv` → csv, `.ndjson` and `.jsonl` → ndjson, anything else null. */
export function formatOf(path: string): PartyFormat | null {
  if (/\.csv$/i.test(path)) return 'csv';
  return /\.(ndjson|jsonl)$/i.test(path) ? 'ndjson' : null;
}

/**
 * Reads participants and their categories from a file, a row at a time: `role`, `id`, `category` (low, medium, high),
 * and where they are given `authorisedOperator` (true, false), `openViolations` (whole number), `arrears` (KZT).
 * A row that cannot be used is refused with its reason, and the others are read on; of two rows on one party in one
 * role the first stands.
 * @throws (from `entries`) where the file cannot be read, or is no CSV with these columns.
 */
export function readParties(path: string, format: PartyFormat): PartyImport {
  const report: ImportReport = { rows: 0, accepted: 0, refused: 0, refusals: [], duplicatesChecked: true };
  const rows = format === 'csv' ? csvRows(path) : ndjsonRows(path);
  return { entries: accept(rows, report), report };
}

interface Row {
  readonly row: number;
  readonly value: unknown;
  /** Why there is no value. */
  readonly problem: string | null;
}

async function* accept(rows: AsyncIterable<Row>, report: ImportReport): AsyncIterable<PartyEntry> {
  const firstRows = new Map<string, number>();
  const refuse = (row: number, reason: string): void => {
    report.refused += 1;
    if (report.refusals.length < REFUSALS_KEPT) report.refusals.push({ row, reason });
  };
  for await (const { row, value, problem } of rows) {
    report.rows += 1;
    const entry = problem ?? partyOf(value);
    if (typeof entry === 'string') {
      refuse(row, entry);
      continue;
    }
    const key = `${entry.role} ${entry.id}`;
    const first = firstRows.get(key);
    if (first !== undefined) {
      refuse(row, `row ${first} names the same party in the same role`);
      continue;
    }
    if (firstRows.size < PARTY_ROWS_REMEMBERED_MAX) firstRows.set(key, row);
    else report.duplicatesChecked = false;
    report.accepted += 1;
    yield entry;
  }
}

type Fields = Readonly<Partial<Record<(typeof COLUMNS)[number], unknown>>>;

/** The entry, or why the row is refused. */
function partyOf(value: unknown): PartyEntry | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is not an object';
  const fields = value as Record<string, unknown>;
  const unknown = Object.keys(fields).find((name) => !(COLUMNS as readonly string[]).includes(name));
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is not one of ${COLUMNS.join(', ')}`;
  const { role, id, category, ...more } = fields as Fields;
  if (!isOneOf(PARTY_ROLES, role)) return `role must be one of ${PARTY_ROLES.join(', ')}`;
  if (typeof id !== 'string' || !ID.test(id)) return 'id must be 1 to 64 letters or digits (also . _ / - inside)';
  if (!isOneOf(CATEGORIES, category)) return `category must be one of ${CATEGORIES.join(', ')}`;
  const authorisedOperator = booleanOf(more.authorisedOperator);
  if (authorisedOperator === null) return 'authorisedOperator must be true or false';
  const openViolations = countOf(more.openViolations);
  if (openViolations === null) return 'openViolations must be a whole number';
  const arrearsTiyn = arrearsOf(more.arrears);
  if (arrearsTiyn === null) return 'arrears must be a decimal amount of KZT, such as 1500.00';
  return { role, id, category, authorisedOperator, openViolations, arrearsTiyn };
}

function isOneOf<T extends PartyRole | Category>(allowed: readonly T[], value: unknown): value is T {
  return (allowed as readonly unknown[]).includes(value);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function booleanOf(value: unknown): boolean | null {
  if (isAbsent(value) || value === false || value === 'false') return false;
  return value === true || value === 'true' ? true : null;
}

function countOf(value: unknown): number | null {
  if (isAbsent(value)) return 0;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{1,10}$/.test(text)) return null;
  return Number(text) <= OPEN_VIOLATIONS_MAX ? Number(text) : null;
}

/** In tiyn; never negative, never beyond what a double holds exactly. */
function arrearsOf(value: unknown): number | null {
  if (isAbsent(value)) return 0;
  const tiyn = tiynOf(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '');
  return tiyn !== null && tiyn >= 0 && Number.isSafeInteger(tiyn) ? tiyn : null;
}

/** A row with too few or too many cells is refused; a file that is no CSV ends the import. */
async function* csvRows(path: string): AsyncIterable<Row> {
  const input = createReadStream(path);
  const parser = input.pipe(
    parse({
      columns: header,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: PARTY_LINE_BYTES_MAX,
      info: true,
    }),
  );
  // A pipe does not pass errors on: a file that cannot be read fails where its rows are awaited.
  input.once('error', (error) => parser.destroy(error));
  for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
    const problem = info.error instanceof CsvError ? 'has not as many cells as the header' : null;
    yield { row: info.lines, value: record, problem };
  }
}

interface CsvRecord {
  readonly record: unknown;
  readonly info: { readonly lines: number; readonly error?: unknown };
}

function header(names: string[]): string[] {
  const missing = COLUMNS.slice(0, 3).filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`the header has no column ${missing.join(', ')}`);
  const unknown = names.filter((name) => !(COLUMNS as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`the header has a column ${unknown[0]}, not one of ${COLUMNS.join(', ')}`);
  return names;
}

async function* ndjsonRows(path: string): AsyncIterable<Row> {
  for await (const { number: row, bytes } of splitLines(createReadStream(path), PARTY_LINE_BYTES_MAX)) {
    if (bytes === null) {
      yield { row, value: null, problem: `is longer than ${PARTY_LINE_BYTES_MAX} bytes` };
      continue;
    }
    const text = bytes.toString('utf8').trim();
    if (text === '') continue;
    try {
      yield { row, value: JSON.parse(text), problem: null };
    } catch {
      yield { row, value: null, problem: 'is not JSON' };
    }
  }
}
