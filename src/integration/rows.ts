import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { CsvError, type Info, parse } from 'csv-parse';
import { BODY_BYTES_MAX } from '../limits.ts';
import { splitLines } from '../lines.ts';
import type { Mapping, RowFault } from './mapping.ts';

/** A declaration of a file, ready to be sent, or what is wrong with its row. */
export interface InputRow {
  readonly file: string;
  /** Counts the declarations of the file from 1. */
  readonly row: number;
  /** Line of the file where it ends (CSV, NDJSON) or null. */
  readonly line: number | null;
  /** One line of JSON, unchecked, or null where there are faults. */
  readonly json: string | null;
  readonly faults: readonly RowFault[];
}

export type InputFormat = 'json' | 'ndjson' | 'csv';

/** The file as a whole cannot be read: its rows from there on are not known. */
export class InputError extends Error {}

/** A JSON file is held in memory as a whole; NDJSON and CSV are not. */
const JSON_FILE_BYTES_MAX = 64 * 1024 * 1024;

export function readRows(file: string, format: InputFormat, mapping: Mapping | null): AsyncIterable<InputRow> {
  if (format === 'json') return readJson(file);
  if (format === 'ndjson') return readNdjson(file);
  if (mapping === null) throw new Error('a table needs a mapping');
  return readTable(file, mapping);
}

/** One declaration, or a list of them. */
async function* readJson(file: string): AsyncGenerator<InputRow> {
  const { size } = await stat(file);
  if (size > JSON_FILE_BYTES_MAX) throw new InputError(`${file}: larger than ${JSON_FILE_BYTES_MAX} bytes: use NDJSON`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new InputError(`${file}: ${(cause as Error).message}`, { cause });
  }
  for (const [index, declaration] of (Array.isArray(value) ? value : [value]).entries()) {
    yield { file, row: index + 1, line: null, json: JSON.stringify(declaration), faults: [] };
  }
}

/** Lines go on as they are; the service says what is wrong with one. */
async function* readNdjson(file: string): AsyncGenerator<InputRow> {
  let row = 0;
  for await (const { number: line, bytes } of splitLines(createReadStream(file), BODY_BYTES_MAX)) {
    const text = bytes === null ? null : bytes.toString('utf8');
    if (text?.trim() === '') continue;
    row++;
    const faults = text === null ? [{ column: null, message: `is longer than ${BODY_BYTES_MAX} bytes` }] : [];
    yield { file, row, line, json: text, faults };
  }
}

interface TableRecord {
  readonly info: Info;
  readonly record: string[];
}

/**
 * CSV (RFC 4180) with a header line.
 * @throws InputError where the header lacks a column of the mapping, or a quote is never closed.
 */
async function* readTable(file: string, mapping: Mapping): AsyncGenerator<InputRow> {
  const parser = parse({
    bom: true,
    delimiter: mapping.delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: BODY_BYTES_MAX,
  });
  const input = createReadStream(file);
  input.once('error', (error) => parser.destroy(error));
  input.pipe(parser);
  let header: ReadonlyMap<string, number> | null = null;
  let row = 0;
  try {
    for await (const { info, record } of parser as AsyncIterable<TableRecord>) {
      if (header === null) {
        header = readHeader(file, record, mapping);
        continue;
      }
      row++;
      yield { file, row, line: info.lines, ...mapRecord(record, header, mapping) };
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new InputError(`${file}: after row ${row}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    input.destroy();
  }
  if (header === null) throw new InputError(`${file}: is empty; a header line is expected`);
}

function readHeader(file: string, names: readonly string[], mapping: Mapping): ReadonlyMap<string, number> {
  const header = new Map(names.map((name, index) => [name.trim(), index]));
  const missing = [...mapping.columns].filter((column) => !header.has(column));
  if (missing.length === 0) return header;
  throw new InputError(`${file}: has no column ${missing.join(', ')}; it has ${[...header.keys()].join(', ')}`);
}

function mapRecord(
  record: readonly string[],
  header: ReadonlyMap<string, number>,
  mapping: Mapping,
): Pick<InputRow, 'json' | 'faults'> {
  if (record.length !== header.size) {
    const message = `has ${record.length} columns, the header has ${header.size}`;
    return { json: null, faults: [{ column: null, message }] };
  }
  const mapped = mapping.apply((column) => (record[header.get(column) ?? -1] ?? '').trim());
  if ('faults' in mapped) return { json: null, faults: mapped.faults };
  return { json: JSON.stringify(mapped.declaration), faults: [] };
}
