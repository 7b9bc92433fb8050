import type { Type } from './api.ts';
import { BOOL, DOUBLE, DURATION, DYN, INT, listOf, MONEY, STRING, TIMESTAMP } from './types.ts';

/** Functions of the language: their overloads as data. `js` builds the JavaScript from that of the arguments. */

/** `list`, `map`: of whatever elements. */
export type Param = Type | 'list' | 'map';

export interface Overload {
  readonly params: readonly Param[];
  readonly result: Type;
  /** May throw. */
  readonly fails: boolean;
  js(...args: string[]): string;
}

export interface Builtin {
  /** How it may be called. */
  readonly style: 'member' | 'global' | 'both';
  readonly overloads: readonly Overload[];
}

function overload(params: readonly Param[], result: Type, js: (...args: string[]) => string, fails = false): Overload {
  return { params, result, fails, js };
}

/** An overload that calls a function of the runtime. */
function runs(params: readonly Param[], result: Type, name: string, fails = false): Overload {
  return overload(params, result, (...args) => `$.${name}(${args.join(', ')})`, fails);
}

const same = (js: string): string => js;

const strings: Readonly<Record<string, readonly Overload[]>> = {
  contains: [overload([STRING, STRING], BOOL, (a, b) => `${a}.includes(${b})`)],
  startsWith: [overload([STRING, STRING], BOOL, (a, b) => `${a}.startsWith(${b})`)],
  endsWith: [overload([STRING, STRING], BOOL, (a, b) => `${a}.endsWith(${b})`)],
  charAt: [runs([STRING, INT], STRING, 'charAt', true)],
  indexOf: [runs([STRING, STRING], INT, 'indexOf'), runs([STRING, STRING, INT], INT, 'indexOf', true)],
  lastIndexOf: [runs([STRING, STRING], INT, 'lastIndexOf'), runs([STRING, STRING, INT], INT, 'lastIndexOf', true)],
  lowerAscii: [runs([STRING], STRING, 'lowerAscii')],
  upperAscii: [runs([STRING], STRING, 'upperAscii')],
  replace: [
    runs([STRING, STRING, STRING], STRING, 'replace', true),
    runs([STRING, STRING, STRING, INT], STRING, 'replace', true),
  ],
  split: [runs([STRING, STRING], listOf(STRING), 'split'), runs([STRING, STRING, INT], listOf(STRING), 'split')],
  substring: [runs([STRING, INT], STRING, 'substring', true), runs([STRING, INT, INT], STRING, 'substring', true)],
  trim: [runs([STRING], STRING, 'trim')],
  reverse: [runs([STRING], STRING, 'reverse')],
  join: [runs([listOf(STRING)], STRING, 'join', true), runs([listOf(STRING), STRING], STRING, 'join', true)],
  format: [runs([STRING, listOf(DYN)], STRING, 'format', true)],
};

function calendar(part: string): readonly Overload[] {
  return [
    overload([TIMESTAMP], INT, (a) => `$.calendar(${a}, '${part}')`),
    overload([TIMESTAMP, STRING], INT, (a, zone) => `$.calendar(${a}, '${part}', ${zone})`, true),
  ];
}

function elapsed(part: string): Overload {
  return overload([DURATION], INT, (a) => `$.elapsed(${a}, '${part}')`);
}

const times: Readonly<Record<string, readonly Overload[]>> = {
  getFullYear: calendar('year'),
  getMonth: calendar('month'),
  getDate: calendar('date'),
  getDayOfMonth: calendar('dayOfMonth'),
  getDayOfWeek: calendar('dayOfWeek'),
  getDayOfYear: calendar('dayOfYear'),
  getHours: [...calendar('hours'), elapsed('hours')],
  getMinutes: [...calendar('minutes'), elapsed('minutes')],
  getSeconds: [...calendar('seconds'), elapsed('seconds')],
  getMilliseconds: [...calendar('milliseconds'), elapsed('milliseconds')],
};

const conversions: Readonly<Record<string, readonly Overload[]>> = {
  bool: [overload([BOOL], BOOL, same), runs([STRING], BOOL, 'boolOf', true)],
  int: [
    overload([INT], INT, same),
    runs([DOUBLE], INT, 'intOfDouble', true),
    runs([STRING], INT, 'intOfString', true),
    overload([TIMESTAMP], INT, (a) => `${a}.seconds`),
  ],
  double: [
    overload([DOUBLE], DOUBLE, same),
    overload([INT], DOUBLE, (a) => `(${a} + 0)`),
    runs([STRING], DOUBLE, 'doubleOfString', true),
    overload([MONEY], DOUBLE, (a) => `(${a} / 100)`),
  ],
  string: [
    overload([STRING], STRING, same),
    overload([BOOL], STRING, (a) => `String(${a})`),
    overload([INT], STRING, (a) => `String(${a})`),
    runs([DOUBLE], STRING, 'stringOfDouble'),
    overload([TIMESTAMP], STRING, (a) => `String(${a})`),
    overload([DURATION], STRING, (a) => `String(${a})`),
    runs([MONEY], STRING, 'stringOfMoney'),
  ],
  timestamp: [
    overload([TIMESTAMP], TIMESTAMP, same),
    runs([STRING], TIMESTAMP, 'timestampOf', true),
    runs([INT], TIMESTAMP, 'timestampOfSeconds', true),
  ],
  duration: [overload([DURATION], DURATION, same), runs([STRING], DURATION, 'durationOf', true)],
};

const size: readonly Overload[] = [
  runs([STRING], INT, 'sizeOfString'),
  overload(['list'], INT, (a) => `${a}.length`),
  overload(['map'], INT, (a) => `${a}.size`),
];

function named(style: Builtin['style'], table: Readonly<Record<string, readonly Overload[]>>): [string, Builtin][] {
  return Object.entries(table).map(([name, overloads]) => [name, { style, overloads }]);
}

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map([
  ...named('member', strings),
  ...named('member', times),
  ...named('global', conversions),
  ...named('global', { 'strings.quote': [runs([STRING], STRING, 'quote')] }),
  ...named('both', { size, matches: [runs([STRING, STRING], BOOL, 'matches', true)] }),
]);
