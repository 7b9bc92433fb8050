import { CORRIDORS } from '../core/corridor.ts';
import { REGIMES, type Regime } from '../core/declaration.ts';
import { CATEGORIES } from '../core/facts.ts';
import { tiynOf } from '../core/money.ts';
import { type Measure, ON_ERROR, type Profile, type Scope, TARGETS } from '../core/profile.ts';
import { DOCUMENTATION_LENGTH_MAX, EXPRESSION_LENGTH_MAX, TEXTS_REMEMBERED } from '../limits.ts';
import type { PolicyProblem } from './problems.ts';
import { remembered } from './remembered.ts';
import { type EmbeddedText, type Fields, type YamlNode, YamlReader } from './yaml-reader.ts';

export const LEVELS = ['item', 'declaration'] as const;
export type Level = (typeof LEVELS)[number];

/** A declaration and facts to try a profile on, as patches over the neutral ones (see vectors.ts). */
export interface VectorSource {
  readonly name: string;
  readonly regime: Regime;
  readonly declaration: unknown;
  readonly facts: unknown;
  readonly hits: boolean;
  readonly line: number;
  readonly column: number;
}

/** Languages that a profile is documented in. */
export const DOCUMENTED_IN = ['en', 'ru'] as const;
export type Documentation = Readonly<Partial<Record<(typeof DOCUMENTED_IN)[number], string>>>;

/** Who is told of what the profile does: those with a role, or one person. */
export interface Notification {
  readonly on: (typeof NOTIFIED_OF)[number];
  readonly role: string | null;
  readonly subject: string | null;
}
export const NOTIFIED_OF = ['hit', 'fault'] as const;

/** A profile as its file says it: settings checked, expressions not yet. */
export interface ProfileSource {
  readonly file: string;
  readonly profile: Profile;
  /** What it looks for and why, in plain words. */
  readonly documentation: Documentation;
  /** Who answers for it; null: nobody in particular. */
  readonly owner: string | null;
  readonly notify: readonly Notification[];
  readonly level: Level;
  readonly when: EmbeddedText;
  readonly unless: EmbeddedText | null;
  readonly tests: readonly VectorSource[];
}

/** In the order in which they are written. */
export const SETTINGS = [
  'id',
  'title',
  'documentation',
  'owner',
  'notify',
  'target',
  'corridor',
  'measures',
  'weight',
  'group',
  'damage',
  'mandatory',
  'scope',
  'percentage',
  'onError',
  'level',
  'when',
  'unless',
  'tests',
] as const;
const SCOPE_SETTINGS = ['regimes', 'offices', 'procedures', 'categories', 'validFrom', 'validUntil'] as const;
const TEST_SETTINGS = ['name', 'regime', 'declaration', 'facts', 'hits'] as const;
const CONTROLS = CORRIDORS.filter((corridor) => corridor !== 'green');
const TESTS_MAX = 100;

const ID = { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, expected: 'letters, digits, . _ or - (at most 64)' };
const PERSON = { pattern: /^\S{1,200}$/, expected: 'a subject: at most 200 characters without blanks' };
const CODE = { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, expected: 'a code of letters, digits, . _ or -' };

/** Reads one profile; null where it has problems, which are added to `problems`. */
export function readProfile(file: string, text: string, problems: PolicyProblem[]): ProfileSource | null {
  const { source, problems: found } = readNamed(`${file}\n${text}`);
  problems.push(...found);
  return found.length === 0 ? source : null;
}

/** Name and text of a file, with a line break between. */
const readNamed = remembered(TEXTS_REMEMBERED, (named) => {
  const end = named.indexOf('\n');
  const reader = new YamlReader(named.slice(0, end), named.slice(end + 1));
  return { source: readSettings(reader), problems: reader.problems };
});

function readSettings(reader: YamlReader): ProfileSource | null {
  const fields = reader.fields(reader.root, 'the profile', SETTINGS);
  if (fields === null) return null;
  const id = readId(reader, fields);
  const title = reader.string(fields.required('title'), 'title', { lengthMax: 200 });
  const documentation = readDocumentation(reader, fields.optional('documentation'));
  const owner = reader.string(fields.optional('owner'), 'owner', PERSON);
  const notify = readNotify(reader, fields.optional('notify'));
  const target = reader.oneOf(fields.required('target'), 'target', TARGETS);
  const corridor = reader.oneOf(fields.required('corridor'), 'corridor', CONTROLS);
  const measures = readMeasures(reader, fields.required('measures'));
  const weight = reader.number(fields.required('weight'), 'weight', 0, 1);
  const group = reader.string(fields.optional('group'), 'group', CODE);
  const damageTiyn = readDamage(reader, fields.optional('damage'));
  const mandatory = reader.boolean(fields.optional('mandatory'), 'mandatory') ?? false;
  const scope = readScope(reader, fields.optional('scope'));
  const percentage = reader.number(fields.optional('percentage'), 'percentage', 0, 100) ?? 100;
  const onError = reader.oneOf(fields.optional('onError'), 'onError', ON_ERROR) ?? 'documents';
  const level = reader.oneOf(fields.optional('level'), 'level', LEVELS) ?? 'item';
  const when = reader.embedded(fields.required('when'), 'when', EXPRESSION_LENGTH_MAX);
  const unless = reader.embedded(fields.optional('unless'), 'unless', EXPRESSION_LENGTH_MAX);
  const tests = readTests(reader, fields, scope);
  checkTogether(reader, fields, mandatory, onError, percentage);
  if (id === null || title === null || target === null || corridor === null || weight === null || when === null) {
    return null;
  }
  const profile: Profile = {
    id,
    title,
    target,
    corridor: corridor as Profile['corridor'],
    measures,
    weight,
    group: group ?? target,
    damageTiyn,
    mandatory,
    scope,
    percentage,
    onError,
  };
  return { file: reader.file, profile, documentation, owner, notify, level, when, unless, tests };
}

function readId(reader: YamlReader, fields: Fields): string | null {
  const node = fields.required('id');
  const id = reader.string(node, 'id', ID);
  const expected = /^profiles\/(.+)\.yaml$/.exec(reader.file)?.[1];
  if (node === null || id === null || id === expected) return id;
  return reader.problem(node, `id must be the name of the file, ${expected}, not ${id}`);
}

function checkTogether(
  reader: YamlReader,
  fields: Fields,
  mandatory: boolean,
  onError: string,
  percentage: number,
): void {
  const at = (key: string) => fields.optional(key) ?? fields.node;
  if (mandatory && onError === 'miss') {
    reader.problem(at('onError'), 'onError must be documents or inspect where the profile is mandatory, not miss');
  }
  if (mandatory && percentage < 100) {
    reader.problem(at('percentage'), 'percentage must be 100 where the profile is mandatory: every hit is controlled');
  }
}

/** The measures of a profile or a lane: at least one, each with a code and instructions to the official. */
export function readMeasures(reader: YamlReader, node: YamlNode | null): Measure[] {
  const measures = reader.list(node, 'measures', (entry): Measure | null => {
    const fields = reader.fields(entry, 'a measure', ['code', 'instructions']);
    if (fields === null) return null;
    const code = reader.string(fields.required('code'), 'code of a measure', CODE);
    const instructions = reader.string(fields.required('instructions'), 'instructions', { lengthMax: 1000 });
    return code === null || instructions === null ? null : { code, instructions: instructions.trim() };
  });
  if (node !== null && Array.isArray(reader.plain(node)) && measures.length === 0) {
    reader.problem(node, 'measures must name at least one');
  }
  return measures;
}

function readDocumentation(reader: YamlReader, node: YamlNode | null): Documentation {
  const fields = reader.fields(node, 'documentation', DOCUMENTED_IN);
  const texts = DOCUMENTED_IN.flatMap((language) => {
    const text = reader.string(fields?.optional(language) ?? null, language, { lengthMax: DOCUMENTATION_LENGTH_MAX });
    return text === null ? [] : [[language, text.trim()] as const];
  });
  return Object.fromEntries(texts);
}

function readNotify(reader: YamlReader, node: YamlNode | null): Notification[] {
  return reader.list(node, 'notify', (entry): Notification | null => {
    const fields = reader.fields(entry, 'a notification', ['on', 'role', 'subject']);
    if (fields === null) return null;
    const on = reader.oneOf(fields.required('on'), 'on', NOTIFIED_OF);
    const role = reader.string(fields.optional('role'), 'role', CODE);
    const subject = reader.string(fields.optional('subject'), 'subject', PERSON);
    if ((role === null) === (subject === null)) {
      return reader.problem(entry, 'a notification needs either a role or a subject');
    }
    return on === null ? null : { on, role, subject };
  });
}

function readDamage(reader: YamlReader, node: YamlNode | null): number | null {
  const text = reader.string(node, 'damage');
  if (node === null || text === null) return null;
  const tiyn = tiynOf(text);
  if (tiyn !== null && tiyn >= 0 && tiyn <= 1e14) return tiyn;
  return reader.problem(node, `damage must be a decimal amount of KZT like "5000000", not "${text}"`);
}

const ANYWHERE: Scope = {
  offices: [],
  regimes: [],
  procedures: [],
  categories: [],
  validFrom: null,
  validUntil: null,
};

function readScope(reader: YamlReader, node: YamlNode | null): Scope {
  const fields = reader.fields(node, 'scope', SCOPE_SETTINGS);
  if (fields === null) return ANYWHERE;
  const codes = (key: string) =>
    unique(
      reader,
      fields.optional(key),
      reader.list(fields.optional(key), key, (n) => reader.string(n, key, CODE)),
    );
  const oneOf = <T extends string>(key: string, known: readonly T[]) =>
    unique(
      reader,
      fields.optional(key),
      reader.list(fields.optional(key), key, (n) => reader.oneOf(n, key, known)),
    );
  const validFrom = reader.instant(fields.optional('validFrom'), 'validFrom');
  const validUntil = reader.instant(fields.optional('validUntil'), 'validUntil');
  if (validFrom !== null && validUntil !== null && validFrom >= validUntil) {
    reader.problem(fields.optional('validUntil') ?? fields.node, 'validUntil must be after validFrom');
  }
  return {
    offices: codes('offices'),
    regimes: oneOf('regimes', REGIMES),
    procedures: codes('procedures'),
    categories: oneOf('categories', CATEGORIES),
    validFrom,
    validUntil,
  };
}

function unique<T extends string>(reader: YamlReader, node: YamlNode | null, values: readonly T[]): readonly T[] {
  const repeated = values.find((value, index) => values.indexOf(value) !== index);
  if (node !== null && repeated !== undefined) reader.problem(node, `${repeated} stands twice`);
  return values;
}

/** At least one vector that hits and one that does not: a profile nobody has seen work is not shipped. */
function readTests(reader: YamlReader, fields: Fields, scope: Scope): readonly VectorSource[] {
  const node = fields.required('tests');
  const regime = scope.regimes[0] ?? 'import';
  const tests = reader.list(node, 'tests', (entry) => readTest(reader, entry, regime));
  if (node === null || reader.problems.length > 0) return tests;
  if (tests.length > TESTS_MAX) reader.problem(node, `tests must not be more than ${TESTS_MAX}`);
  if (!tests.some(({ hits }) => hits)) reader.problem(node, 'tests must have at least one with hits: true');
  if (tests.every(({ hits }) => hits)) reader.problem(node, 'tests must have at least one with hits: false');
  return tests;
}

function readTest(reader: YamlReader, node: YamlNode, regimeOfScope: Regime): VectorSource | null {
  const fields = reader.fields(node, 'a test', TEST_SETTINGS);
  if (fields === null) return null;
  const name = reader.string(fields.required('name'), 'name of a test', { lengthMax: 200 });
  const regime = reader.oneOf(fields.optional('regime'), 'regime', REGIMES) ?? regimeOfScope;
  const hits = reader.boolean(fields.required('hits'), 'hits');
  reader.openFields(fields.optional('declaration'), 'declaration');
  reader.openFields(fields.optional('facts'), 'facts');
  if (name === null || hits === null) return null;
  return {
    name,
    regime,
    declaration: reader.plain(fields.optional('declaration')) ?? {},
    facts: reader.plain(fields.optional('facts')) ?? {},
    hits,
    ...reader.position(node.range[0]),
  };
}
