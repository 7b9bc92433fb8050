import { ExpressionError, fail } from './errors.ts';
import { compareStrings } from './strings.ts';
import * as time from './time.ts';
import { Duration, Timestamp } from './time.ts';

/**
 * Values whose type is known at run time only (mixed lists and maps, strict mode), with the type in the value: int is a
 * bigint, double a number, keys of maps are bigint, string or boolean.
 */

export type Tag = 'bool' | 'int' | 'double' | 'string' | 'timestamp' | 'duration' | 'null' | 'list' | 'map';

export function is(tag: Tag, value: unknown): boolean {
  return tagOf(value) === tag;
}

function tagOf(value: unknown): Tag | null {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'map';
  if (value instanceof Timestamp) return 'timestamp';
  return value instanceof Duration ? 'duration' : null;
}

export function noOverload(): never {
  throw new ExpressionError('no such overload');
}

/** A tagged value as one of a static type. */
export function untag(tag: Tag, value: unknown): unknown {
  if (!is(tag, value)) return noOverload();
  return tag === 'int' ? Number(value) : value;
}

export function tagMap(
  map: ReadonlyMap<unknown, unknown>,
  key: (key: unknown) => unknown,
  value: (value: unknown) => unknown,
): Map<unknown, unknown> {
  return new Map([...map].map(([k, v]) => [key(k), value(v)] as const));
}

/** CEL's ==, for tagged values and for untagged ones of types that may be compared. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b) === 0;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, index) => equal(value, b[index]));
  }
  if (a instanceof Map && b instanceof Map) return equalMaps(a, b);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) {
    return time.compareTimes(a, b) === 0;
  }
  return false;
}

function equalMaps(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !equal(value, b.get(key))) return false;
  return true;
}

export function isAmong(value: unknown, list: readonly unknown[]): boolean {
  return list.some((each) => equal(each, value));
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** JavaScript compares a bigint with a number exactly. NaN with NaN. */
function compareNumbers(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : Number(a) - Number(b);
}

/** Negative, zero, positive, or NaN where neither holds. */
export function order(a: unknown, b: unknown): number {
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) {
    return time.compareTimes(a, b);
  }
  return noOverload();
}

export function inDyn(value: unknown, container: unknown): boolean {
  if (Array.isArray(container)) return isAmong(value, container);
  return container instanceof Map ? container.has(keyOf(value)) : noOverload();
}

/** Whole doubles find int keys. */
function keyOf(value: unknown): unknown {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

export function indexDyn(container: unknown, index: unknown): unknown {
  if (Array.isArray(container)) return atDyn(container, index);
  if (!(container instanceof Map)) return noOverload();
  const value: unknown = container.get(keyOf(index));
  return value === undefined ? fail(`no such key: ${String(index)}`) : value;
}

export function atDyn(list: readonly unknown[], index: unknown): unknown {
  if (!isNumeric(index)) return noOverload();
  const position = Number(index);
  if (!Number.isInteger(position)) return fail(`not a whole index: ${position}`);
  return position >= 0 && position < list.length ? list[position] : fail(`index out of range: ${position}`);
}

export function hasDyn(value: unknown, field: string): boolean {
  return value instanceof Map ? value.has(field) : noOverload();
}

/** What a comprehension with one variable runs over; with two, pairs. */
export function rangeOf(value: unknown, pairs: boolean): readonly unknown[] {
  if (Array.isArray(value)) return pairs ? value.map((each, index) => [BigInt(index), each]) : value;
  if (value instanceof Map) return pairs ? [...value] : [...value.keys()];
  return noOverload();
}

function bounded(value: bigint): bigint {
  return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER ? fail('int out of range') : value;
}

export function negate(value: unknown): unknown {
  if (typeof value === 'bigint') return -value;
  return typeof value === 'number' ? -value : noOverload();
}

export function arithmetic(operator: string, a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint' && typeof b === 'bigint') return intArithmetic(operator, a, b);
  if (typeof a === 'number' && typeof b === 'number') return doubleArithmetic(operator, a, b);
  if (operator === '+') return sum(a, b);
  if (operator !== '-') return noOverload();
  if (a instanceof Timestamp && b instanceof Timestamp) return time.between(a, b);
  if (a instanceof Timestamp && b instanceof Duration) return time.subtractDuration(a, b);
  return a instanceof Duration && b instanceof Duration ? time.subtractDurations(a, b) : noOverload();
}

function intArithmetic(operator: string, a: bigint, b: bigint): bigint {
  if (operator === '+') return bounded(a + b);
  if (operator === '-') return bounded(a - b);
  if (operator === '*') return bounded(a * b);
  if (b === 0n) return fail('division by zero');
  return operator === '/' ? a / b : a % b;
}

function doubleArithmetic(operator: string, a: number, b: number): number {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  return operator === '/' ? a / b : noOverload();
}

function sum(a: unknown, b: unknown): unknown {
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (a instanceof Timestamp && b instanceof Duration) return time.addDuration(a, b);
  if (a instanceof Duration && b instanceof Timestamp) return time.addDuration(b, a);
  return a instanceof Duration && b instanceof Duration ? time.sumDurations(a, b) : noOverload();
}
