import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnName, readCsv, SheetError } from '../../src/integration/sheet.ts';
import { readXlsx } from '../../src/integration/xlsx.ts';
import { SHEET_BYTES_MAX, SHEET_COLUMNS_MAX, SHEET_PART_BYTES_MAX, SHEET_ROWS_MAX } from '../../src/limits.ts';
import { type WorkbookCell, workbook, zip } from '../helpers/workbook.ts';

const csv = (text: string) => readCsv(Buffer.from(text));

describe('a table of a text file', () => {
  it.each([[','], [';'], ['\t']])('finds its delimiter %o', (delimiter) => {
    const { rows } = csv(`id${delimiter}title\nA${delimiter}one\n`);
    expect(rows.map(({ cells }) => cells.map(({ text }) => text))).toEqual([
      ['id', 'title'],
      ['A', 'one'],
    ]);
  });

  it('counts lines as an editor does, also over quoted line breaks', () => {
    expect(csv('a,b\n\n1,"x\ny"\n2,z\n').rows.map(({ line }) => line)).toEqual([1, 4, 5]);
  });

  it('refuses what is not UTF-8, too large, too wide, too long, or has an open quote', () => {
    expect(() => readCsv(Buffer.from([0xff, 0xfe, 0x41]))).toThrow(SheetError);
    expect(() => readCsv(Buffer.alloc(SHEET_BYTES_MAX + 1, 'a'))).toThrow(SheetError);
    expect(() => csv(','.repeat(SHEET_COLUMNS_MAX + 1))).toThrow(SheetError);
    expect(() => csv('a\n'.repeat(SHEET_ROWS_MAX + 1))).toThrow(SheetError);
    expect(() => csv('a,"b\n')).toThrow(SheetError);
  });
});

describe('a workbook', () => {
  it('gives texts, numbers and flags, and tells formulas apart', () => {
    const sheet = readXlsx(
      workbook(
        [
          ['id', null, '> 5 & "x"'],
          [1.5, true, { formula: 'A2*2', value: '3' }],
        ],
        ['Notes'],
      ),
    );
    expect(sheet.name).toBe('Rules');
    expect(sheet.others).toEqual(['Notes']);
    expect(sheet.rows).toEqual([
      {
        line: 1,
        cells: [
          { text: 'id', kind: 'text' },
          { text: '', kind: 'text' },
          { text: '> 5 & "x"', kind: 'text' },
        ],
      },
      {
        line: 2,
        cells: [
          { text: '1.5', kind: 'number' },
          { text: 'true', kind: 'boolean' },
          { text: '3', kind: 'formula' },
        ],
      },
    ]);
  });

  it('gives back whatever texts are put in', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((each) => each.replace(/[^\P{C}]/gu, '').trim());
    const cells = fc.array(fc.array(text, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(cells, (rows) => {
        const read = readXlsx(workbook(rows)).rows;
        const expected = rows.filter((row) => row.some((each) => each !== ''));
        expect(read.map((row) => row.cells.map((each) => each.text))).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('never inflates more than its bound, whatever the archive says of itself', () => {
    const bomb = Buffer.alloc(SHEET_PART_BYTES_MAX + 1, ' ');
    const parts = { 'xl/workbook.xml': bomb };
    const honest = zip(parts);
    const lying = Buffer.from(honest);
    lying.writeUInt32LE(10, lying.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 24);
    for (const bytes of [honest, lying]) {
      expect(bytes.length).toBeLessThan(100_000);
      expect(() => readXlsx(bytes)).toThrow(/more than/);
    }
  });

  it('expands no entities of a document type', () => {
    const type = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>';
    const bytes = zip({ 'xl/workbook.xml': `${type}<workbook><sheets><sheet name="&b;"/></sheets></workbook>` });
    expect(() => readXlsx(bytes)).toThrow(SheetError);
  });

  it.each<[string, WorkbookCell[][]]>([
    ['too many rows', Array.from({ length: SHEET_ROWS_MAX + 1 }, () => [1])],
    ['too many columns', [Array.from({ length: SHEET_COLUMNS_MAX + 1 }, () => 1)]],
  ])('refuses %s', (_, rows) => {
    expect(() => readXlsx(workbook(rows))).toThrow(SheetError);
  });

  it('fails only as a sheet that cannot be read, on any damage', () => {
    const whole = workbook([
      ['id', 'title'],
      [1, 'x'],
    ]);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), fc.nat(whole.length), (changes, length) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          readXlsx(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SheetError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a column', () => {
  it.each([
    [0, 'A'],
    [25, 'Z'],
    [26, 'AA'],
    [701, 'ZZ'],
  ])('%i is called %s', (index, name) => {
    expect(columnName(index)).toBe(name);
  });
});
