import { CsvError, parse } from 'csv-parse/sync';
import { tiynOf } from '../core/money.ts';
import { OUTCOMES_PER_FILE_MAX } from '../limits.ts';
import type { OutcomeEntry } from '../wire/envelope.ts';

export interface OutcomeFault {
  readonly line: number;
  readonly column: string | null;
  readonly message: string;
}

export interface OutcomeFile {
  readonly outcomes: readonly OutcomeEntry[];
  readonly faults: readonly OutcomeFault[];
}

const COLUMNS = ['declarationId', 'submitter', 'controlledAt', 'finding', 'amountRecovered'] as const;
const REQUIRED: readonly string[] = ['declarationId', 'controlledAt', 'finding'];
const NO = ['0', 'no', 'false', ''];
const YES = ['1', 'yes', 'true'];
const CODE = /^[A-Za-z0-9._-]{1,40}$/;
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Outcomes of controls from CSV with the header `declarationId,submitter,controlledAt,finding,amountRecovered`: `submitter` and
 * `amountRecovered` (decimal KZT) may be left out; `finding` is 0, 1, or the code of what was found. Every line with a
 * fault is named, and left out.
 * @param submittersOf Who has a declaration of this id: tells whose it is where the line does not.
 */
export function readOutcomes(text: string, submittersOf: (id: string) => readonly string[], now: number): OutcomeFile {
  let lines: { record: string[]; info: { lines: number } }[];
  try {
    lines = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      trim: true,
      skip_empty_lines: true,
    }) as never;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { outcomes: [], faults: [{ line: 1, column: null, message: `not CSV: ${error.message}` }] };
  }
  const [header, ...rows] = lines;
  const faults = header === undefined ? [fault(1, null, 'the file is empty')] : headerFaults(header.record);
  if (rows.length > OUTCOMES_PER_FILE_MAX) {
    faults.push(fault(1, null, `${rows.length} lines; the limit of one file is ${OUTCOMES_PER_FILE_MAX}`));
  }
  if (header === undefined || faults.length > 0) return { outcomes: [], faults };
  const outcomes = rows.flatMap(({ record, info }) => {
    const cell = (name: (typeof COLUMNS)[number]) => record[header.record.indexOf(name)] ?? '';
    const read = readRow(cell, submittersOf, now);
    if ('message' in read) faults.push(fault(info.lines, read.column, read.message));
    return 'message' in read ? [] : [read];
  });
  return { outcomes, faults };
}

function fault(line: number, column: string | null, message: string): OutcomeFault {
  return { line, column, message };
}

function headerFaults(header: readonly string[]): OutcomeFault[] {
  const missing = REQUIRED.filter((name) => !header.includes(name));
  const unknown = header.filter((name) => !(COLUMNS as readonly string[]).includes(name));
  return [
    ...missing.map((name) => fault(1, name, `the column ${name} is missing`)),
    ...unknown.map((name) => fault(1, name, `the column ${name} is not known; known: ${COLUMNS.join(', ')}`)),
  ];
}

type Refused = { readonly column: string; readonly message: string };

function readRow(
  cell: (name: (typeof COLUMNS)[number]) => string,
  submittersOf: (id: string) => readonly string[],
  now: number,
): OutcomeEntry | Refused {
  const id = cell('declarationId');
  const named = cell('submitter');
  const submitters = submittersOf(id);
  if (submitters.length === 0) return { column: 'declarationId', message: `no declaration ${id} has been decided` };
  if (named !== '' && !submitters.includes(named)) {
    return { column: 'submitter', message: `${named} has no declaration ${id}` };
  }
  const submitter = named === '' ? submitters[0] : named;
  if (submitter === undefined || (named === '' && submitters.length > 1)) {
    return { column: 'submitter', message: `several submitters have a declaration ${id}: say which` };
  }
  const controlledAt = DATE.test(cell('controlledAt')) ? Date.parse(cell('controlledAt')) : Number.NaN;
  if (Number.isNaN(controlledAt))
    return { column: 'controlledAt', message: 'must be an ISO 8601 date, or date and time' };
  if (controlledAt > now) return { column: 'controlledAt', message: 'is in the future' };
  const found = cell('finding');
  const isNo = NO.includes(found.toLowerCase());
  const isYes = YES.includes(found.toLowerCase());
  if (!isNo && !CODE.test(found)) return { column: 'finding', message: 'must be 0, 1 or a code of letters and digits' };
  const amount = cell('amountRecovered');
  const recoveredTiyn = amount === '' ? 0 : tiynOf(amount);
  if (recoveredTiyn === null || recoveredTiyn < 0) {
    return { column: 'amountRecovered', message: 'must be a decimal amount of KZT' };
  }
  return { submitter, id, controlledAt, finding: !isNo, code: isNo || isYes ? '' : found, recoveredTiyn };
}
