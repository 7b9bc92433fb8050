import type { Condition, Value } from '../criteria/ast.ts';
import { cellTypeOf } from '../criteria/columns.ts';
import type { CellType } from '../criteria/table.ts';
import type { Dictionary } from '../profiles/dictionary.ts';

/** Patches over the neutral declaration and facts that tests are made of. */
export interface Example {
  readonly declaration?: unknown;
  readonly facts?: unknown;
}

/** A part of a condition and whether it is to hold. */
interface Demand {
  readonly condition: Condition;
  readonly holds: boolean;
}

const WAYS_MAX = 50;
/** Values that are tried for one set of demands before it is given up. */
const TRIES_MAX = 20_000;

/** Keys, or phrases, of a list of the policy. */
export type KeysOf = (list: string) => readonly string[];

/**
 * A declaration that a condition should hit, and one that it should not, made from the literals and lists that it names.
 * What asks something else, such as statistics, is left to chance: whoever uses an example has to try it.
 */
export function examplesOf(
  condition: Condition,
  dictionary: Dictionary,
  keysOf: KeysOf,
): { hit: Example | null; miss: Example | null } {
  const first = (holds: boolean) => {
    for (const demands of waysOf({ condition, holds }).slice(0, WAYS_MAX)) {
      const values = new Search(demands, dictionary, keysOf).run();
      if (values !== null) return new Patch(dictionary).with(values);
    }
    return null;
  };
  return { hit: first(true), miss: first(false) };
}

/** Sets of demands on single parts, each of which makes the whole as it is demanded; the first few of them. */
function waysOf({ condition, holds }: Demand): Demand[][] {
  if (condition.kind === 'not') return waysOf({ condition: condition.condition, holds: !holds });
  if (condition.kind !== 'group') return [[{ condition, holds }]];
  const parts = condition.conditions.map((each) => waysOf({ condition: each, holds }));
  if ((condition.of === 'any') === holds) return parts.flat().slice(0, WAYS_MAX);
  return parts.reduce<Demand[][]>(
    (ways, part) => ways.flatMap((way) => part.map((more) => [...way, ...more])).slice(0, WAYS_MAX),
    [[]],
  );
}

type Plain = string | number | boolean | null;
type Assignment = ReadonlyMap<string, Plain>;

interface Field {
  readonly path: readonly string[];
  readonly type: CellType;
}

/** Looks for values of all the fields that a set of demands names, under which each of them is met. */
class Search {
  readonly #dictionary: Dictionary;
  readonly #keysOf: KeysOf;
  readonly #fields: readonly Field[];
  /** By field: the demands that can be judged once it has a value. */
  readonly #judged: readonly (readonly Demand[])[];
  #tries = 0;

  constructor(demands: readonly Demand[], dictionary: Dictionary, keysOf: KeysOf) {
    this.#dictionary = dictionary;
    this.#keysOf = keysOf;
    const fields = new Map<string, Field>();
    const judged: { demand: Demand; last: number }[] = [];
    for (const demand of demands) {
      const paths = pathsOf(demand.condition);
      const typed = paths?.map((path) => ({ path, type: cellTypeOf(dictionary, { kind: 'path', path }) }));
      if (typed === undefined || typed.some(({ type }) => type === null)) continue;
      for (const { path, type } of typed) fields.set(path.join('.'), { path, type: type ?? 'text' });
      const names = [...fields.keys()];
      judged.push({ demand, last: Math.max(...typed.map(({ path }) => names.indexOf(path.join('.')))) });
    }
    this.#fields = [...fields.values()];
    this.#judged = this.#fields.map((_, index) =>
      judged.filter(({ last }) => last === index).map(({ demand }) => demand),
    );
  }

  /** Null where two demands contradict each other, or nothing is found. */
  run(): readonly (readonly [Field, Plain])[] | null {
    const values = this.#from(0, new Map());
    return values === null ? null : this.#fields.map((field) => [field, values.get(field.path.join('.')) ?? null]);
  }

  #from(index: number, before: Assignment): Assignment | null {
    const field = this.#fields[index];
    if (field === undefined) return before;
    for (const value of this.#candidates(field)) {
      if (++this.#tries > TRIES_MAX) return null;
      const values = new Map(before).set(field.path.join('.'), value);
      const isMet = this.#judged[index]?.every(
        ({ condition, holds }) => meaning(condition, values, this.#keysOf) === holds,
      );
      const found = isMet === true ? this.#from(index + 1, values) : null;
      if (found !== null) return found;
    }
    return null;
  }

  #candidates({ path, type }: Field): readonly Plain[] {
    const known = this.#dictionary.codes[`${typeAt(this.#dictionary, path.slice(0, -1))}.${path.at(-1)}`];
    const conditions = this.#judged.flat().map(({ condition }) => condition);
    const keys = conditions.flatMap((each) =>
      each.kind === 'listed' || each.kind === 'mentions' ? this.#keysOf(each.list) : [],
    );
    return known ?? candidates(path, type, [...conditions.flatMap(literalsOf), ...keys]);
  }
}

class Patch {
  readonly #dictionary: Dictionary;
  readonly #declaration: Record<string, unknown> = {};
  readonly #item: Record<string, unknown> = {};
  readonly #facts: Record<string, unknown> = {};
  readonly #parties = new Map<string, Record<string, unknown>>();
  readonly #standings = new Map<string, Record<string, unknown>>();

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  with(values: readonly (readonly [Field, Plain])[]): Example {
    for (const [{ path }, value] of values) this.#set(path, this.#written(path, value));
    return this.#example();
  }

  #written(path: readonly string[], value: Plain): unknown {
    if (typeAt(this.#dictionary, path) !== 'money' || value === null) return value;
    const amount = Number(value).toFixed(2);
    return path[0] === 'trader' || path[0] === 'parties' ? amount : { amount, currency: 'KZT' };
  }

  #set([first, ...path]: readonly string[], value: unknown): void {
    if (first === 'item') put(this.#item, path, value);
    if (first === 'declaration') put(this.#declaration, path, value);
    if (first === 'trader') put(this.#facts, ['trader', ...path], value);
    const [role, name] = path;
    if (first !== 'parties' || role === undefined || name === undefined) return;
    const isDeclared = ['id', 'name', 'country'].includes(name);
    const parties = isDeclared ? this.#parties : this.#standings;
    parties.set(role, { role, ...parties.get(role), [name]: value });
  }

  #example(): Example {
    const item = { ...this.#item };
    // Net and gross mass go together, where only one of them is asked for.
    const [gross, net] = [item.grossMassKg, item.netMassKg];
    if (typeof net === 'number' && gross === undefined) item.grossMassKg = Math.ceil(net * 1.05);
    if (typeof gross === 'number' && net === undefined) item.netMassKg = Math.floor(gross * 0.95);
    const declaration = {
      ...this.#declaration,
      ...(Object.keys(item).length > 0 && { items: [item] }),
      ...(this.#parties.size > 0 && { parties: [...this.#parties.values()] }),
    };
    const facts = { ...this.#facts, ...(this.#standings.size > 0 && { parties: [...this.#standings.values()] }) };
    return {
      ...(Object.keys(declaration).length > 0 && { declaration }),
      ...(Object.keys(facts).length > 0 && { facts }),
    };
  }
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = { ...(target[name] as Record<string, unknown> | undefined) };
  put(inner, rest, value);
  target[name] = inner;
}

function typeAt({ variables, types }: Dictionary, [first, ...names]: readonly string[]): string {
  const root = variables.find(({ name }) => name === first)?.type ?? '';
  return names.reduce((type, name) => types[type]?.find((field) => field.name === name)?.type ?? '', root);
}

/** The fields that a part is about; null where it asks something else as well. */
function pathsOf(condition: Condition): readonly (readonly string[])[] | null {
  switch (condition.kind) {
    case 'compare':
      return joined([condition.left, condition.right]);
    case 'text':
      return condition.operator === 'matches' ? null : joined([condition.value, condition.argument]);
    case 'oneOf':
    case 'flag':
    case 'present':
    case 'mentions':
      return joined([condition.value]);
    case 'listed':
      return condition.keys.length === 1 ? joined(condition.keys) : null;
    default:
      return null;
  }
}

function joined(values: readonly Value[]): readonly (readonly string[])[] | null {
  const paths = values.map((value): readonly (readonly string[])[] | null => {
    if (value.kind === 'path') return [value.path];
    if (value.kind === 'literal') return [];
    return value.kind === 'arithmetic' ? joined([value.left, value.right]) : null;
  });
  return paths.includes(null) ? null : paths.flatMap((each) => each ?? []);
}

const HS_CODE = /^\d{6,10}$/;
const PLAIN_TEXTS = ['DE', 'FR', 'US', '0901210009', '7326909807', '40', '10', 'X', ''];
const PLAIN_NUMBERS = [1, 0, 10, 100, 1000, 10_000, 100_000, 1_000_000];
const DAY_MS = 86_400_000;

/** Values to try: around the literals, then others. */
function candidates(path: readonly string[], type: CellType, literals: readonly Plain[]): readonly Plain[] {
  switch (type) {
    case 'boolean':
      return [true, false];
    case 'text': {
      const texts = literals.map(String);
      if (path.at(-1) !== 'hsCode') return [...texts, ...PLAIN_TEXTS, null];
      return [...texts.map((text) => text.padEnd(10, '0')), ...texts, ...PLAIN_TEXTS].filter((text) =>
        HS_CODE.test(text),
      );
    }
    case 'date': {
      const instants = literals.map((literal) => Date.parse(String(literal))).filter((each) => !Number.isNaN(each));
      const around = instants.flatMap((at) => [at, at - DAY_MS, at + DAY_MS]);
      return [...around.map((at) => new Date(at).toISOString()), null];
    }
    default: {
      const numbers = literals.filter((each) => typeof each === 'number');
      const middles = numbers.flatMap((a) => numbers.map((b) => (a + b) / 2));
      const around = [
        ...numbers.flatMap((n) => [n, n + 1, n - 1]),
        ...middles,
        ...numbers.map((n) => n / 2),
        ...PLAIN_NUMBERS,
      ];
      return [...new Set(around.filter((n) => n >= 0 && (type === 'number' || Number.isInteger(n)))), null];
    }
  }
}

function literalsOf(condition: Condition): Plain[] {
  switch (condition.kind) {
    case 'compare':
      return [condition.left, condition.right].flatMap(literalsIn);
    case 'text':
      return literalsIn(condition.argument);
    case 'oneOf':
      return condition.literals.map(({ value }) => value);
    default:
      return [];
  }
}

function literalsIn(value: Value): Plain[] {
  if (value.kind === 'literal') return [value.value];
  return value.kind === 'arithmetic' ? [value.left, value.right].flatMap(literalsIn) : [];
}

/** Absence is a miss of everything but of being absent. */
function meaning(condition: Condition, values: Assignment, keysOf: KeysOf): boolean {
  switch (condition.kind) {
    case 'present':
      return heldBy(condition.value, values) !== null;
    case 'flag':
      return heldBy(condition.value, values) === true;
    case 'oneOf':
      return condition.literals.some((literal) => order(heldBy(condition.value, values), literal.value) === 0);
    case 'text':
      return textTest(condition.operator, heldBy(condition.value, values), heldBy(condition.argument, values));
    case 'compare':
      return compared(condition.operator, order(heldBy(condition.left, values), heldBy(condition.right, values)));
    case 'listed': {
      const [key] = condition.keys;
      const value = key === undefined ? null : heldBy(key, values);
      return value !== null && keysOf(condition.list).some((each) => String(value).startsWith(each));
    }
    case 'mentions': {
      const text = String(heldBy(condition.value, values) ?? '').toLowerCase();
      return keysOf(condition.list).some((phrase) => text.includes(phrase.toLowerCase()));
    }
    default:
      return false;
  }
}

function heldBy(value: Value, values: Assignment): Plain {
  if (value.kind === 'literal') return value.value;
  if (value.kind === 'path') return values.get(value.path.join('.')) ?? null;
  if (value.kind !== 'arithmetic') return null;
  const [a, b] = [heldBy(value.left, values), heldBy(value.right, values)];
  if (typeof a !== 'number' || typeof b !== 'number') return null;
  const result = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b }[value.operator];
  return Number.isFinite(result) ? result : null;
}

function textTest(operator: string, value: Plain, argument: Plain): boolean {
  if (value === null || argument === null) return false;
  const [text, part] = [String(value), String(argument)];
  if (operator === 'startsWith') return text.startsWith(part);
  return operator === 'endsWith' ? text.endsWith(part) : text.includes(part);
}

/** Null where one of them is not there: they do not compare. */
function order(a: Plain, b: Plain): number | null {
  if (a === null || b === null) return null;
  const [left, right] = isInstant(a) && isInstant(b) ? [Date.parse(a), Date.parse(b)] : [a, b];
  return left === right ? 0 : left < right ? -1 : 1;
}

function isInstant(value: Plain): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value);
}

function compared(operator: string, sign: number | null): boolean {
  if (sign === null) return false;
  switch (operator) {
    case '==':
      return sign === 0;
    case '!=':
      return sign !== 0;
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    default:
      return sign >= 0;
  }
}
