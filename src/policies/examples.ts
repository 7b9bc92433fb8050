import type { Condition, Literal, Value } from '../criteria/ast.ts';
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

/**
 * A declaration that a condition should hit, and one that it should not, made from the literals that stand in it. What
 * does not compare a field with a literal is left to chance: whoever uses an example has to try it.
 */
export function examplesOf(
  condition: Condition,
  dictionary: Dictionary,
): { hit: Example | null; miss: Example | null } {
  const first = (holds: boolean) => {
    for (const demands of waysOf({ condition, holds }).slice(0, WAYS_MAX)) {
      const example = new Patch(dictionary).fulfil(demands);
      if (example !== null) return example;
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

  /** Null where two demands contradict each other. */
  fulfil(demands: readonly Demand[]): Example | null {
    const fields = new Map<string, { path: readonly string[]; type: CellType; demands: Demand[] }>();
    for (const demand of demands) {
      const value = subjectOf(demand.condition);
      const type = value === null ? null : cellTypeOf(this.#dictionary, value);
      if (value === null || type === null) continue;
      const field = fields.get(value.path.join('.')) ?? { path: value.path, type, demands: [] };
      field.demands.push(demand);
      fields.set(value.path.join('.'), field);
    }
    for (const { path, type, demands: own } of fields.values()) {
      const known = this.#dictionary.codes[`${this.#typeOf(path.slice(0, -1))}.${path.at(-1)}`];
      const tried = known ?? candidates(path, type, own);
      const value = tried.find((each) => own.every((demand) => isMet(demand, each)));
      if (value === undefined) return null;
      this.#set(path, this.#written(path, value));
    }
    return this.#example();
  }

  #written(path: readonly string[], value: Plain): unknown {
    const isMoney = this.#typeOf(path) === 'money';
    if (!isMoney || value === null) return value;
    const amount = Number(value).toFixed(2);
    return path[0] === 'trader' || path[0] === 'parties' ? amount : { amount, currency: 'KZT' };
  }

  #typeOf(path: readonly string[]): string {
    const { variables, types } = this.#dictionary;
    const [first, ...names] = path;
    const root = variables.find(({ name }) => name === first)?.type ?? '';
    return names.reduce((type, name) => types[type]?.find((field) => field.name === name)?.type ?? '', root);
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

type Path = Value & { readonly kind: 'path' };

/** The field that a part compares with literals alone. */
function subjectOf(condition: Condition): Path | null {
  switch (condition.kind) {
    case 'compare':
      return condition.right.kind === 'literal' ? pathOf(condition.left) : null;
    case 'text':
      return condition.argument.kind === 'literal' && condition.operator !== 'matches' ? pathOf(condition.value) : null;
    case 'oneOf':
    case 'flag':
    case 'present':
      return pathOf(condition.value);
    default:
      return null;
  }
}

function pathOf(value: Value): Path | null {
  return value.kind === 'path' ? value : null;
}

const HS_CODE = /^\d{6,10}$/;
const PLAIN_TEXTS = ['DE', 'FR', 'US', '0901210009', '7326909807', '40', '10', 'X', ''];

/** Values to try: around the literals, then others. */
function candidates(path: readonly string[], type: CellType, demands: readonly Demand[]): Plain[] {
  const literals = demands.flatMap(({ condition }) => literalsOf(condition));
  switch (type) {
    case 'boolean':
      return [true, false];
    case 'text': {
      const texts = literals.map(String);
      const isCode = path.at(-1) === 'hsCode';
      if (!isCode) return [...texts, ...PLAIN_TEXTS, null];
      return [...texts.map((text) => text.padEnd(10, '0')), ...texts, ...PLAIN_TEXTS].filter((text) =>
        HS_CODE.test(text),
      );
    }
    case 'date': {
      const instants = literals.map((literal) => Date.parse(String(literal))).filter((each) => !Number.isNaN(each));
      const around = instants.flatMap((at) => [at, at - 86_400_000, at + 86_400_000]);
      return [...around.map((at) => new Date(at).toISOString()), null];
    }
    default: {
      const numbers = literals.map(Number);
      const middles = numbers.flatMap((a) => numbers.map((b) => (a + b) / 2));
      const around = [...numbers.flatMap((n) => [n, n + 1, n - 1]), ...middles, ...numbers.map((n) => n / 2), 1, 0];
      return [...around.filter((n) => n >= 0 && (type === 'number' || Number.isInteger(n))), null];
    }
  }
}

function literalsOf(condition: Condition): Plain[] {
  if (condition.kind === 'compare' && condition.right.kind === 'literal') return [condition.right.value];
  if (condition.kind === 'text' && condition.argument.kind === 'literal') return [condition.argument.value];
  return condition.kind === 'oneOf' ? condition.literals.map(({ value }) => value) : [];
}

/** Whether a value of the field fulfils a demand; absence is a miss of everything but of being absent. */
function isMet({ condition, holds }: Demand, value: Plain): boolean {
  return meaning(condition, value) === holds;
}

function meaning(condition: Condition, value: Plain): boolean {
  if (condition.kind === 'present') return value !== null;
  if (value === null) return false;
  switch (condition.kind) {
    case 'flag':
      return value === true;
    case 'oneOf':
      return condition.literals.some((literal) => order(value, literal) === 0);
    case 'text': {
      const [text, argument] = [String(value), String(literalsOf(condition)[0])];
      if (condition.operator === 'startsWith') return text.startsWith(argument);
      return condition.operator === 'endsWith' ? text.endsWith(argument) : text.includes(argument);
    }
    case 'compare':
      return condition.right.kind === 'literal' && compared(condition.operator, order(value, condition.right));
    default:
      return false;
  }
}

function order(value: Plain, literal: Literal): number {
  const [a, b] =
    literal.type === 'date' ? [Date.parse(String(value)), Date.parse(literal.value)] : [value, literal.value];
  if (a === b) return 0;
  return a !== null && a < b ? -1 : 1;
}

function compared(operator: string, sign: number): boolean {
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
