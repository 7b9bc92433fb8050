import { describe, expect, test } from 'vitest';
import { EXPRESSION_LENGTH_MAX } from '../../../src/limits.ts';
import type { Problem } from '../../../src/profiles/cel/api.ts';
import { check } from '../../../src/profiles/cel/check.ts';
import { BOOL } from '../../../src/profiles/cel/types.ts';
import { ENVIRONMENT } from './world.ts';

function problems(text: string): readonly Problem[] {
  return check(text, ENVIRONMENT, { mode: 'profile', expected: BOOL }).problems;
}

/** `line:column message` of each problem. */
function said(text: string): string[] {
  return problems(text).map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('problems name line, column and what was expected', () => {
  test.each([
    ['item.hscode == "64"', "1:6 item has no field 'hscode'; did you mean 'hsCode'?"],
    ['items.size() > 1', "1:1 unknown name 'items'; did you mean 'item'?"],
    ['item.netMassKg', '1:1 expected bool, found double'],
    ['item.netMassKg > "2"', '1:18 expected double, found string'],
    ['item.no * 1.5 > 2.0', '1:1 no operator int * double; expected both double: use double(…)'],
    ['item.customsValue * item.customsValue > 1', '1:1 no operator money * money; expected a number beside money'],
    ['item.customsValue + item.netMassKg > 1', '1:1 no operator money + double; expected money beside money'],
    ['item.customsValue + 0.001 > 2', '1:21 expected an amount with at most two decimals'],
    ['item.hsCode.startWith("64")', "1:13 unknown function 'startWith'; did you mean 'startsWith'?"],
    ['item.hsCode.startsWith(64)', '1:1 expected startsWith(string, string), found startsWith(string, int)'],
    ['stats.median(item.no) > 1', '1:1 expected stats.median(item), found stats.median(int)'],
    ['item.brand == null', '1:15 null is no value here; has(…) tests whether a field is present'],
    ['item.hsCode.matches("(a")', "1:21 '(a' is not a pattern of RE2: error parsing regexp: missing closing ): `(a`"],
    ['item.hsCode.matches(item.brand)', '1:21 expected a literal pattern'],
    ['now > timestamp("yesterday")', "1:17 'yesterday' is not a timestamp such as 2026-01-31T10:00:00Z"],
    [
      'now > timestamp("2026-02-31T00:00:00Z")',
      "1:17 '2026-02-31T00:00:00Z' is not a timestamp such as 2026-01-31T10:00:00Z",
    ],
    ['now - declaration.lodgedAt > duration("3d")', "1:39 '3d' is not a duration such as 36h, 1h30m or -1.5s"],
    ['item.no in [1, "a"]', '1:16 elements of a list must have one type: expected int, found string'],
    ['item.no == 9007199254740993', '1:12 expected an int within ±(2^53 - 1)'],
    ['item.no == 1u', '1:12 uint is not part of the language; leave out the u'],
    ['dyn(1) == 1', '1:1 dyn(…) is not part of the language'],
    ['item.brand', '1:1 expected bool, found string'],
    ['item.no.exists(x, x > 1)', '1:1 expected a list or a map, found int'],
    [
      'has(item.colour)',
      "1:10 item has no field 'colour'; it has no, hsCode, brand, netMassKg, suppQuantity, customsValue, checked",
    ],
  ])('%s', (text, message) => {
    expect(said(text)).toEqual([message]);
  });

  test('lines count from one, through line breaks and comments', () => {
    expect(said('// heavy goods\nitem.netMassKg > 2.0 &&\n  item.hsCode == 64')).toEqual([
      '3:18 expected string, found int',
    ]);
  });

  test('all problems come at once, in the order of the text', () => {
    expect(said('item.hscode == "1" && item.no == "2" || foo')).toEqual([
      "1:6 item has no field 'hscode'; did you mean 'hsCode'?",
      '1:34 expected int, found string',
      expect.stringMatching(/^1:41 unknown name 'foo'/),
    ]);
  });

  test('a syntax error says where', () => {
    expect(said('item.no > 1 &&\n (item.no < 3')).toEqual(["2:2 syntax: this '(' is never closed"]);
    expect(said('item.no > 1 item')[0]).toMatch(/^1:13 syntax: /);
    expect(said('')[0]).toMatch(/^1:1 syntax: /);
  });
});

describe('the bounds of an expression', () => {
  test('length', () => {
    const text = `item.no == 1${' '.repeat(EXPRESSION_LENGTH_MAX)}`;
    expect(said(text)).toEqual([`1:1 expected at most 64000 characters, found ${text.length}`]);
  });

  test('nesting, of operators and of brackets', () => {
    expect(said(`${'!(true && '.repeat(40)}true${')'.repeat(40)}`)[0]).toMatch(/expected at most 32 levels of nesting/);
    expect(said(`${'(1 + '.repeat(40)}item.no${')'.repeat(40)} == 1`)[0]).toMatch(
      /expected at most 32 levels of nesting/,
    );
    expect(said(`${'('.repeat(1900)}true${')'.repeat(1900)}`).length).toBeLessThanOrEqual(1);
  });

  test('long conjunctions are not nesting', () => {
    expect(said(Array.from({ length: 150 }, (_, index) => `item.no != ${index}`).join(' && '))).toEqual([]);
  });

  test('static cost: comprehensions in one another multiply', () => {
    const twice = 'declaration.items.all(a, declaration.items.exists(b, a.no == b.no))';
    expect(said(twice)).toEqual([]);
    const thrice = 'declaration.items.all(a, declaration.items.all(b, declaration.items.all(c, a.no + b.no > c.no)))';
    expect(said(thrice)[0]).toMatch(/expected a cost of at most 100000 steps, estimated \d+/);
  });
});
