import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../src/policies/migrate.ts';
import type { Migration } from '../../src/policies/migration.ts';
import { readBundle } from '../../src/profiles/bundle.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { formOf } from '../../src/profiles/profile-form.ts';
import { runVectors } from '../../src/profiles/vectors.ts';
import { type WorkbookCell, workbook } from '../helpers/workbook.ts';

const base = await readBundle(resolve('rules'));
const HEAD = ['id', 'title', 'target', 'corridor', 'measures', 'instructions', 'weight', 'percentage'];
const ROW = ['T-1', 'A rule', 'undervaluation', 'yellow', 'documentary_check', 'Look at the papers.', 0.4, 100];

const table = (...rows: WorkbookCell[][]) => migrate({ kind: 'table-xlsx', bytes: workbook(rows) }, base);
const csv = (text: string) => migrate({ kind: 'table-csv', bytes: Buffer.from(text) }, base);
const forms = ({ files }: Migration) => Object.values(files).map(formOf);
const remarks = ({ report }: Migration) =>
  report.remarks.map(({ kind, line, column, message }) => `${kind} ${line}:${column} ${message}`);

describe('a decision table', () => {
  it('becomes a profile a row, each with a declaration that hits and one that does not', () => {
    const migration = table(
      [
        ...HEAD,
        'hsCode',
        'originCountry',
        'item.netMassKg',
        'procedure',
        'trader.category',
        'regimes',
        'documentation.ru',
      ],
      [...ROW, 'startsWith("61")', '"CN", "HK"', '[100..500]', '40', 'not("low")', 'import', 'Одежда'],
      ['T-2', ...ROW.slice(1), '', 'not("US")', '> 2.5', '-', '', '', ''],
    );
    expect(remarks(migration)).toEqual([]);
    expect(migration.report.read).toEqual([
      { id: 'T-1', title: 'A rule', line: 2, tests: 2 },
      { id: 'T-2', title: 'A rule', line: 3, tests: 2 },
    ]);
    const [first, second] = forms(migration);
    expect(first?.when).toBe(
      'item.hsCode.startsWith("61") && item.originCountry in ["CN", "HK"] && item.netMassKg >= 100' +
        ' && item.netMassKg <= 500 && declaration.procedure == "40" && !(trader.category == "low")',
    );
    expect(first).toMatchObject({ scope: { regimes: ['import'] }, documentation: { ru: 'Одежда' }, weight: 0.4 });
    expect(second?.when).toBe('!(item.originCountry == "US") && item.netMassKg > 2.5');
    const bundle = { files: { ...base.files, ...migration.files } };
    expect(runVectors(bundle, buildPolicy(bundle))).toEqual([]);
  });

  it('is read from a text file as well, with CEL beside its tests', () => {
    const migration = csv(
      `${HEAD.join(';')};originCountry;when\n` +
        'T-1;"A ""good"" rule";undervaluation;red;"documentary_check, value_verification";Papers. | Value.;0,4;50%;CN, HK;item.netMassKg < item.grossMassKg\n',
    );
    expect(remarks(migration)).toEqual([]);
    const [form] = forms(migration);
    expect(form).toMatchObject({
      ...{ title: 'A "good" rule', weight: 0.4, percentage: 50 },
      when: 'item.originCountry in ["CN", "HK"] && item.netMassKg < item.grossMassKg',
      measures: [
        { code: 'documentary_check', instructions: 'Papers.' },
        { code: 'value_verification', instructions: 'Value.' },
      ],
    });
  });

  it('reads days that a spreadsheet keeps as numbers', () => {
    const migration = table([...HEAD, 'lodgedAt', 'validUntil'], [...ROW, 46053, 46388]);
    expect(forms(migration)[0]).toMatchObject({
      level: 'declaration',
      when: 'declaration.lodgedAt == timestamp("2026-01-31T00:00:00Z")',
      scope: { validUntil: '2027-01-01' },
    });
  });

  it.each<[string, WorkbookCell[][], RegExp]>([
    ['no header', [['a'], ['b']], /refused 1:0 the table needs the columns id, title/],
    [
      'an unknown field',
      [
        [...HEAD, 'item.hsCod'],
        [...ROW, '1'],
      ],
      /refused 1:9 column I: item.hsCod is no field .*did you mean item.hsCode/,
    ],
    [
      'a value in a column that is not read',
      [
        [...HEAD, 'colour', 'hsCode'],
        [...ROW, 'red', '61'],
      ],
      /refused 2:0 the row has a value/,
    ],
    [
      'a column without a name',
      [
        [...HEAD, null, 'hsCode'],
        [...ROW, 'x', '61'],
      ],
      /refused 1:9 column I: it has no name/,
    ],
    [
      'a formula',
      [
        [...HEAD, 'hsCode'],
        [...ROW, { formula: 'A1', value: '61' }],
      ],
      /refused 2:9 cell I2: a formula; write the value itself, 61/,
    ],
    [
      'a test that cannot be read',
      [
        [...HEAD, 'netMassKg'],
        [...ROW, '> heavy'],
      ],
      /refused 2:9 cell I2, item.netMassKg, character 3: a number/,
    ],
    [
      'no condition',
      [
        [...HEAD, 'netMassKg'],
        [...ROW, '-'],
      ],
      /refused 2:0 no condition is left/,
    ],
    [
      'an unknown target',
      [
        [...HEAD, 'no'],
        ['T-1', 'x', 'unknown', ...ROW.slice(3), 1],
      ],
      /refused 2:0 target: target must be one of/,
    ],
    [
      'a green lane',
      [
        [...HEAD, 'no'],
        ['T-1', 'x', 'undervaluation', 'green', ...ROW.slice(4), 1],
      ],
      /refused 2:0 corridor: /,
    ],
    [
      'a missing setting',
      [
        [...HEAD, 'no'],
        ['T-1', null, ...ROW.slice(2), 1],
      ],
      /refused 2:0 title is missing/,
    ],
    [
      'an id of the policy',
      [
        [...HEAD, 'no'],
        ['UV-001', ...ROW.slice(1), 1],
      ],
      /refused 2:0 there is a profile UV-001 already/,
    ],
    [
      'an id that is none',
      [
        [...HEAD, 'no'],
        ['../x', ...ROW.slice(1), 1],
      ],
      /refused 2:0 id: /,
    ],
    [
      'a list that is not there',
      [
        [...HEAD, 'hsCode'],
        [...ROW, 'list("none")'],
      ],
      /refused 2:0 when: no list is called none/,
    ],
    [
      'CEL that is none',
      [
        [...HEAD, 'when'],
        [...ROW, 'item.'],
      ],
      /refused 2:9 when: syntax/,
    ],
    [
      'a number that is none',
      [
        [...HEAD, 'no'],
        [...ROW.slice(0, 6), 'much', 100, 1],
      ],
      /refused 2:7 weight must be a number/,
    ],
  ])('with %s is refused there, and says so', (_, rows, expected) => {
    const migration = table(...rows);
    expect(migration.files).toEqual({});
    expect(remarks(migration).join('\n')).toMatch(expected);
  });

  it('says which sheets it did not read, and where zeros may be lost', () => {
    const rows: WorkbookCell[][] = [
      [...HEAD, 'hsCode'],
      [...ROW, 80810],
    ];
    const migration = migrate({ kind: 'table-xlsx', bytes: workbook(rows, ['Old']) }, base);
    expect(remarks(migration)).toContain('refused 1:0 sheet Old is not read: the first, Rules, is');
    expect(remarks(migration).join('\n')).toMatch(/noted 2:9 cell I2, item.hsCode: the cell is a number: zeros/);
  });

  it('makes its declarations for sums and quotients, and for lists', () => {
    const when = [
      'item.netMassKg > item.grossMassKg * 3.0',
      'item.customsValue / item.netMassKg < 0.5',
      'item.hsCode in list("dual_use")',
    ];
    const migration = table([...HEAD, 'when'], ...when.map((each, index) => [`T-${index}`, ...ROW.slice(1), each]));
    expect(remarks(migration)).toEqual([]);
    expect(migration.report.read.map(({ tests }) => tests)).toEqual([2, 2, 2]);
  });

  it('refuses what it cannot try, and keeps its condition in the report', () => {
    const migration = table([...HEAD, 'when'], [...ROW, 'stats.valuePerKg(item).n > 30']);
    expect(migration.files).toEqual({});
    expect(remarks(migration)).toEqual([
      'refused 2:0 T-1: no declarations to try it with could be made; write it in the editor with tests: stats.valuePerKg(item).n > 30',
    ]);
  });

  it('never fails on any cells: every row is a profile or is named', () => {
    const cell = fc.oneof(
      fc.constantFrom<WorkbookCell[]>(
        ...['-', '"CN"', '> 5', '[1..2]', 'list("high_duty")', '"', 'T', 'red', 'null', ''],
      ),
      fc.string({ unit: 'grapheme', maxLength: 10 }).map((text) => text.replace(/\p{C}/gu, '')),
      fc.integer(),
      fc.constant(null),
    ) as fc.Arbitrary<WorkbookCell>;
    const rows = fc.array(fc.array(cell, { minLength: 10, maxLength: 10 }), { maxLength: 4 });
    fc.assert(
      fc.property(rows, (body) => {
        const { report } = table([...HEAD, 'hsCode', 'netMassKg'], ...body);
        const lines = new Set([...report.read, ...report.remarks].map(({ line }) => line));
        body.forEach((row, index) => {
          const isEmpty = row.every((each) => each === null || (typeof each === 'string' && each.trim() === ''));
          if (!isEmpty) expect(lines).toContain(index + 2);
        });
      }),
      { numRuns: 100 },
    );
  });
});
