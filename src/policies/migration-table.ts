import type { Condition } from '../criteria/ast.ts';
import { cellTypeOf, columnPaths } from '../criteria/columns.ts';
import { allOf } from '../criteria/groups.ts';
import { readCriteria } from '../criteria/read.ts';
import { readCell, type TableColumn } from '../criteria/table.ts';
import { columnName, NO_CELL, type Sheet, type SheetCell, type SheetRow } from '../integration/sheet.ts';
import { parse } from '../profiles/cel/parse.ts';
import { suggestion } from '../profiles/problems.ts';
import type { SETTINGS } from '../profiles/profile-file.ts';
import type { ProfileForm } from '../profiles/profile-form.ts';
import type { Candidate, MigrationPlace, Migrator } from './migration.ts';

/**
 * A decision table, a profile a row. The first row names the columns: settings of profiles (`id`, `target`, …), fields of
 * the data dictionary (`item.hsCode`, or `hsCode` where that is clear) with unary tests in their cells, and `when` for
 * CEL that goes with the tests.
 */

const TEXTS = ['id', 'title', 'target', 'corridor', 'owner', 'group', 'damage', 'onError'] as const;
const NUMBERS = ['weight', 'percentage'] as const;
const LISTS = ['regimes', 'offices', 'procedures', 'categories'] as const;
const DAYS = ['validFrom', 'validUntil'] as const;
const OTHERS = [
  'measures',
  'instructions',
  'mandatory',
  'unless',
  'when',
  'documentation.en',
  'documentation.ru',
] as const;
const COLUMNS: readonly string[] = [...TEXTS, ...NUMBERS, ...LISTS, ...DAYS, ...OTHERS];
const REQUIRED = ['id', 'title', 'target', 'corridor', 'measures', 'instructions', 'weight'] as const;

type Heading =
  | { readonly kind: 'setting'; readonly name: string }
  | { readonly kind: 'test'; readonly name: string; readonly column: TableColumn }
  /** Without a name, or with one that nobody knows. */
  | { readonly kind: 'none' };

export function readTable({ name, rows, others }: Sheet, migrator: Migrator): void {
  const [head, ...body] = rows;
  if (head === undefined) {
    migrator.refuse({ line: 1, column: 0 }, 'the table is empty: a row of names is expected');
    return;
  }
  for (const other of others)
    migrator.refuse({ line: 1, column: 0 }, `sheet ${other} is not read: the first, ${name}, is`);
  const headings = readHead(head, body, migrator);
  const named = headings.flatMap((heading) => (heading.kind === 'setting' ? [heading.name] : []));
  const missing = REQUIRED.filter((each) => !named.includes(each));
  if (missing.length > 0) {
    migrator.refuse({ line: head.line, column: 0 }, `the table needs the columns ${missing.join(', ')}`);
    return;
  }
  for (const row of body) {
    const candidate = new Row(row, headings, migrator).read();
    if (candidate !== null) migrator.add(candidate);
  }
}

function readHead({ line, cells }: SheetRow, body: readonly SheetRow[], migrator: Migrator): Heading[] {
  const width = Math.max(cells.length, ...body.map((row) => row.cells.length));
  const paths = columnPaths(migrator.dictionary).map((path) => path.join('.'));
  const seen = new Set<string>();
  return Array.from({ length: width }, (_, index): Heading => {
    const { text } = cells[index] ?? NO_CELL;
    const place = { line, column: index + 1 };
    const refused = (why: string): Heading => {
      migrator.refuse(place, `column ${columnName(index)}: ${why}`);
      return { kind: 'none' };
    };
    if (text === '') {
      const isUsed = body.some((row) => (row.cells[index] ?? NO_CELL).text !== '');
      return isUsed ? refused('it has no name, and is not read') : { kind: 'none' };
    }
    const name = COLUMNS.includes(text) ? text : pathNamed(text, paths);
    if (name === null)
      return refused(`${text} is no field of the data dictionary${suggestion(text, [...paths, ...COLUMNS])}`);
    // Two columns may test one field, as the two ends of a range.
    if (COLUMNS.includes(name) && seen.has(name)) return refused(`${name} is there twice`);
    seen.add(name);
    if (COLUMNS.includes(name)) return { kind: 'setting', name };
    const value = { kind: 'path', path: name.split('.') } as const;
    const type = cellTypeOf(migrator.dictionary, value);
    return type === null ? refused(`${name} cannot be tested`) : { kind: 'test', name, column: { value, type } };
  });
}

/** `item.hsCode`, `hsCode` of the item, `procedure` of the declaration. */
function pathNamed(text: string, paths: readonly string[]): string | null {
  return [text, `item.${text}`, `declaration.${text}`].find((each) => paths.includes(each)) ?? null;
}

/** One row; what is wrong with it is all named, and then it is no profile: half a row would hit what it should not. */
class Row {
  readonly #row: SheetRow;
  readonly #headings: readonly Heading[];
  readonly #migrator: Migrator;
  readonly #settings = new Map<string, { cell: SheetCell; place: MigrationPlace }>();
  #isWhole = true;

  constructor(row: SheetRow, headings: readonly Heading[], migrator: Migrator) {
    this.#row = row;
    this.#headings = headings;
    this.#migrator = migrator;
  }

  read(): Candidate | null {
    const conditions = this.#headings.flatMap((heading, index) => this.#cell(heading, index) ?? []);
    // A column that could not be read may have been what made the row narrow.
    if (this.#headings.some(({ kind }, index) => kind === 'none' && this.#at(index).text !== '')) {
      this.#refuse({ line: this.#row.line, column: 0 }, 'the row has a value in a column that is not read');
    }
    const when = this.#settings.get('when');
    const own = when === undefined ? null : this.#criteria(when.cell.text, when.place);
    const form = this.#form();
    const condition = allOf(own === null ? conditions : [...conditions, own]);
    return this.#isWhole ? { place: { line: this.#row.line, column: 0 }, form, condition } : null;
  }

  #at(index: number): SheetCell {
    return this.#row.cells[index] ?? NO_CELL;
  }

  #refuse(place: MigrationPlace, message: string): void {
    this.#isWhole = false;
    this.#migrator.refuse(place, message);
  }

  #cell(heading: Heading, index: number): Condition | null {
    const cell = this.#at(index);
    const place = { line: this.#row.line, column: index + 1 };
    const where = `cell ${columnName(index)}${this.#row.line}`;
    if (heading.kind === 'none') return null;
    if (cell.kind === 'formula' || cell.kind === 'error') {
      this.#refuse(
        place,
        `${where}: a ${cell.kind}; write the value itself${cell.text === '' ? '' : `, ${cell.text}`}`,
      );
      return null;
    }
    if (heading.kind === 'setting') {
      if (cell.text !== '') this.#settings.set(heading.name, { cell, place });
      return null;
    }
    const { column } = heading;
    const reading = readCell(column.type === 'date' && cell.kind === 'number' ? dayOf(cell.text) : cell.text, column);
    if ('problem' in reading) {
      const { at, message } = reading.problem;
      this.#refuse(place, `${where}, ${heading.name}, character ${at + 1}: ${message}`);
      return null;
    }
    if (cell.kind === 'number' && column.type === 'text') {
      this.#migrator.note(
        place,
        `${where}, ${heading.name}: the cell is a number: zeros in front of ${cell.text} are lost`,
      );
    }
    return reading.condition;
  }

  #criteria(text: string, place: MigrationPlace): Condition | null {
    const result = parse(text);
    if ('parsed' in result) return readCriteria(result.parsed);
    this.#refuse(place, `when: ${result.problem.message}`);
    return null;
  }

  #text(name: string): string {
    return this.#settings.get(name)?.cell.text ?? '';
  }

  #number(name: string, otherwise: number): number {
    const setting = this.#settings.get(name);
    if (setting === undefined) return otherwise;
    const value = Number(setting.cell.text.replace(',', '.').replace(/\s*%$/, ''));
    if (!Number.isFinite(value)) this.#refuse(setting.place, `${name} must be a number, not ${setting.cell.text}`);
    return value;
  }

  #list(name: string): string[] {
    return this.#text(name)
      .split(/[,;]/)
      .map((each) => each.trim())
      .filter((each) => each !== '');
  }

  #flag(name: string): boolean {
    const setting = this.#settings.get(name);
    if (setting === undefined) return false;
    const { text } = setting.cell;
    if (!/^(true|yes|1|false|no|0)$/i.test(text))
      this.#refuse(setting.place, `${name} must be true or false, not ${text}`);
    return /^(true|yes|1)$/i.test(text);
  }

  #form(): Candidate['form'] {
    for (const name of REQUIRED) {
      if (this.#text(name) === '') this.#refuse({ line: this.#row.line, column: 0 }, `${name} is missing`);
    }
    const documentation = ['en', 'ru'].flatMap((each) => {
      const text = this.#text(`documentation.${each}`);
      return text === '' ? [] : [[each, text] as const];
    });
    const lists = LISTS.map((name) => [name, this.#list(name)] as const).filter(([, codes]) => codes.length > 0);
    const days = DAYS.flatMap((name) => this.#day(name));
    const optional = (name: (typeof SETTINGS)[number]) => this.#text(name) || null;
    return {
      ...{ id: this.#text('id'), title: this.#text('title'), documentation: Object.fromEntries(documentation) },
      ...{ owner: optional('owner'), notify: [], target: this.#text('target'), corridor: this.#text('corridor') },
      ...{ measures: this.#measures(), weight: this.#number('weight', 0), group: optional('group') },
      ...{ damage: optional('damage'), mandatory: this.#flag('mandatory') },
      scope: Object.fromEntries<unknown>([...lists, ...days]) as ProfileForm['scope'],
      ...{ percentage: this.#number('percentage', 100), onError: this.#text('onError') || 'documents' },
      unless: optional('unless'),
    };
  }

  #day(name: string): [string, string][] {
    const cell = this.#settings.get(name)?.cell;
    if (cell === undefined) return [];
    return [[name, cell.kind === 'number' ? dayOf(cell.text) : cell.text]];
  }

  /** Codes parted by commas; instructions for all of them, or one for each, parted by a bar. */
  #measures(): ProfileForm['measures'] {
    const codes = this.#list('measures');
    const instructions = this.#text('instructions')
      .split('|')
      .map((each) => each.trim());
    const setting = this.#settings.get('instructions');
    if (setting !== undefined && instructions.length > 1 && instructions.length !== codes.length) {
      this.#refuse(setting.place, `${instructions.length} instructions for ${codes.length} measures`);
    }
    return codes.map((code, index) => ({ code, instructions: instructions[index] ?? instructions[0] ?? '' }));
  }
}

const SERIAL_OF_1970 = 25_569;

/** A day as spreadsheets keep it, counted from 1899-12-30; what is none stays as it is and is refused as such. */
function dayOf(serial: string): string {
  const date = new Date((Number(serial) - SERIAL_OF_1970) * 86_400_000);
  return Number.isNaN(date.getTime()) ? serial : date.toISOString().slice(0, 10);
}
