import type { Fields, YamlNode } from '../profiles/yaml-reader.ts';
import { ConversionFault, convert, type DateFormat, type Notation, parseDateFormat } from './convert.ts';
import type { LeafType } from './target.ts';

/** Text of a column, trimmed; the empty text where there is none. */
export type Row = (column: string) => string;

/** Where one leaf comes from. Its steps run in this order, whatever order they are written in. */
export interface Source {
  readonly columns: readonly string[];
  /** Undefined where the source is empty and may be. @throws ConversionFault */
  read(row: Row): string | number | undefined;
}

/** `column`, `join` and `percent` say where from; the others what is done with it. */
export const SOURCE_SETTINGS = [
  'column',
  'join',
  'with',
  'percent',
  'optional',
  'default',
  'replace',
  'case',
  'codes',
  'otherwise',
  'pad',
  'prefix',
  'suffix',
  'date',
  'offset',
  'point',
  'decimals',
] as const;

interface Origin {
  readonly columns: readonly string[];
  read(row: Row): string;
}

type Step = (text: string) => string;
type CodeTables = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Null where a problem was found; the reader of the fields has it. */
export function readSource(fields: Fields, type: LeafType, what: string, tables: CodeTables): Source | null {
  const { reader } = fields;
  const notation = readNotation(fields, what);
  const origin = readOrigin(fields, what, notation);
  const steps = [readReplace, readCase, readCodes(tables), readPad, readAffixes].flatMap(
    (read) => read(fields, what) ?? [],
  );
  const fallback = reader.string(fields.optional('default'), `${what}/default`);
  const optional = reader.boolean(fields.optional('optional'), `${what}/optional`) ?? false;
  if (origin === null || notation === null) return null;
  return {
    columns: origin.columns,
    read(row) {
      const text = origin.read(row);
      if (text === '' && fallback !== null) return convert(fallback, type, notation);
      if (text === '' && optional) return undefined;
      if (text === '') throw new ConversionFault('is empty');
      return convert(
        steps.reduce((value, step) => step(value), text),
        type,
        notation,
      );
    },
  };
}

function readOrigin(fields: Fields, what: string, notation: Notation | null): Origin | null {
  const given = (['column', 'join', 'percent'] as const).filter((name) => fields.optional(name) !== null);
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    return fields.reader.problem(fields.node, `${what} needs one of column, join and percent`);
  }
  if (kind === 'column') return readColumn(fields, what);
  return kind === 'join' ? readJoin(fields, what) : readPercent(fields, what, notation);
}

function readColumn(fields: Fields, what: string): Origin | null {
  const column = fields.reader.string(fields.optional('column'), `${what}/column`);
  return column === null ? null : { columns: [column], read: (row) => row(column) };
}

/** `join: [A, B]`, `with: "-"`: what is not empty, with the text between. */
function readJoin(fields: Fields, what: string): Origin | null {
  const { reader } = fields;
  const columns = reader.list(fields.optional('join'), `${what}/join`, (node) => reader.string(node, `${what}/join`));
  const withNode = fields.optional('with');
  const between = withNode === null ? ' ' : (reader.plain(withNode) as string);
  if (columns.length === 0 || typeof between !== 'string') {
    return reader.problem(fields.node, `${what}/join must be a list of columns, and with a text`);
  }
  const read = (row: Row) =>
    columns
      .map(row)
      .filter((text) => text !== '')
      .join(between);
  return { columns, read };
}

/** `percent: { of: COLUMN, rate: COLUMN }`, or a constant rate: an amount times a rate in percent. */
function readPercent(fields: Fields, what: string, notation: Notation | null): Origin | null {
  const { reader } = fields;
  const inner = reader.fields(fields.optional('percent'), `${what}/percent`, ['of', 'rate']);
  const of = reader.string(inner?.required('of') ?? null, `${what}/percent/of`);
  const rateNode = inner?.required('rate') ?? null;
  const fixed = rateNode === null ? null : reader.plain(rateNode);
  const rate = typeof fixed === 'number' ? fixed : reader.string(rateNode, `${what}/percent/rate`);
  if (of === null || rate === null || notation === null) return null;
  const numberOf = (text: string) => Number(convert(text, 'number', { ...notation, decimals: null }));
  return {
    columns: typeof rate === 'number' ? [of] : [of, rate],
    read(row) {
      const [amount, percent] = [row(of), typeof rate === 'number' ? String(rate) : row(rate)];
      if (amount === '' || percent === '') return '';
      const share = (numberOf(amount) * numberOf(percent)) / 100;
      // As the source writes numbers: it is converted like the text of a column.
      return share.toFixed(notation.decimals ?? 2).replace('.', notation.point);
    },
  };
}

/** `replace: { "old": "new" }`: every occurrence, as it stands. */
function readReplace(fields: Fields, what: string): Step[] | null {
  const pairs = textPairs(fields, fields.optional('replace'), `${what}/replace`);
  return pairs.map(
    ([from, to]) =>
      (text) =>
        text.replaceAll(from, () => to),
  );
}

function readCase(fields: Fields, what: string): Step[] | null {
  const kind = fields.reader.oneOf(fields.optional('case'), `${what}/case`, ['upper', 'lower']);
  if (kind === null) return null;
  return [(text) => (kind === 'upper' ? text.toUpperCase() : text.toLowerCase())];
}

/** `codes: TABLE` or a table in place; what it does not hold is a fault, or `otherwise`. */
function readCodes(tables: CodeTables): (fields: Fields, what: string) => Step[] | null {
  return (fields, what) => {
    const { reader } = fields;
    const node = fields.optional('codes');
    if (node === null) return null;
    const named = reader.plain(node);
    const table = typeof named === 'string' ? tables.get(named) : new Map(textPairs(fields, node, `${what}/codes`));
    if (table === undefined) {
      reader.problem(
        node,
        `there is no code table ${String(named)}; known: ${[...tables.keys()].join(', ') || 'none'}`,
      );
      return null;
    }
    const otherwise = reader.string(fields.optional('otherwise'), `${what}/otherwise`);
    return [
      (text) => {
        const code = table.get(text) ?? otherwise;
        if (code === null) throw new ConversionFault(`${JSON.stringify(text)} is not in the code table`);
        return code;
      },
    ];
  };
}

/** `pad: { length: 6, with: "0" }`: in front, up to the length. */
function readPad(fields: Fields, what: string): Step[] | null {
  const { reader } = fields;
  const inner = reader.fields(fields.optional('pad'), `${what}/pad`, ['length', 'with']);
  const length = reader.number(inner?.required('length') ?? null, `${what}/pad/length`, 1, 100);
  const filler = reader.string(inner?.required('with') ?? null, `${what}/pad/with`, { lengthMax: 1 });
  return length === null || filler === null ? null : [(text) => text.padStart(length, filler)];
}

function readAffixes(fields: Fields, what: string): Step[] | null {
  const prefix = fields.reader.string(fields.optional('prefix'), `${what}/prefix`) ?? '';
  const suffix = fields.reader.string(fields.optional('suffix'), `${what}/suffix`) ?? '';
  return prefix === '' && suffix === '' ? null : [(text) => prefix + text + suffix];
}

/** `date: DD.MM.YYYY HH:mm`, `offset: "+05:00"`, `point: ","`, `decimals: 2`. */
function readNotation(fields: Fields, what: string): Notation | null {
  const { reader } = fields;
  const dateNode = fields.optional('date');
  const format = reader.string(dateNode, `${what}/date`) ?? 'YYYY-MM-DD';
  const rule = { pattern: /^(Z|[+-]\d{2}:\d{2})$/, expected: 'like +05:00, or Z' };
  const offset = reader.string(fields.optional('offset'), `${what}/offset`, rule) ?? 'Z';
  const date: DateFormat | null = parseDateFormat(format, offset);
  if (date === null) {
    return reader.problem(dateNode ?? fields.node, `${what}/date must hold YYYY, MM and DD, once each`);
  }
  const point = reader.oneOf(fields.optional('point'), `${what}/point`, ['.', ',']) ?? '.';
  const decimals = reader.number(fields.optional('decimals'), `${what}/decimals`, 0, 6);
  return { point, decimals, date };
}

function textPairs(fields: Fields, node: YamlNode | null, what: string): [string, string][] {
  const pairs: [string, string][] = [];
  for (const [key, entry] of fields.reader.openFields(node, what)?.entries ?? []) {
    const value = fields.reader.plain(entry.node);
    if (typeof value === 'string') pairs.push([key, value]);
    else fields.reader.problem(entry.node, `${what}/${key} must be a text, in quotes`);
  }
  return pairs;
}
