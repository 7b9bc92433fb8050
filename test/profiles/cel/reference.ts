import type { TypedExpr } from '../../../src/profiles/cel/api.ts';
import { Duration, durationOf, Timestamp, timestampOf } from '../../../src/profiles/cel/time.ts';
import { FUNCTIONS, type Item, type World } from './world.ts';

/**
 * What an expression means in profile mode, written for clearness: it walks the checked expression. Ints and money are
 * bigints (money in tiyn), times are bigints of nanoseconds, absence is null.
 */

export class Fault extends Error {}

type Value = bigint | number | string | boolean | null | readonly Value[] | { readonly object: unknown };

export function meaning(expr: TypedExpr, world: World, locals: ReadonlyMap<string, Value> = new Map()): Value {
  return new Reference(world, locals).value(expr);
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const TIMESTAMP_MIN = -62_135_596_800n * 1_000_000_000n;
const TIMESTAMP_MAX = 253_402_300_800n * 1_000_000_000n - 1n;
const DURATION_MAX = 2n ** 63n - 1n;

class Reference {
  readonly #world: World;
  readonly #locals: ReadonlyMap<string, Value>;

  constructor(world: World, locals: ReadonlyMap<string, Value>) {
    this.#world = world;
    this.#locals = locals;
  }

  value(expr: TypedExpr): Value {
    switch (expr.kind) {
      case 'literal':
        return literal(expr);
      case 'variable':
        return this.#variable(expr);
      case 'select':
        return this.#present([expr.operand], null, ([operand]) => select(expr, operand ?? null));
      case 'has':
        return this.#present([expr.operand], false, ([operand]) => select(expr, operand ?? null) !== null);
      case 'index':
        return this.#present([expr.operand, expr.index], null, ([list, index]) => at(list, index));
      case 'not':
        return !this.truth(expr.operand);
      case 'negate':
        return this.#present([expr.operand], null, ([x]) => (typeof x === 'bigint' ? -x : -Number(x)));
      case 'and':
      case 'or':
        return this.#logic(expr.operands, expr.kind === 'or');
      case 'compare':
        return this.#present([expr.left, expr.right], false, ([a, b]) => compare(expr, a ?? null, b ?? null));
      case 'in':
        return this.#present([expr.element, expr.container], false, ([x, list]) => {
          return Array.isArray(list) && list.some((each: Value) => each === x);
        });
      case 'arithmetic':
        return this.#present([expr.left, expr.right], null, ([a, b]) => arithmetic(expr, a ?? null, b ?? null));
      case 'conditional':
        return this.value(this.truth(expr.condition) ? expr.then : expr.otherwise);
      case 'list':
        return expr.elements.map((element) => this.value(element)).filter((element) => element !== null);
      case 'builtin':
        return this.#present(expr.args, expr.type.kind === 'bool' ? false : null, (args) => builtin(expr, args));
      case 'call':
        return this.#call(expr);
      case 'macro':
        return this.#macro(expr);
      default:
        throw new Error(`the reference does not know ${expr.kind}`);
    }
  }

  truth(expr: TypedExpr): boolean {
    return this.value(expr) === true;
  }

  /** Operands that may be absent come first, in order; where one is absent that is the result. */
  #present(operands: readonly TypedExpr[], absent: Value, operation: (values: Value[]) => Value): Value {
    const values = new Map<TypedExpr, Value>();
    for (const operand of operands) {
      if (!operand.optional) continue;
      const value = this.value(operand);
      if (value === null) return absent;
      values.set(operand, value);
    }
    return operation(operands.map((operand) => values.get(operand) ?? this.value(operand)));
  }

  #variable(expr: TypedExpr & { kind: 'variable' }): Value {
    const local = this.#locals.get(expr.js);
    if (local !== undefined) return local;
    const { item, declaration, now, arrears } = this.#world;
    if (expr.name === 'item') return { object: item };
    if (expr.name === 'declaration') return { object: declaration };
    return expr.name === 'now' ? BigInt(now) * 1_000_000n : BigInt(arrears);
  }

  /** One operand that decides outweighs the errors of the others. */
  #logic(operands: readonly TypedExpr[], deciding: boolean): boolean {
    const results = operands.map((operand) => attempt(() => this.truth(operand)));
    if (results.includes(deciding)) return deciding;
    const fault = results.find((result) => result instanceof Fault);
    if (fault instanceof Fault) throw fault;
    return !deciding;
  }

  #call({ name, args }: TypedExpr & { kind: 'call' }): Value {
    const [arg] = args;
    if (arg === undefined) throw new Error(name);
    if (name === 'orElse') return FUNCTIONS.orElse(this.value(arg) as number | null);
    return this.#present([arg], name === 'isNamed' ? false : null, ([value]) => {
      if (name === 'isNamed') return FUNCTIONS.isNamed(String(value));
      return FUNCTIONS.median((value as { object: Item }).object);
    });
  }

  #macro(expr: TypedExpr & { kind: 'macro' }): Value {
    const { macro, condition, transform, locals } = expr;
    return this.#present([expr.range], expr.type.kind === 'bool' ? false : null, ([range]) => {
      const elements = range as readonly Value[];
      const inner = elements.map(
        (each) => new Reference(this.#world, new Map([...this.#locals, [locals[0] ?? '', each]])),
      );
      const tests = inner.map((each) => attempt(() => condition === null || each.truth(condition)));
      const fault = tests.find((result) => result instanceof Fault);
      if (macro === 'exists' && tests.includes(true)) return true;
      if (macro === 'all' && tests.includes(false)) return false;
      if (fault instanceof Fault) throw fault;
      if (macro === 'exists') return false;
      if (macro === 'all') return true;
      if (macro === 'exists_one') return tests.filter((result) => result === true).length === 1;
      if (macro === 'filter') return elements.filter((_, index) => tests[index] === true);
      if (transform === null) throw new Error(macro);
      return inner.map((each) => each.value(transform)).filter((result) => result !== null);
    });
  }
}

function attempt<T>(action: () => T): T | Fault {
  try {
    return action();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function literal({ value, type }: TypedExpr & { kind: 'literal' }): Value {
  if (type.kind === 'int') return BigInt(Number(value));
  if (type.kind !== 'money') return value;
  return Number.isInteger(value) ? BigInt(Number(value)) : Number(value);
}

function select({ operand, field }: TypedExpr & { kind: 'select' | 'has' }, value: Value): Value {
  if (operand.type.kind === 'money') return 'KZT';
  if (operand.type.kind !== 'object') throw new Error(field);
  const declared = operand.type.fields.get(field);
  const kept = (value as { object: Record<string, unknown> }).object[declared?.property ?? ''];
  return declared === undefined ? null : read(kept, declared.type.kind, declared.type);
}

function read(kept: unknown, kind: string, type: TypedExpr['type']): Value {
  if (kept === null || kept === undefined) return null;
  if (kind === 'int') return BigInt(Number(kept));
  if (kind === 'money') return BigInt((kept as { tiyn: number }).tiyn);
  if (kind === 'timestamp') return BigInt(Number(kept)) * 1_000_000n;
  if (type.kind === 'list') return (kept as unknown[]).map((each) => read(each, type.element.kind, type.element));
  return kind === 'object' ? { object: kept } : (kept as Value);
}

function at(list: Value | undefined, index: Value | undefined): Value {
  const value = Array.isArray(list) ? (list[Number(index)] as Value | undefined) : undefined;
  if (value === undefined) throw new Fault('index out of range');
  return value;
}

function compare({ operator, left, right }: TypedExpr & { kind: 'compare' }, a: Value, b: Value): boolean {
  const mixed = (left.type.kind === 'money') !== (right.type.kind === 'money');
  const kzt = (side: TypedExpr, value: Value): Value =>
    mixed ? (side.type.kind === 'money' ? Number(value) / 100 : Number(value)) : value;
  const [x, y] = [kzt(left, a) as number, kzt(right, b) as number];
  switch (operator) {
    case '==':
      return equal(x, y);
    case '!=':
      return !equal(x, y);
    case '<':
      return x < y;
    case '<=':
      return x <= y;
    case '>':
      return x > y;
    case '>=':
      return x >= y;
  }
}

/** Money is a bigint; a literal finer than a tiyn is a number. */
function equal(a: unknown, b: unknown): boolean {
  return typeof a === typeof b ? a === b : Number(a) === Number(b);
}

function arithmetic(expr: TypedExpr & { kind: 'arithmetic' }, a: Value, b: Value): Value {
  const { operator, left, right, type } = expr;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (typeof a === 'string') return a + String(b);
  if (left.type.kind === 'money' || right.type.kind === 'money') return moneyArithmetic(expr, a, b);
  if (typeof a !== 'bigint' || typeof b !== 'bigint') return finite(double(operator, Number(a), Number(b)));
  if (b === 0n && (operator === '/' || operator === '%')) throw new Fault('division by zero');
  const result = exact(operator, a, b);
  if (type.kind === 'int' && (result > SAFE || result < -SAFE)) throw new Fault('int out of range');
  if (type.kind === 'timestamp' && (result < TIMESTAMP_MIN || result > TIMESTAMP_MAX)) throw new Fault('timestamp');
  if (type.kind === 'duration' && (result > DURATION_MAX || result < -DURATION_MAX - 1n)) throw new Fault('duration');
  return result;
}

function moneyArithmetic(
  { operator, left, right, type }: TypedExpr & { kind: 'arithmetic' },
  a: Value,
  b: Value,
): Value {
  if (type.kind === 'money') return exact(operator, a as bigint, b as bigint);
  const kzt = (side: TypedExpr, value: Value): number =>
    side.type.kind === 'money' ? Number(value) / 100 : Number(value);
  if (left.type.kind === 'money' && right.type.kind === 'money') return finite(Number(a) / Number(b));
  return finite(double(operator, kzt(left, a), kzt(right, b)));
}

function exact(operator: string, a: bigint, b: bigint): bigint {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  return operator === '/' ? a / b : a % b;
}

function double(operator: string, a: number, b: number): number {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  return operator === '*' ? a * b : a / b;
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new Fault('not finite');
}

function builtin({ name, args: exprs }: TypedExpr & { kind: 'builtin' }, args: readonly Value[]): Value {
  const [first, second, third] = args;
  const text = String(first);
  switch (name) {
    case 'size':
      return BigInt(Array.isArray(first) ? first.length : [...text].length);
    case 'startsWith':
      return text.startsWith(String(second));
    case 'contains':
      return text.includes(String(second));
    case 'matches':
      return new RegExp(String(second)).test(text);
    case 'lowerAscii':
      return text.toLowerCase();
    case 'substring':
      if (Number(third) > text.length) throw new Fault('index out of range');
      return text.slice(Number(second), Number(third));
    case 'double':
      return exprs[0]?.type.kind === 'money' ? Number(first) / 100 : Number(first);
    case 'timestamp':
      return nanosOf(timestampOf(text));
    case 'duration':
      return nanosOf(durationOf(text));
    default:
      throw new Error(`the reference does not know ${name}`);
  }
}

function nanosOf(time: Timestamp | Duration): bigint {
  return BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos);
}

/** A result of compiled code in the reference's representation. */
export function translated(value: unknown, type: TypedExpr['type']): Value {
  if (value === null || value === undefined) return null;
  if (type.kind === 'int' || type.kind === 'money') return BigInt(value as number);
  if (type.kind === 'list') return (value as unknown[]).map((each) => translated(each, type.element));
  return value instanceof Timestamp || value instanceof Duration ? nanosOf(value) : (value as Value);
}
