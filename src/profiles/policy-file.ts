import { CORRIDORS, type Shares } from '../core/corridor.ts';
import type { ExceptionEntry } from '../core/exceptions.ts';
import { CATEGORIES, type Category } from '../core/facts.ts';
import type { RandomLane, RandomSelection } from '../core/policy.ts';
import { TARGETS } from '../core/profile.ts';
import type { PolicyBundle } from './bundle.ts';
import { readCsv } from './list-file.ts';
import { type PolicyProblem, suggestion } from './problems.ts';
import { readMeasures } from './profile-file.ts';
import { parseInstant, type YamlNode, YamlReader } from './yaml-reader.ts';

/** `rules/policy.yaml`: what a policy is called, its random selection, and the shares it is planned for. */
export interface PolicySettings {
  readonly label: string;
  readonly random: RandomSelection;
  /** What the corridors' shares should be; null where the policy does not say. It decides nothing. */
  readonly shares: Shares | null;
}

const CONTROLS = CORRIDORS.filter((corridor) => corridor !== 'green');
/** Planned shares are rounded. */
const SHARES_TOLERANCE = 0.5;
const LABEL = { pattern: /^[A-Za-z0-9._-]{1,40}$/, expected: 'at most 40 letters, digits, . _ or -' };

/** Reads policy.yaml; null where it has problems, which are added to `problems`. */
export function readPolicyFile(file: string, text: string, problems: PolicyProblem[]): PolicySettings | null {
  const reader = new YamlReader(file, text);
  const settings = readSettings(reader);
  problems.push(...reader.problems);
  return reader.problems.length === 0 ? settings : null;
}

function readSettings(reader: YamlReader): PolicySettings | null {
  const fields = reader.fields(reader.root, 'the policy', ['label', 'random', 'shares']);
  const label = reader.string(fields?.required('label') ?? null, 'label', LABEL);
  const random = reader.fields(fields?.required('random') ?? null, 'random', ['lanes', 'offices']);
  if (label === null || random === null) return null;
  const shares = readShares(reader, fields?.optional('shares') ?? null);
  const lanes = readLanes(reader, random.required('lanes'));
  const offices: [string, readonly RandomLane[]][] = [];
  for (const [office, { node }] of reader.openFields(random.optional('offices'), 'offices')?.entries ?? []) {
    offices.push([office, readLanes(reader, node)]);
  }
  // fromEntries defines own properties whatever the office is called.
  return { label, random: { lanes, offices: Object.fromEntries(offices) }, shares };
}

/** The shares that an activated policy is planned for; null where it does not say, or cannot be read. */
export function plannedShares({ files }: PolicyBundle): Shares | null {
  return readPolicyFile('policy.yaml', files['policy.yaml'] ?? '', [])?.shares ?? null;
}

function readShares(reader: YamlReader, node: YamlNode | null): Shares | null {
  const fields = reader.fields(node, 'shares', CORRIDORS);
  if (node === null || fields === null) return null;
  const shares = CORRIDORS.map((corridor) => {
    return [corridor, reader.number(fields.required(corridor), corridor, 0, 100) ?? 0] as const;
  });
  const sum = shares.reduce((total, [, percent]) => total + percent, 0);
  if (Math.abs(sum - 100) > SHARES_TOLERANCE) reader.problem(node, `shares must be 100 together, not ${sum}`);
  return Object.fromEntries(shares) as Shares;
}

function readLanes(reader: YamlReader, node: YamlNode | null): RandomLane[] {
  const lanes = reader.list(node, 'lanes', (entry): RandomLane | null => {
    const fields = reader.fields(entry, 'a lane', ['corridor', 'measures', 'percent']);
    if (fields === null) return null;
    const corridor = reader.oneOf(fields.required('corridor'), 'corridor', CONTROLS);
    const measures = readMeasures(reader, fields.required('measures'));
    const percent = readPercent(reader, fields.required('percent'));
    return corridor === null || percent === null
      ? null
      : { corridor: corridor as RandomLane['corridor'], measures, percent };
  });
  for (const category of CATEGORIES) {
    const sum = lanes.reduce((total, { percent }) => total + percent[category], 0);
    if (node !== null && sum > 100)
      reader.problem(node, `the lanes' percent of ${category} must not exceed 100 together`);
  }
  return lanes;
}

function readPercent(reader: YamlReader, node: YamlNode | null): Record<Category, number> | null {
  const fields = reader.fields(node, 'percent', CATEGORIES);
  if (fields === null) return null;
  const [low, medium, high] = CATEGORIES.map((category) => reader.number(fields.required(category), category, 0, 100));
  return typeof low === 'number' && typeof medium === 'number' && typeof high === 'number'
    ? { low, medium, high }
    : null;
}

const COLUMNS = [
  'id',
  'kind',
  'parties',
  'hsPrefixes',
  'offices',
  'profiles',
  'corridor',
  'reason',
  'validFrom',
  'validUntil',
] as const;
type Column = (typeof COLUMNS)[number];

/** Reads `lists/exceptions.csv`: one entry per line, several values of a cell parted by spaces. */
export function readExceptions(
  file: string,
  text: string,
  profileIds: ReadonlySet<string>,
  problems: PolicyProblem[],
): readonly ExceptionEntry[] {
  const [header, ...lines] = readCsv(file, text, problems);
  if (header === undefined) return [];
  const columns = header.cells as readonly Column[];
  const problem = (line: number, message: string) => void problems.push({ file, line, column: 1, message });
  const missing = COLUMNS.filter((column) => !columns.includes(column));
  const unknown = columns.filter((column) => !COLUMNS.includes(column));
  for (const column of missing) problem(header.line, `the column ${column} is missing`);
  for (const column of unknown) problem(header.line, `no column ${column} is known${suggestion(column, COLUMNS)}`);
  if (missing.length + unknown.length > 0) return [];
  const entries: ExceptionEntry[] = [];
  const ids = new Map<string, number>();
  for (const { line, cells } of lines) {
    if (cells.length !== columns.length) {
      problem(line, `${columns.length} cells were expected, not ${cells.length}`);
      continue;
    }
    const cell = (column: Column) => cells[columns.indexOf(column)] ?? '';
    const entry = readEntry(cell, profileIds, (message) => problem(line, message));
    if (entry === null) continue;
    const known = ids.get(entry.id);
    if (known !== undefined) problem(line, `id ${entry.id} stands on line ${known} already`);
    ids.set(entry.id, line);
    entries.push(entry);
  }
  return entries;
}

type Cell = (column: Column) => string;

function readEntry(
  cell: Cell,
  profileIds: ReadonlySet<string>,
  problem: (message: string) => void,
): ExceptionEntry | null {
  let faults = 0;
  const refuse = (message: string): null => {
    faults++;
    problem(message);
    return null;
  };
  const many = (column: Column) =>
    cell(column)
      .split(/\s+/)
      .filter((value) => value !== '');
  const date = (column: Column) =>
    parseInstant(cell(column)) ?? refuse(`${column} must be a date like 2026-01-31, not "${cell(column)}"`) ?? 0;
  const id = cell('id');
  const kind = cell('kind');
  const reason = cell('reason');
  const corridor = cell('corridor');
  const profiles = many('profiles');
  const hsPrefixes = many('hsPrefixes');
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) refuse(`id must be letters, digits, . _ or -, not "${id}"`);
  if (kind !== 'exempt' && kind !== 'force') refuse(`kind must be exempt or force, not "${kind}"`);
  if (reason === '') refuse('reason must not be empty');
  for (const prefix of hsPrefixes)
    if (!/^\d{2,10}$/.test(prefix)) refuse(`"${prefix}" is no HS prefix of 2 to 10 digits`);
  if (kind === 'exempt') checkExempt(profiles, corridor, profileIds, refuse);
  if (kind === 'force') checkForce(profiles, corridor, refuse);
  const validUntil =
    cell('validUntil') === '' ? refuse('validUntil is required: no exception without expiry') : date('validUntil');
  const entry: ExceptionEntry = {
    id,
    kind: kind as ExceptionEntry['kind'],
    parties: many('parties'),
    hsPrefixes,
    offices: many('offices'),
    profiles,
    corridor: corridor === '' ? null : (corridor as ExceptionEntry['corridor']),
    reason,
    validFrom: cell('validFrom') === '' ? 0 : date('validFrom'),
    validUntil: validUntil ?? 0,
  };
  if (entry.parties.length + entry.hsPrefixes.length === 0)
    refuse('parties or hsPrefixes must name whom or what it is for');
  if (faults === 0 && entry.validFrom >= entry.validUntil) refuse('validUntil must be after validFrom');
  return faults === 0 ? entry : null;
}

function checkExempt(
  profiles: readonly string[],
  corridor: string,
  profileIds: ReadonlySet<string>,
  refuse: (message: string) => null,
): void {
  if (profiles.length === 0) refuse('profiles must name ids or targets that an exemption skips');
  if (corridor !== '') refuse('corridor must be empty for an exemption');
  const known = [...profileIds, ...TARGETS];
  for (const name of profiles) {
    if (!known.includes(name)) refuse(`${name} is neither a profile nor a target${suggestion(name, known)}`);
  }
}

function checkForce(profiles: readonly string[], corridor: string, refuse: (message: string) => null): void {
  if (profiles.length > 0) refuse('profiles must be empty for a forced control');
  if (!(CONTROLS as readonly string[]).includes(corridor)) {
    refuse(`corridor must be one of ${CONTROLS.join(', ')}, not "${corridor}"`);
  }
}
