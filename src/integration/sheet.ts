import { type CsvError, type Info, parse } from 'csv-parse/sync';
import { SHEET_BYTES_MAX, SHEET_COLUMNS_MAX, SHEET_ROWS_MAX } from '../limits.ts';

/** A table as it was typed: nothing is made of its cells yet. */
export interface Sheet {
  /** Null in a file that has one only. */
  readonly name: string | null;
  readonly rows: readonly SheetRow[];
  /** Sheets of the same file that were not read. */
  readonly others: readonly string[];
}

export interface SheetRow {
  /** As the program that shows it counts them, from 1; in a text file the line. */
  readonly line: number;
  readonly cells: readonly SheetCell[];
}

export interface SheetCell {
  readonly text: string;
  /** `formula`: computed, so that what it shows may be out of date. `error`: like #REF!. */
  readonly kind: 'text' | 'number' | 'boolean' | 'formula' | 'error';
}

/** The file cannot be read as a table at all. */
export class SheetError extends Error {}

export const NO_CELL: SheetCell = { text: '', kind: 'text' };

const DELIMITERS = [',', ';', '\t'] as const;

/** CSV (RFC 4180); its delimiter is the one that parts the first line most. @throws SheetError */
export function readCsv(bytes: Uint8Array): Sheet {
  const text = textOf(bytes);
  const head = text.split('\n', 1)[0] ?? '';
  const delimiter = DELIMITERS.toSorted((a, b) => head.split(b).length - head.split(a).length)[0] ?? ',';
  const records = parsed(text, delimiter);
  if (records.length > SHEET_ROWS_MAX) throw new SheetError(`has more than ${SHEET_ROWS_MAX} rows`);
  const rows = records.map(({ record, info }) => ({
    line: info.lines,
    cells: record.map((cell): SheetCell => ({ text: cell.trim(), kind: 'text' })),
  }));
  if (rows.some(({ cells }) => cells.length > SHEET_COLUMNS_MAX)) {
    throw new SheetError(`has more than ${SHEET_COLUMNS_MAX} columns`);
  }
  return { name: null, rows, others: [] };
}

interface CsvRecord {
  readonly record: string[];
  readonly info: Info;
}

function parsed(text: string, delimiter: string): CsvRecord[] {
  const options = { bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true } as const;
  try {
    return parse(text, { ...options, to: SHEET_ROWS_MAX + 1 }) as unknown as CsvRecord[];
  } catch (cause) {
    throw new SheetError((cause as CsvError).message, { cause });
  }
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length > SHEET_BYTES_MAX) throw new SheetError(`is larger than ${SHEET_BYTES_MAX} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SheetError('is not UTF-8', { cause });
  }
}

/** 0 → A, 26 → AA: as spreadsheets name their columns. */
export function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}
