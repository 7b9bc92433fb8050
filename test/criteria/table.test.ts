import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition, Value } from '../../src/criteria/ast.ts';
import { cellTypeOf, columnPaths, fieldAt } from '../../src/criteria/columns.ts';
import { allOf, anyOf, partsOf } from '../../src/criteria/groups.ts';
import { printCriteria } from '../../src/criteria/print.ts';
import { readCriteria } from '../../src/criteria/read.ts';
import { type CellType, cellOf, readCell, type TableColumn } from '../../src/criteria/table.ts';
import { readRow, rowOf, tableCondition, tableOf } from '../../src/criteria/table-rows.ts';
import { readBundle } from '../../src/profiles/bundle.ts';
import { parse } from '../../src/profiles/cel/parse.ts';
import { ProfileChecker } from '../../src/profiles/checker.ts';
import { readProfile } from '../../src/profiles/profile-file.ts';
import { criteria } from './generated.ts';

function tree(text: string): Condition {
  const result = parse(text);
  if ('problem' in result) throw new Error(result.problem.message);
  return readCriteria(result.parsed);
}

const path = (text: string): Value => ({ kind: 'path', path: text.split('.') });
const column = (text: string, type: CellType): TableColumn => ({ value: path(text), type });
const HS = column('item.hsCode', 'text');
const ORIGIN = column('item.originCountry', 'text');
const MASS = column('item.netMassKg', 'number');
const NO = column('item.no', 'integer');
const DAY = column('declaration.lodgedAt', 'date');
const KNOWN = column('trader.known', 'boolean');

const bundle = await readBundle(resolve('rules'));
const dictionary = new ProfileChecker(bundle).dictionary('item');

describe('a cell', () => {
  it.each<[string, TableColumn, string]>([
    ['"CN"', ORIGIN, 'item.originCountry == "CN"'],
    ['"CN", "HK"', ORIGIN, 'item.originCountry in ["CN", "HK"]'],
    ['!= "US"', ORIGIN, 'item.originCountry != "US"'],
    ['not("US", "CA")', ORIGIN, '!(item.originCountry in ["US", "CA"])'],
    ['startsWith("61")', HS, 'item.hsCode.startsWith("61")'],
    ['startsWith("61"), startsWith("62")', HS, 'item.hsCode.startsWith("61") || item.hsCode.startsWith("62")'],
    ['list("dual_use")', HS, 'item.hsCode in list("dual_use")'],
    ['> 100', MASS, 'item.netMassKg > 100'],
    ['> 100.5', MASS, 'item.netMassKg > 100.5'],
    ['[1..5]', NO, 'item.no >= 1 && item.no <= 5'],
    ['(1..5)', NO, 'item.no > 1 && item.no < 5'],
    ['[1..5], 9', NO, '(item.no >= 1 && item.no <= 5) || item.no == 9'],
    ['>= 2026-01-31', DAY, 'declaration.lodgedAt >= timestamp("2026-01-31T00:00:00Z")'],
    ['true', KNOWN, 'trader.known'],
    ['false', KNOWN, '!trader.known'],
    ['null', column('item.brand', 'text'), '!has(item.brand)'],
    ['not(null)', column('item.brand', 'text'), 'has(item.brand)'],
  ])('%s is a condition, and is its text', (text, where, cel) => {
    expect(readCell(text, where)).toEqual({ condition: tree(cel) });
    expect(cellOf(tree(cel), where)).toBe(text);
  });

  it.each<[string, TableColumn, string]>([
    ['CN, HK', ORIGIN, 'item.originCountry in ["CN", "HK"]'],
    ['080810', HS, 'item.hsCode == "080810"'],
    ['startsWith("61","62")', HS, 'item.hsCode.startsWith("61") || item.hsCode.startsWith("62")'],
    ['= 5', NO, 'item.no == 5'],
    [']1..5[', NO, 'item.no > 1 && item.no < 5'],
  ])('may be written as %s too', (text, where, cel) => {
    expect(readCell(text, where)).toEqual({ condition: tree(cel) });
  });

  it.each(['', ' ', '-', ' – '])('of %o asks nothing', (text) => {
    expect(readCell(text, MASS)).toEqual({ condition: null });
  });

  it.each<[string, TableColumn, number, RegExp]>([
    ['"CN', ORIGIN, 0, /never closed/],
    ['"CN" "HK"', ORIGIN, 5, /commas/],
    ['> "x"', MASS, 2, /a number/],
    ['1.5', NO, 0, /whole number/],
    ['[1..', NO, 4, /not finished/],
    ['near("x")', HS, 0, /near is not known/],
    ['2026-02-31', DAY, 0, /a day/],
    ['maybe', KNOWN, 0, /true or false/],
    ['not(1', NO, 5, /\) is expected/],
  ])('%s has its fault named where it is', (text, where, at, message) => {
    expect(readCell(text, where)).toEqual({ problem: { at, message: expect.stringMatching(message) as string } });
  });

  it('never throws, and keeps its condition over its text', () => {
    const pieces = fc.constantFrom(
      ...[
        '"CN"',
        '5',
        '1.5',
        '2026-01-01',
        'true',
        'not(',
        ')',
        '[',
        ']',
        '(',
        '..',
        ',',
        '<',
        '>=',
        ' ',
        '"',
        '-',
        '\\',
      ],
      ...['null', 'list("a")', 'startsWith("6")', 'é', '1e9', '1e999', 'x y'],
    );
    const cell = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(cell, fc.constantFrom(HS, MASS, NO, DAY, KNOWN), (text, where) => {
        const reading = readCell(text, where);
        if (!('condition' in reading) || reading.condition === null) return;
        const canonical = cellOf(reading.condition, where);
        // A membership of one, a date with an offset and the like are the same condition under another text.
        if (canonical !== null) expect(readCell(canonical, where)).toEqual(reading);
      }),
      { numRuns: 5000 },
    );
    expect(readCell('not('.repeat(5000), NO)).toHaveProperty('problem');
    expect(readCell('not('.repeat(499), NO)).toHaveProperty('problem');
  });
});

const normal = (condition: Condition): string[] =>
  partsOf(condition, 'any').map((row) =>
    partsOf(row, 'all')
      .map((part) => JSON.stringify(part))
      .sort()
      .join('\n'),
  );

describe('a table', () => {
  it('reads its rows as all of their cells, and any of the rows', () => {
    const columns = [HS, ORIGIN, MASS];
    const rows = [
      { cells: ['startsWith("61")', '"CN"', ''], rest: null },
      { cells: ['-', '"HK"', '[1..5]'], rest: tree('item.no == 1') },
    ];
    const condition = tableCondition({ columns, rows });
    expect(printCriteria(condition)).toBe(
      '(item.hsCode.startsWith("61") && item.originCountry == "CN") || ' +
        '(item.originCountry == "HK" && item.netMassKg >= 1 && item.netMassKg <= 5 && item.no == 1)',
    );
  });

  it('has an empty condition for a row that asks nothing, which cannot be printed', () => {
    expect(readRow({ cells: ['', '-'], rest: null }, [HS, MASS])).toEqual({ condition: { kind: 'empty' } });
    expect(() => printCriteria(tableCondition({ columns: [HS], rows: [{ cells: [''], rest: null }] }))).toThrow();
  });

  it('names the column of each fault', () => {
    expect(readRow({ cells: ['"', '> x'], rest: null }, [HS, MASS])).toMatchObject({
      problems: [{ column: 0 }, { column: 1 }],
    });
  });

  it('shows any condition, and gives it back', () => {
    const typeOf = (value: Value): CellType | null => (value.kind === 'path' ? 'text' : null);
    fc.assert(
      fc.property(criteria, (condition) => {
        const again = tableCondition(tableOf(condition, typeOf));
        expect(normal(again)).toEqual(normal(condition));
      }),
      { numRuns: 3000 },
    );
  });

  it('shows every condition of the shipped policy', () => {
    for (const [file, text] of Object.entries(bundle.files)) {
      const source = file.startsWith('profiles/') ? readProfile(file, text, []) : null;
      if (source === null) continue;
      const condition = tree(source.when.text);
      const table = tableOf(condition, (value) => cellTypeOf(dictionary, value));
      expect(normal(tableCondition(table)), file).toEqual(normal(condition));
    }
  });

  it('puts what has no column into the rest of its row', () => {
    const row = rowOf(tree('item.netMassKg > 5 && item.no == 2 && item.netMassKg < item.grossMassKg'), [MASS]);
    expect(row).toEqual({ cells: ['> 5'], rest: tree('item.no == 2 && item.netMassKg < item.grossMassKg') });
  });
});

describe('columns', () => {
  it('have the types of the dictionary', () => {
    expect(cellTypeOf(dictionary, path('item.customsValue'))).toBe('number');
    expect(cellTypeOf(dictionary, path('trader.firstSeenAt'))).toBe('date');
    expect(cellTypeOf(dictionary, path('item.nothing'))).toBeNull();
    expect(cellTypeOf(dictionary, path('declaration.items'))).toBeNull();
    expect(
      cellTypeOf(dictionary, { kind: 'call', name: 'stats.valuePerKg', args: [path('item')], fields: ['p50'] }),
    ).toBe('number');
    expect(fieldAt(dictionary, ['parties', 'importer', 'country'])?.type).toBe('string');
    expect(columnPaths(dictionary).map((each) => each.join('.'))).toContain('trader.d30.count');
  });
});

describe('a tree put together', () => {
  it('stays in canonical form', () => {
    const [a, b, c] = ['item.no == 1', 'item.no == 2', 'item.no == 3'].map(tree) as [Condition, Condition, Condition];
    expect(allOf([a, allOf([b, c])])).toEqual(tree('item.no == 1 && item.no == 2 && item.no == 3'));
    expect(anyOf([a])).toBe(a);
    expect(allOf([])).toEqual({ kind: 'empty' });
  });
});
