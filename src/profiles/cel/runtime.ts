import { kztOf } from '../../core/money.ts';
import { comprehensions, decide, type Thunk } from './comprehensions.ts';
import { compilePattern, type Pattern } from './constants.ts';
import {
  arithmetic,
  atDyn,
  equal,
  hasDyn,
  inDyn,
  indexDyn,
  is,
  isAmong,
  negate,
  noOverload,
  order,
  rangeOf,
  tagMap,
  untag,
} from './dyn.ts';
import { ExpressionError, fail, StepLimitError } from './errors.ts';
import { format } from './format.ts';
import {
  charAt,
  compareStrings,
  concatenate,
  indexOf,
  join,
  lastIndexOf,
  lowerAscii,
  quote,
  replace,
  reverse,
  sizeOfString,
  split,
  substring,
  trim,
  upperAscii,
} from './strings.ts';
import {
  addDuration,
  between,
  calendar,
  compareTimes,
  Duration,
  durationOf,
  elapsed,
  instant,
  subtractDuration,
  subtractDurations,
  sumDurations,
  Timestamp,
  timestampOf,
  timestampOfSeconds,
} from './time.ts';

/** What emitted code calls: `$`. One per compiled module, for it counts the steps of comprehensions. */

/** An int must stay where doubles are exact. */
function int(value: number): number {
  return Number.isSafeInteger(value) ? value : fail('int out of range: ±(2^53 - 1)');
}

function divideInt(a: number, b: number): number {
  return b === 0 ? fail('division by zero') : (a - (a % b)) / b + 0;
}

function modulo(a: number, b: number): number {
  return b === 0 ? fail('modulus by zero') : (a % b) + 0;
}

function finite(value: number): number {
  return value - value === 0 ? value : fail('the result is not a finite number');
}

function divide(a: number, b: number): number {
  return b === 0 ? fail('division by zero') : finite(a / b);
}

function tiyn(value: number): number {
  return Number.isSafeInteger(value) ? value : fail('money out of range');
}

function at<T>(list: readonly T[], index: number): T {
  return index >= 0 && index < list.length ? (list[index] as T) : fail(`index out of range: ${index}`);
}

function get<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  return value === undefined ? fail(`no such key: ${String(key)}`) : value;
}

function mapOf(entries: readonly (readonly [unknown, unknown])[]): Map<unknown, unknown> {
  const map = new Map(entries);
  return map.size === entries.length ? map : fail('a key stands twice in a map');
}

function present<T>(values: readonly (T | null | undefined)[]): T[] {
  return values.filter((value) => value !== null && value !== undefined);
}

const TRUE_TEXTS = ['true', 'True', 'TRUE', 't', '1'];
const FALSE_TEXTS = ['false', 'False', 'FALSE', 'f', '0'];

function boolOf(text: string): boolean {
  if (TRUE_TEXTS.includes(text)) return true;
  return FALSE_TEXTS.includes(text) ? false : fail(`'${text}' is not a bool`);
}

function intOfDouble(value: number): number {
  return int(Math.trunc(value) + 0);
}

function intOfString(text: string): number {
  return /^[-+]?\d{1,19}$/.test(text) ? int(Number(text) + 0) : fail(`'${text}' is not an int`);
}

function doubleOfString(text: string): number {
  if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) return Number(text);
  const special = /^([-+]?)(nan|inf|infinity)$/i.exec(text);
  if (special === null) return fail(`'${text}' is not a double`);
  if (special[2]?.toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const patterns = new Map<string, Pattern>();
const PATTERNS_MAX = 100;

function matches(text: string, pattern: string): boolean {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = compilePattern(pattern);
    if (patterns.size < PATTERNS_MAX) patterns.set(pattern, compiled);
  }
  return compiled.test(text);
}

/** A value as an official reads it: texts, numbers, bools; money in KZT; times as ISO 8601. */
function show(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((each) => String(show(each))).join(', ');
  if (value instanceof Map) return [...value].map(([key, each]) => `${String(key)}: ${String(show(each))}`).join(', ');
  return value instanceof Timestamp || value instanceof Duration ? String(value) : typeof value;
}

function mapOfPresent(entries: readonly (readonly [unknown, unknown])[]): Map<unknown, unknown> {
  return mapOf(entries.filter(([key, value]) => key != null && value != null));
}

function instantOrAbsent(ms: number | null | undefined): Timestamp | null {
  return ms === null || ms === undefined ? null : instant(ms);
}

/** Errors that the careful form would meet again. */
function isFinal(error: unknown): boolean {
  return error instanceof StepLimitError || !(error instanceof ExpressionError);
}

export function createRuntime() {
  return {
    sizeOfString,
    compareStrings,
    charAt,
    indexOf,
    lastIndexOf,
    lowerAscii,
    upperAscii,
    replace,
    split,
    substring,
    trim,
    reverse,
    join,
    concatenate,
    quote,
    instant,
    timestampOfSeconds,
    timestampOf,
    durationOf,
    addDuration,
    subtractDuration,
    between,
    sumDurations,
    subtractDurations,
    compareTimes,
    calendar,
    elapsed,
    is,
    noOverload,
    untag,
    tagMap,
    equal,
    isAmong,
    order,
    inDyn,
    indexDyn,
    atDyn,
    hasDyn,
    rangeOf,
    negate,
    arithmetic,
    ...comprehensions(),
    fail,
    format,
    int,
    divideInt,
    modulo,
    finite,
    divide,
    tiyn,
    at,
    get,
    mapOf,
    present,
    boolOf,
    intOfDouble,
    intOfString,
    doubleOfString,
    stringOfDouble: String,
    stringOfMoney: kztOf,
    matches,
    and: (operands: readonly Thunk[]) => decide(operands, false),
    or: (operands: readonly Thunk[]) => decide(operands, true),
    show,
    showMoney: (value: number | null | undefined) => (value === null || value === undefined ? null : value / 100),
    mapOfPresent,
    instantOrAbsent,
    isFinal,
  };
}
