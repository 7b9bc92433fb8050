import type { Random } from './random.ts';

/**
 * Well-typed expressions of strict mode, as texts. Kept out, for there @bufbuild/cel departs from the specification:
 * timestamp - timestamp (gives a timestamp), double('x') (gives NaN), split with a limit above 1 (drops the rest),
 * indexOf from the end, replace of '', int('') and duration('') (give 0), hours at local midnight (gives the next day), texts beyond the basic plane, comprehensions with two variables.
 */

export type Kind =
  | 'bool'
  | 'int'
  | 'double'
  | 'string'
  | 'timestamp'
  | 'duration'
  | 'ints'
  | 'strings'
  | 'mixed'
  | 'map';

/** Variables in scope: CEL name → kind. */
export type Scope = readonly (readonly [string, Kind])[];

type Make = (random: Random, scope: Scope, depth: number) => string;

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];
const TEXTS = ["''", "'a'", "'ab'", "'abc'", "'b'", "'B c'", "'ß€'", "' x '", "'12'", "'-3.5'", "'true'"];
const TIMES = ["'2026-01-31T10:00:00Z'", "'1999-12-31T23:59:59.999Z'", "'2024-02-29T03:20:00+06:00'"];
const LENGTHS = ["'1h30m'", "'-90s'", "'0'", "'36h'", "'1.5ms'"];
const ORDERED: readonly Kind[] = ['bool', 'int', 'double', 'string', 'timestamp', 'duration'];
const ALL: readonly Kind[] = [...ORDERED, 'ints', 'strings', 'mixed', 'map'];

export function expression(random: Random, kind: Kind, scope: Scope, depth: number): string {
  const variables = scope.filter(([, each]) => each === kind);
  if (variables.length > 0 && random.chance(depth <= 0 ? 0.7 : 0.25)) return random.pick(variables)[0];
  if (depth <= 0 || random.chance(0.1)) return LEAVES[kind](random);
  return random.pick(MAKERS[kind])(random, scope, depth - 1);
}

const LEAVES: Readonly<Record<Kind, (random: Random) => string>> = {
  bool: (random) => random.pick(['true', 'false']),
  int: (random) => String(random.int(-9, 9)),
  double: (random) => random.pick(['0.0', '1.0', '-2.5', '0.1', '1e3', '3.25', '-0.0']),
  string: (random) => random.pick(TEXTS),
  timestamp: (random) => `timestamp(${random.pick(TIMES)})`,
  duration: (random) => `duration(${random.pick(LENGTHS)})`,
  ints: (random) => random.pick(['[]', '[1]', '[1, 2, 3]', '[0, -1, 5, 1]']),
  strings: (random) => random.pick(['[]', "['a']", "['a', 'b', 'abc']"]),
  mixed: (random) => random.pick(["[1, 'a']", '[1, 2.0, true]', "['b', null, [1]]", '[1.0, 1, 2]']),
  map: (random) => random.pick(["{'a': 1}", "{'a': 1, 'b': 0}", "{'x': -2, 'b': 3, 'c': 3}"]),
};

/** Sub-expression of a kind. */
function of(kind: Kind): Make {
  return (random, scope, depth) => expression(random, kind, scope, depth);
}

/** A template with `$kind` for sub-expressions. */
function form(template: string): Make {
  return (random, scope, depth) =>
    template.replace(/\$(\w+)/g, (_, kind: string) => `(${expression(random, kind as Kind, scope, depth)})`);
}

const compare: Make = (random, scope, depth) => {
  const kind = random.pick(ORDERED);
  return `(${of(kind)(random, scope, depth)}) ${random.pick(COMPARISONS)} (${of(kind)(random, scope, depth)})`;
};

const equate: Make = (random, scope, depth) => {
  const kind = random.pick(ALL);
  return `(${of(kind)(random, scope, depth)}) ${random.pick(['==', '!='])} (${of(kind)(random, scope, depth)})`;
};

function choose(kind: Kind): Make {
  return form(`$bool ? $${kind} : $${kind}`);
}

/** A comprehension whose variable is new, or hides one that is there. */
function macro(name: string, range: Kind, element: Kind, body: Kind, second?: Kind): Make {
  return (random, scope, depth) => {
    const variable = random.pick(['e', 'f', 'i']);
    const inner: Scope = [...scope.filter(([known]) => known !== variable), [variable, element]];
    const parts = [body, ...(second === undefined ? [] : [second])].map((kind) => of(kind)(random, inner, depth));
    return `(${of(range)(random, scope, depth)}).${name}(${variable}, ${parts.join(', ')})`;
  };
}

const PARTS = ['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getHours', 'getMinutes'];
const ZONES = ['', "'+06:00'", "'-02:30'", "'Asia/Almaty'", "'UTC'"];

const MAKERS: Readonly<Record<Kind, readonly Make[]>> = {
  bool: [
    form('$bool && $bool'),
    form('$bool || $bool'),
    form('$bool && $bool && $bool'),
    form('$bool || $bool || $bool'),
    form('!$bool'),
    compare,
    compare,
    equate,
    form('$int < $double'),
    form('$double >= $int'),
    form('$int in $ints'),
    form('$string in $strings'),
    form('$string in $map'),
    form('$int in $mixed'),
    form('$mixed[0] == $int'),
    form("$mixed[1] == 'a' || $mixed[0] < $int"),
    form('has($map.a)'),
    form('$string.contains($string)'),
    form('$string.startsWith($string)'),
    form('$string.endsWith($string)'),
    form("$string.matches('^[a-c]+$')"),
    form('bool($string)'),
    macro('exists', 'ints', 'int', 'bool'),
    macro('all', 'ints', 'int', 'bool'),
    macro('exists_one', 'strings', 'string', 'bool'),
    macro('exists', 'map', 'string', 'bool'),
    macro('all', 'strings', 'string', 'bool'),
    choose('bool'),
  ],
  int: [
    form('$int + $int'),
    form('$int - $int'),
    form('$int * $int'),
    form('$int / $int'),
    form('$int % $int'),
    form('-$int'),
    form('size($string)'),
    form('$ints.size()'),
    form('size($map)'),
    form('$ints[$int]'),
    form('$map[$string]'),
    form('$map.a'),
    form('int($double)'),
    form("int($string + '1')"),
    form('$mixed[0] + $int == 2 ? $int : 1'),
    form('$string.indexOf($string)'),
    form('$string.lastIndexOf($string)'),
    (random, scope, depth) => `(${of('timestamp')(random, scope, depth)}).${random.pick(PARTS)}(${random.pick(ZONES)})`,
    form('$duration.getMinutes()'),
    choose('int'),
  ],
  double: [
    form('$double + $double'),
    form('$double - $double'),
    form('$double * $double'),
    form('$double / $double'),
    form('-$double'),
    form('double($int)'),
    choose('double'),
  ],
  string: [
    form('$string + $string'),
    form('string($int)'),
    form('string($double)'),
    form('string($bool)'),
    form('string($timestamp)'),
    form('string($duration)'),
    form('$string.charAt($int)'),
    form('$string.substring($int)'),
    form('$string.substring($int, $int)'),
    form('$string.lowerAscii()'),
    form('$string.upperAscii()'),
    form('$string.trim()'),
    form("$string.replace('a', $string)"),
    form("$strings.join('-')"),
    form('$strings[$int]'),
    form("'%d|%s'.format([$int, $string])"),
    form('strings.quote($string)'),
    choose('string'),
  ],
  timestamp: [
    form('$timestamp + $duration'),
    form('$timestamp - $duration'),
    form('timestamp($string)'),
    choose('timestamp'),
  ],
  duration: [
    form('$duration + $duration'),
    form('$duration - $duration'),
    form("duration($string + 's')"),
    choose('duration'),
  ],
  ints: [
    form('[$int, $int]'),
    form('$ints + $ints'),
    macro('map', 'ints', 'int', 'int'),
    macro('map', 'ints', 'int', 'bool', 'int'),
    macro('filter', 'ints', 'int', 'bool'),
    macro('map', 'strings', 'string', 'int'),
    choose('ints'),
  ],
  strings: [
    form('[$string]'),
    form('$strings + $strings'),
    form("$string.split('a')"),
    macro('map', 'ints', 'int', 'string'),
    macro('filter', 'strings', 'string', 'bool'),
    macro('filter', 'map', 'string', 'bool'),
    choose('strings'),
  ],
  mixed: [form('[$int, $string]'), form('[$double, $int, $strings]'), form('$mixed + [null, $int]'), choose('mixed')],
  map: [form("{'a': $int, 'b': $int}"), form("{$string: $int, 'c': $int}"), choose('map')],
};
