import { type SaxesAttributePlain, SaxesParser, type SaxesTagPlain } from 'saxes';
import {
  SHEET_BYTES_MAX,
  SHEET_COLUMNS_MAX,
  SHEET_PART_BYTES_MAX,
  SHEET_PARTS_MAX,
  SHEET_ROWS_MAX,
} from '../limits.ts';
import { NO_CELL, type Sheet, type SheetCell, SheetError, type SheetRow } from './sheet.ts';
import { Archive, ArchiveError } from './zip.ts';

/**
 * The first sheet of a workbook (Office Open XML, ECMA-376 part 1, 18): cells as texts, formulas told from values.
 *
 *   workbook ─► name and place of the first sheet ─► its rows, texts out of the shared ones
 *
 * The parser of the XML knows no entities but the five of XML itself: a document type adds none.
 * @throws SheetError
 */
export function readXlsx(bytes: Uint8Array): Sheet {
  if (bytes.length > SHEET_BYTES_MAX) throw new SheetError(`is larger than ${SHEET_BYTES_MAX} bytes`);
  try {
    const bounds = { entriesMax: SHEET_PARTS_MAX, entryBytesMax: SHEET_PART_BYTES_MAX };
    const archive = new Archive(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), bounds);
    const { name, path, others } = firstSheet(archive);
    const shared = sharedTexts(archive.text('xl/sharedStrings.xml') ?? '<sst/>');
    return { name, others, rows: rowsOf(required(archive, path), shared) };
  } catch (error) {
    if (error instanceof ArchiveError) throw new SheetError(error.message, { cause: error });
    throw error;
  }
}

function required(archive: Archive, path: string): string {
  const text = archive.text(path);
  if (text === null) throw new SheetError(`is no workbook: it has no ${path}`);
  return text;
}

interface Handlers {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  /** `text`: all that stood in the element itself. */
  close?(name: string, text: string): void;
}

/** Names without their prefixes, in document order. */
function walk(xml: string, { open, close }: Handlers): void {
  const parser = new SaxesParser();
  const texts: string[] = [];
  const local = (name: string) => name.slice(name.indexOf(':') + 1);
  parser.on('error', (cause) => {
    throw new SheetError('has a part that is no XML', { cause });
  });
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => {
    texts.push('');
    open?.(local(name), attributes as Readonly<Record<string, SaxesAttributePlain['value']>>);
  });
  const add = (text: string) => {
    if (texts.length > 0) texts[texts.length - 1] += text;
  };
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('closetag', ({ name }) => close?.(local(name), texts.pop() ?? ''));
  parser.write(xml).close();
}

function firstSheet(archive: Archive): { name: string; path: string; others: string[] } {
  const sheets: { name: string; id: string }[] = [];
  walk(required(archive, 'xl/workbook.xml'), {
    open(tag, attributes) {
      if (tag === 'sheet') sheets.push({ name: attributes.name ?? '', id: attributes['r:id'] ?? '' });
    },
  });
  const targets = new Map<string, string>();
  walk(required(archive, 'xl/_rels/workbook.xml.rels'), {
    open(tag, attributes) {
      if (tag === 'Relationship') targets.set(attributes.Id ?? '', attributes.Target ?? '');
    },
  });
  const [first, ...others] = sheets;
  const target = targets.get(first?.id ?? '');
  if (first === undefined || target === undefined) throw new SheetError('is no workbook: it names no sheet');
  const path = target.startsWith('/') ? target.slice(1) : `xl/${target}`;
  return { name: first.name, path, others: others.map(({ name }) => name) };
}

/** Texts that cells refer to by number: of one piece, or of several with looks of their own. */
function sharedTexts(xml: string): string[] {
  const texts: string[] = [];
  let phonetic = 0;
  walk(xml, {
    open(tag) {
      if (tag === 'si') texts.push('');
      if (tag === 'rPh') phonetic++;
    },
    close(tag, text) {
      if (tag === 'rPh') phonetic--;
      if (tag === 't' && phonetic === 0 && texts.length > 0) texts[texts.length - 1] += text;
    },
  });
  return texts;
}

interface OpenCell {
  readonly column: number;
  readonly type: string;
  value: string;
  inline: string;
  isFormula: boolean;
}

function rowsOf(xml: string, shared: readonly string[]): SheetRow[] {
  const rows: { line: number; cells: SheetCell[] }[] = [];
  let cell: OpenCell | null = null;
  walk(xml, {
    open(tag, attributes) {
      if (tag === 'row') {
        if (rows.length >= SHEET_ROWS_MAX) throw new SheetError(`has more than ${SHEET_ROWS_MAX} rows`);
        rows.push({ line: Number(attributes.r) || (rows.at(-1)?.line ?? 0) + 1, cells: [] });
      }
      if (tag === 'c') {
        const column = columnOf(attributes.r) ?? rows.at(-1)?.cells.length ?? 0;
        if (column >= SHEET_COLUMNS_MAX) throw new SheetError(`has more than ${SHEET_COLUMNS_MAX} columns`);
        cell = { column, type: attributes.t ?? 'n', value: '', inline: '', isFormula: false };
      }
      if (tag === 'f' && cell !== null) cell.isFormula = true;
    },
    close(tag, text) {
      if (cell === null) return;
      if (tag === 'v') cell.value = text;
      if (tag === 't') cell.inline += text;
      if (tag !== 'c') return;
      const cells = rows.at(-1)?.cells ?? [];
      while (cells.length < cell.column) cells.push(NO_CELL);
      cells[cell.column] = cellOf(cell, shared);
      cell = null;
    },
  });
  return rows.filter(({ cells }) => cells.some(({ text, kind }) => text !== '' || kind === 'formula'));
}

function cellOf({ type, value, inline, isFormula }: OpenCell, shared: readonly string[]): SheetCell {
  const text = (type === 's' ? (shared[Number(value)] ?? '') : type === 'inlineStr' ? inline : value).trim();
  if (isFormula) return { text, kind: 'formula' };
  switch (type) {
    case 'b':
      return { text: value === '1' ? 'true' : 'false', kind: 'boolean' };
    case 'e':
      return { text, kind: 'error' };
    case 'n':
      return { text, kind: text === '' ? 'text' : 'number' };
    default:
      return { text, kind: 'text' };
  }
}

/** `AB12` → 27. */
function columnOf(reference: string | undefined): number | null {
  const letters = /^[A-Z]{1,3}(?=\d)/.exec(reference ?? '')?.[0];
  if (letters === undefined) return null;
  return [...letters].reduce((index, letter) => index * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
