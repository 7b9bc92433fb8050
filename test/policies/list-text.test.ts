import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ListText, summaryOf } from '../../src/policies/list-text.ts';
import { readList } from '../../src/profiles/list-file.ts';
import type { PolicyProblem } from '../../src/profiles/problems.ts';

const TARIFF = `# Import duty.
*hs:hs,rate:number
0201,15

# fish
0302,"5"
`;

const rowsOf = (text: string) => new ListText('t', text).rows();

describe('the text of a list', () => {
  it('keeps comments and rows as they were written when a row comes in', () => {
    expect(new ListText('t', TARIFF).with([{ hs: '0303', rate: '7' }])).toBe(`${TARIFF}0303,7\n`);
  });

  it('gets columns for validity and reason when a row has them', () => {
    const text = new ListText('t', TARIFF).with([
      { hs: '0303', rate: '7', validUntil: '2027-01-01', reason: 'a "new" law, 5' },
    ]);
    const problems: PolicyProblem[] = [];
    const list = readList('t', 'lists/t.csv', text, problems);
    expect(problems).toEqual([]);
    expect(list?.columns.map(({ name }) => name)).toEqual(['rate', 'reason']);
    expect(list?.rows.map(({ validUntil }) => validUntil)).toEqual([Infinity, Infinity, Date.parse('2027-01-01')]);
    expect(rowsOf(text).at(-1)).toEqual({ hs: '0303', rate: '7', validUntil: '2027-01-01', reason: 'a "new" law, 5' });
  });

  it('stars its only column when others come beside it', () => {
    const text = new ListText('t', 'words:phrase\nnew shoes\n').with([{ words: 'boots', reason: 'seen' }]);
    expect(text.split('\n')[0]).toBe('*words:phrase,reason:string');
    expect(readList('t', 'lists/t.csv', text, [])?.keys).toHaveLength(1);
  });

  it('refuses columns that it does not have', () => {
    expect(() => new ListText('t', TARIFF).with([{ hs: '0303', tax: '7' }])).toThrow('not valid');
  });

  it('loses the rows that have the cells, and says which of these were not there', () => {
    const { text, missing } = new ListText('t', TARIFF).without([{ hs: '0302' }]);
    expect([missing, rowsOf(text)]).toEqual([[], [{ hs: '0201', rate: '15' }]]);
    expect(text).toContain('# fish');
    const wanted: Readonly<Record<string, string>>[] = [
      { hs: '99' },
      { rate: '5' },
      { hs: '0201', rate: '5' },
      { constructor: '' },
    ];
    const some = new ListText('t', TARIFF).without(wanted);
    expect([some.missing, rowsOf(some.text)]).toEqual([
      [wanted[0], wanted[2], wanted[3]],
      [{ hs: '0201', rate: '15' }],
    ]);
  });

  it('is counted without being read', () => {
    const { columns, rows } = summaryOf('t', TARIFF);
    expect([columns.map(({ name, key }) => [name, key]), rows]).toEqual([
      [
        ['hs', true],
        ['rate', false],
      ],
      2,
    ]);
  });

  it('gives back whatever was put in, over any number of changes', () => {
    // Blanks around a cell are never kept.
    const cell = fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\r', '').trim());
    const row = fc.record({ hs: fc.stringMatching(/^\d{4,10}$/), note: cell, reason: cell });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
        let text = '# a list\n*hs:hs,note:string\n';
        for (const each of rows) text = new ListText('t', text).with([each]);
        const read = rowsOf(text).map(({ hs, note, reason = '' }) => ({ hs, note, reason }));
        expect(read).toEqual(rows);
        for (const { hs } of rows) text = new ListText('t', text).without([{ hs }]).text;
        expect(rowsOf(text)).toEqual([]);
        expect(text.startsWith('# a list\n')).toBe(true);
      }),
    );
  });
});
