import { describe, expect, test } from 'vitest';
import { COMPREHENSION_STEPS_MAX } from '../../../src/limits.ts';
import { check } from '../../../src/profiles/cel/check.ts';
import { compileExpression, createScope, evaluator, explain } from '../../../src/profiles/cel/compile.ts';
import { ExpressionError, StepLimitError } from '../../../src/profiles/cel/errors.ts';
import { createRuntime } from '../../../src/profiles/cel/runtime.ts';
import { Random } from './random.ts';
import { argumentsOf, ENVIRONMENT, FUNCTIONS, type Item, money, PARAMETERS, type World, world } from './world.ts';

const ITEM: Item = {
  no: 1,
  hsCode: '6403190000',
  brand: null,
  netMassKg: 10,
  suppQuantity: null,
  customsValue: money(12_345),
  checked: null,
};
const WORLD: World = {
  item: ITEM,
  declaration: { lodgedAt: 1_767_225_600_000, total: money(50_000), items: [ITEM], transit: null },
  now: 1_767_225_600_000 + 3_600_000,
  arrears: 0,
};

function checked(text: string) {
  const result = check(text, ENVIRONMENT, { mode: 'profile' });
  expect(result.problems).toEqual([]);
  return result;
}

function value(text: string, item: Partial<Item> = {}): unknown {
  return evaluator(checked(text), PARAMETERS)(...argumentsOf({ ...WORLD, item: { ...ITEM, ...item } }));
}

function strict(text: string): unknown {
  return evaluator(check(text, { variables: new Map(), functions: [] }, { mode: 'strict' }), [])();
}

describe('first deviation: integer literals widen where the other side is a double', () => {
  test.each([
    ['item.netMassKg * 2 == 20', true],
    ['2 * item.netMassKg > 19', true],
    ['item.netMassKg in [1, 10, 100]', true],
    ['item.netMassKg == 10', true],
    ['-3 < item.netMassKg', true],
    ['(item.no == 1 ? 2 : item.netMassKg) == 2', true],
    ['orElse(7) == 7', true],
  ])('%s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  test('other ints do not, and strict mode widens nothing', () => {
    expect(check('item.netMassKg * item.no > 1', ENVIRONMENT, { mode: 'profile' }).problems).toHaveLength(1);
    expect(check('1.5 * 2 > 1.0', ENVIRONMENT, { mode: 'strict' }).problems).toHaveLength(1);
  });
});

describe('second deviation: what is not a finite number is an error', () => {
  test.each([
    'item.netMassKg / 0 > 1',
    '0.0 / (item.netMassKg - 10) > 1',
    'item.netMassKg * 1e308 > 1',
    'item.no / 0 == 1',
  ])('%s', (text) => {
    expect(() => value(text)).toThrow(ExpressionError);
  });

  test('division by zero is named', () => {
    expect(() => value('item.customsValue / item.netMassKg < 3', { netMassKg: 0 })).toThrow('division by zero');
  });

  test('strict mode keeps infinity', () => {
    expect(strict('1.0 / 0.0 > 1e308')).toBe(true);
  });
});

describe('third deviation: money', () => {
  test.each([
    ['item.customsValue == 123.45', true],
    ['item.customsValue < 123.46 && 123.44 < item.customsValue', true],
    ['item.customsValue + 0.29 == 123.74', true],
    ['item.customsValue - item.customsValue == 0', true],
    ['item.customsValue > 123.445', true],
    ['item.customsValue in [1, 123.45]', true],
    ['-item.customsValue < 0', true],
    ['item.customsValue < item.netMassKg * 12.4', true],
    ["item.customsValue.currency == 'KZT'", true],
  ])('%s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  test('times and divided by a number it is a double in KZT; divided by money a ratio', () => {
    expect(value('item.customsValue * 2')).toBeCloseTo(246.9, 10);
    expect(value('item.customsValue / item.netMassKg')).toBeCloseTo(12.345, 10);
    expect(value('item.customsValue / declaration.total')).toBe(0.2469);
  });

  test('sums are exact', () => {
    expect(value('item.customsValue + 0.1 + 0.2 == 100.35', { customsValue: money(10_005) })).toBe(true);
    expect(value('item.customsValue + 0.01', { customsValue: money(Number.MAX_SAFE_INTEGER - 1) })).toBe(
      Number.MAX_SAFE_INTEGER,
    );
    expect(() => value('item.customsValue + 0.02', { customsValue: money(Number.MAX_SAFE_INTEGER - 1) })).toThrow(
      'money',
    );
  });
});

describe('fourth deviation: cost is bounded', () => {
  const items = Array.from({ length: 400 }, (_, index) => ({ ...ITEM, no: index }));
  const given = argumentsOf({ ...WORLD, declaration: { ...WORLD.declaration, items } });
  const dear = 'declaration.items.all(a, declaration.items.exists(b, a.no == b.no))';

  test('comprehensions that take too many steps are stopped', () => {
    const evaluate = evaluator(checked(dear), PARAMETERS);
    expect(() => evaluate(...given)).toThrow(StepLimitError);
    expect(() => evaluate(...given)).toThrow(`more than ${COMPREHENSION_STEPS_MAX} steps`);
  });

  test('steps are counted anew for each evaluation', () => {
    const evaluate = evaluator(checked('declaration.items.all(a, a.no >= 0)'), PARAMETERS);
    for (let count = 0; count < 100; count++) expect(evaluate(...given)).toBe(true);
  });

  test('nothing absorbs that', () => {
    expect(() => evaluator(checked(`${dear} || 1 / item.no == 1 || true`), PARAMETERS)(...given)).toThrow(
      StepLimitError,
    );
  });

  test('a pattern that makes a backtracking matcher run for ages is matched in linear time', () => {
    const evaluate = evaluator(checked("item.hsCode.matches('^(a+)+$')"), PARAMETERS);
    const text = `${'a'.repeat(2000)}!`;
    expect(evaluate(...argumentsOf({ ...WORLD, item: { ...ITEM, hsCode: text } }))).toBe(false);
  });
});

describe('fifth deviation: an absent field is absence', () => {
  test.each([
    ['has(item.brand)', false],
    ['!has(item.brand)', true],
    ["item.brand == 'NIKE'", false],
    ["item.brand != 'NIKE'", false],
    ["!(item.brand == 'NIKE')", true],
    ['item.brand == item.brand', false],
    ['item.suppQuantity < 5', false],
    ['item.suppQuantity >= 0', false],
    ['item.suppQuantity * 2 + 1 != 3', false],
    ['item.suppQuantity / 0 > 1', false],
    ["item.brand in ['NIKE', 'PUMA']", false],
    ["item.brand.startsWith('N')", false],
    ['isNamed(item.brand)', false],
    ['item.checked', false],
    ['item.checked || item.no == 1', true],
    ['!item.checked', true],
    ['item.checked == false', false],
    ['has(declaration.transit.guarantee)', false],
    ['declaration.transit.guarantee.amount < 100', false],
    ['declaration.transit.timeLimit < now', false],
    ["declaration.transit.seals.exists(s, s == 'KZ1')", false],
    ["declaration.transit.seals.all(s, s == 'KZ1')", false],
    ['declaration.transit.seals.size() < 2', false],
    ['declaration.items.map(i, i.brand).size() == 0', true],
    ['orElse(item.suppQuantity) == -1', true],
    ['0.5 * stats.median(item) > item.netMassKg', false],
  ])('%s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  test('a field that is present is compared', () => {
    expect(value("item.brand == 'NIKE' && item.suppQuantity < 5", { brand: 'NIKE', suppQuantity: 3 })).toBe(true);
  });

  test('undefined is absence too', () => {
    const item = { ...ITEM, brand: undefined, suppQuantity: undefined } as unknown as Item;
    expect(value('has(item.brand) || item.suppQuantity != 3', item)).toBe(false);
  });
});

describe('errors in && and ||', () => {
  test.each([
    ["item.no / 0 == 1 || item.hsCode.startsWith('64')", true],
    ["item.hsCode.startsWith('64') || item.no / 0 == 1", true],
    ['item.no / 0 == 1 && item.no == 2', false],
    ['item.no == 2 && item.no / 0 == 1', false],
    ['[1, 0, 2].exists(x, 2 / x == 1)', true],
    ['[0, 1].all(x, 2 / x == 1)', false],
    ['!(item.no / 0 == 1 && item.no / 0 == 2 && false)', true],
  ])('%s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  test('an error that nothing outweighs stays one', () => {
    expect(() => value('item.no / 0 == 1 || item.no == 2')).toThrow('division by zero');
    expect(() => value('item.no == 1 && item.no % 0 == 1')).toThrow('modulus by zero');
    expect(() => value('[0, 3].exists(x, 2 / x == 1)')).toThrow('division by zero');
  });
});

describe('what is emitted', () => {
  function emitted(text: string) {
    return compileExpression(checked(text), createScope());
  }

  test('the common case is plain JavaScript', () => {
    expect(emitted("item.hsCode.startsWith('64') && item.netMassKg > 2").fast).toBe(
      '(item.hsCode.startsWith("64") && (item.netMassKg > 2))',
    );
    expect(emitted('item.customsValue < 1000').fast).toBe('(item.customsValue.tiyn < 100000)');
    expect(emitted("item.brand == 'NIKE'").fast).toBe('(item.brand === "NIKE")');
  });

  test('a careful form only where an error could be absorbed', () => {
    expect(emitted('item.no == 1 && item.no / 2 == 1').careful).toBeNull();
    expect(emitted('item.no / 2 == 1 && item.no == 1').careful).not.toBeNull();
    expect(emitted('item.no / 2 == 1').fails).toBe(true);
    expect(emitted('item.no == 1').fails).toBe(false);
  });

  test('texts of an expression are data, never code', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is to look like code
    const text = '"`${1}\\"+$.fail(1)//\\u2028"';
    expect(value(`${text} == item.hsCode`)).toBe(false);
    expect(value(`[${text}, 'b'].exists(constructor, constructor == 'b')`)).toBe(true);
    expect(() => value("{'__proto__': 1}.constructor == 1")).toThrow('no such key');
  });
});

describe('explain', () => {
  function values(text: string, given: World = WORLD): Record<string, unknown> {
    const scope = createScope();
    const operands = explain(checked(text), scope);
    const names = scope.temporaries.length === 0 ? '' : `let ${scope.temporaries.join(', ')};`;
    const entries = operands.map(({ source, js }) => {
      const read = new Function('$', '_k', ...PARAMETERS, `${names} return ${js};`);
      return [source, read(createRuntime(), scope.constants, ...argumentsOf(given))];
    });
    return Object.fromEntries(entries);
  }

  test('gives the operands of the comparisons by their source text', () => {
    expect(values('item.customsValue / item.netMassKg < 0.5 * stats.median( item )\n && item.no in [1, 2]')).toEqual({
      'item.customsValue / item.netMassKg': 12.345,
      '0.5 * stats.median( item )': 1.25,
      'item.no': 1,
    });
  });

  test('money in KZT, times in ISO 8601, absence as null, parentheses as written', () => {
    expect(
      values('(item.customsValue + 1) > 2 || now >= declaration.lodgedAt && !(item.brand == "x" || item.checked)'),
    ).toEqual({
      'item.customsValue + 1': 124.45,
      now: '2026-01-01T01:00:00Z',
      'declaration.lodgedAt': '2026-01-01T00:00:00Z',
      'item.brand': null,
      'item.checked': false,
    });
    expect(Object.keys(values('((item.netMassKg + 1) * (2 + item.netMassKg)) / 3 > 1'))).toEqual([
      '((item.netMassKg + 1) * (2 + item.netMassKg)) / 3',
    ]);
  });

  test('tests of texts, of membership, of functions and comprehensions', () => {
    const text = "item.hsCode.startsWith('64') && isNamed(item.hsCode) && declaration.items.exists(i, i.no > 0)";
    expect(values(text)).toEqual({
      'item.hsCode': '6403190000',
      'isNamed(item.hsCode)': true,
      'declaration.items.exists(i, i.no > 0)': true,
    });
  });

  test('shows whatever a generated declaration holds', () => {
    const random = new Random(5);
    for (let count = 0; count < 50; count++) {
      const shown = values(
        'item.brand == item.hsCode || item.suppQuantity > 1 || declaration.transit.seals == ["a"]',
        world(random),
      );
      for (const each of Object.values(shown)) expect(['string', 'number', 'boolean', 'object']).toContain(typeof each);
    }
  });
});

test('functions of the environment see the declaration as it is', () => {
  expect(value('stats.median(item) == 2.5')).toBe(true);
  expect(FUNCTIONS.median(ITEM)).toBe(2.5);
});
