import type { Random } from './random.ts';

/** Well-typed expressions of profile mode over `world.ts`: absence, widening, money and errors all over. */

export type ProfileKind = 'bool' | 'int' | 'double' | 'money' | 'string' | 'timestamp' | 'duration' | 'strings';

const KINDS: readonly ProfileKind[] = ['int', 'double', 'money', 'string', 'timestamp', 'duration'];
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];

/** Leaves; `@` stands for an item in scope. */
const LEAVES: Readonly<Record<ProfileKind, readonly string[]>> = {
  bool: [
    'true',
    'false',
    '@.checked',
    'has(@.brand)',
    'has(declaration.transit)',
    'has(declaration.transit.guarantee)',
  ],
  int: ['0', '1', '-3', '@.no', 'declaration.items.size()', 'size(declaration.transit.seals)'],
  double: ['0.0', '1.5', '-2.5', '@.netMassKg', '@.suppQuantity', 'stats.median(@)', 'orElse(@.suppQuantity)'],
  money: ['@.customsValue', 'declaration.total', 'arrears', 'declaration.transit.guarantee.amount'],
  string: ["''", "'NIKE'", '@.hsCode', '@.brand', 'declaration.transit.seals[0]', '@.customsValue.currency'],
  timestamp: ['now', 'declaration.lodgedAt', 'declaration.transit.timeLimit', "timestamp('2026-01-01T00:00:00Z')"],
  duration: ["duration('2h')", "duration('-90s')", 'now - declaration.lodgedAt', 'declaration.transit.timeLimit - now'],
  strings: ["['64', 'NIKE']", 'declaration.transit.seals', '[@.brand]'],
};

/** `$kind` stands for a sub-expression, `$cmp` for a comparison, `#i(range, body)` for a macro over items. */
const FORMS: Readonly<Record<ProfileKind, readonly string[]>> = {
  bool: [
    '$bool && $bool',
    '$bool || $bool',
    '$bool && $bool && $bool',
    '$bool || $bool || $bool',
    '!$bool',
    '$bool ? $bool : $bool',
    '$bool == $bool',
    '$double $cmp 2',
    '3 $cmp $double',
    '$money $cmp 1',
    '0.29 $cmp $money',
    '$money $cmp $double',
    '$int $cmp $money',
    '$double in [1, 2.5, 10]',
    '$int in [1, 2, 3, 4, 5]',
    '$money in [0, 0.29, 1]',
    "$string in ['NIKE', 'KZ1', '', '6403190000']",
    '$string in $strings',
    '$string.startsWith($string)',
    '$string.contains($string)',
    "$string.matches('^(64|85)')",
    'isNamed($string)',
    '$strings.exists(s, s == $string)',
    '$strings.all(s, s.startsWith($string))',
    'declaration.items.exists(i, #bool)',
    'declaration.items.all(i, #bool)',
    'declaration.items.exists_one(i, #bool)',
  ],
  int: [
    '$int + $int',
    '$int - $int',
    '$int * $int',
    '$int / $int',
    '$int % $int',
    '-$int',
    'size($string)',
    '$bool ? $int : $int',
  ],
  double: [
    '$double + $double',
    '$double - 1',
    '2 * $double',
    '$double / $double',
    '$double / 3',
    '-$double',
    '$money * $double',
    '$double * $money',
    '$money * 2',
    '$money / $double',
    '$money / $int',
    '$money / $money',
    'double($money)',
    'double($int)',
    '$bool ? $double : 1',
    'orElse($double)',
    'declaration.items.map(i, #double)[0]',
  ],
  money: [
    '$money + $money',
    '$money - $money',
    '$money + 10',
    '0.29 + $money',
    '$money - 0.5',
    '-$money',
    '$bool ? $money : 100',
    '$bool ? $money : $money',
  ],
  string: [
    '$string + $string',
    '$bool ? $string : $string',
    '$strings[$int]',
    '$string.substring(0, 2)',
    '$string.lowerAscii()',
  ],
  timestamp: ['$timestamp + $duration', '$timestamp - $duration', '$bool ? $timestamp : $timestamp'],
  duration: ['$duration + $duration', '$duration - $duration', '$timestamp - $timestamp'],
  strings: [
    '$strings + $strings',
    '[$string, $string]',
    'declaration.items.map(i, i.brand)',
    'declaration.items.filter(i, #bool).map(i, i.hsCode)',
    '$strings.filter(s, isNamed(s))',
  ],
};

export function profileExpression(random: Random, kind: ProfileKind, depth: number, item = 'item'): string {
  if (depth <= 0 || random.chance(0.12)) return random.pick(LEAVES[kind]).replaceAll('@', item);
  if (kind === 'bool' && random.chance(0.25)) {
    const operands = random.pick(KINDS);
    const [left, right] = [1, 2].map(() => profileExpression(random, operands, depth - 1, item));
    return `(${left}) ${random.pick(COMPARISONS)} (${right})`;
  }
  return random.pick(FORMS[kind]).replace(/([$#])(\w+)/g, (_, sign: string, name: string) => {
    if (name === 'cmp') return random.pick(COMPARISONS);
    return `(${profileExpression(random, name as ProfileKind, depth - 1, sign === '#' ? 'i' : item)})`;
  });
}
