import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Public facts of the law and of registers, read from the reference lists: what a lawful declaration has to say. No
 * threshold of any profile is here. A list that is missing counts as empty.
 */
export interface Reference {
  /** Import duty, percent. */
  tariff(hsCode: string): number;
  isExcisable(hsCode: string): boolean;
  isHighDuty(hsCode: string): boolean;
  isDualUse(hsCode: string): boolean;
  /** General anti-dumping rate in percent, or null where there is no measure at this time. */
  antiDumping(hsCode: string, origin: string, at: number): number | null;
  /** Producers with a rate of their own under such a measure. */
  producers(hsCode: string, origin: string): readonly Producer[];
  /** Codes of the documents that these goods need in this direction. */
  documents(hsCode: string, regime: string): readonly string[];
  preference(origin: string): { readonly code: string; readonly document: string } | null;
  /** Origins from which an animal or plant disease restricts these goods. */
  restrictedOrigins(hsCode: string, at: number): readonly string[];
  /** Registered trade marks for these goods. */
  marks(hsCode: string): readonly Mark[];
  licensees(brand: string): readonly string[];
  /** Neighbouring origins through which goods of this code from `target` are passed off. */
  circumvention(hsCode: string, target: string): readonly string[];
  /** Neighbouring codes into which goods under a measure move. */
  adjacent(hsCode: string, origin: string): readonly string[];
  readonly sanctioned: readonly string[];
  readonly vague: readonly string[];
}

export interface Producer {
  readonly name: string;
  readonly rate: number;
}

export interface Mark {
  readonly brand: string;
  /** Usual customs value of the genuine goods, KZT per kg. */
  readonly kztPerKg: number;
}

type Row = Readonly<Record<string, string>>;

/** `rules/lists` of the nearest folder above this file that has a package.json. */
export function defaultListsDir(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'rules', 'lists');
}

export function readReference(dir: string): Reference {
  const list = (name: string) => readList(join(dir, `${name}.csv`));
  const tariff = byPrefix(list('tariff'));
  const excise = byPrefix(list('excise'));
  const highDuty = byPrefix(list('high_duty'));
  const dualUse = byPrefix(list('dual_use'));
  const antiDumping = byPrefix(list('anti_dumping'));
  const producers = byPrefix(list('anti_dumping_producers'));
  const licences = byPrefix(list('licences'));
  const certificates = [byPrefix(list('sanitary_control')), byPrefix(list('conformity'))];
  const outbreaks = [byPrefix(list('veterinary_outbreaks')), byPrefix(list('phytosanitary_outbreaks'))];
  const marks = byPrefix(list('ip_register'));
  const circumvention = byPrefix(list('circumvention_origins'));
  const preferences = list('preferential_origins');
  const licensees = list('ip_licensees');
  const adjacent = list('adjacent_hs');
  return {
    tariff: (hsCode) => Number(longest(tariff, hsCode)?.rate ?? 5),
    isExcisable: (hsCode) => longest(excise, hsCode) !== undefined,
    isHighDuty: (hsCode) => longest(highDuty, hsCode) !== undefined,
    isDualUse: (hsCode) => longest(dualUse, hsCode) !== undefined,
    antiDumping: (hsCode, origin, at) => {
      const row = longest(antiDumping, hsCode, (each) => each.origin === origin && isLive(each, at));
      return row === undefined ? null : Number(row.rate);
    },
    producers: (hsCode, origin) =>
      all(producers, hsCode, (row) => row.origin === origin).map((row) => ({
        name: row.producer ?? '',
        rate: Number(row.rate),
      })),
    documents: (hsCode, regime) => {
      const licence = longest(licences, hsCode, (row) => row.regime === regime);
      const found = regime === 'import' ? certificates.map((prefixes) => longest(prefixes, hsCode)) : [];
      return [licence, ...found].flatMap((row) => (row === undefined ? [] : [row.document ?? '']));
    },
    preference: (origin) => {
      const row = preferences.find((each) => each.origin === origin);
      return row === undefined ? null : { code: row.preference ?? '', document: row.document ?? '' };
    },
    restrictedOrigins: (hsCode, at) =>
      outbreaks.flatMap((list) => all(list, hsCode, (row) => isLive(row, at)).map(({ origin }) => origin ?? '')),
    marks: (hsCode) =>
      all(marks, hsCode).map((row) => ({ brand: row.brand ?? '', kztPerKg: Number(row.referenceKztPerKg) })),
    licensees: (brand) => licensees.filter((row) => row.brand === brand).map((row) => row.importer ?? ''),
    circumvention: (hsCode, target) =>
      all(circumvention, hsCode, (row) => row.target === target).map((row) => row.origin ?? ''),
    adjacent: (hsCode, origin) =>
      adjacent
        .filter((row) => row.origin === origin && hsCode.startsWith(row.measured ?? '-'))
        .map((row) => row.hs ?? ''),
    sanctioned: list('sanctioned_destinations').map((row) => row.country ?? ''),
    vague: list('vague_descriptions').map((row) => row.words ?? ''),
  };
}

function byPrefix(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const prefix = row.hs ?? '';
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, [row]);
    else group.push(row);
  }
  return groups;
}

/** Rows whose prefix the code has, the longest prefix first. */
function all(prefixes: ReadonlyMap<string, readonly Row[]>, hsCode: string, accept = (_: Row) => true): Row[] {
  const found: Row[] = [];
  for (let length = hsCode.length; length >= 2; length--) {
    for (const row of prefixes.get(hsCode.slice(0, length)) ?? []) if (accept(row)) found.push(row);
  }
  return found;
}

function longest(prefixes: ReadonlyMap<string, readonly Row[]>, hsCode: string, accept?: (row: Row) => boolean) {
  return all(prefixes, hsCode, accept)[0];
}

function isLive(row: Row, at: number): boolean {
  const from = row.validFrom;
  const until = row.validUntil;
  return !(from && at < Date.parse(from)) && !(until && at >= Date.parse(until));
}

/** Rows of a list by column; `#` lines are comments, `*` and `:type` belong to the header's columns. */
function readList(file: string): Row[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  const [header, ...rows] = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const columns = (header ?? '').split(',').map((column) => column.replace(/^\*/, '').replace(/:.*$/, ''));
  return rows.map((line) => {
    const cells = cellsOf(line);
    return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}

/** Cells of a line of CSV, quoted where they hold a comma (RFC 4180; no line breaks within a cell). */
function cellsOf(line: string): string[] {
  const cells = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g) ?? [];
  return cells.map((cell) =>
    cell
      .replace(/,$/, '')
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('""', '"'),
  );
}
