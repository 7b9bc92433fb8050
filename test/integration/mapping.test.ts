import { describe, expect, it } from 'vitest';
import { type MappedRow, MappingError, parseMapping } from '../../src/integration/mapping.ts';

const BASE = `
declaration:
  id: { column: ID }
  regime: import
  procedure: "40"
  office: KZ50430
  lodgedAt: 2026-01-15
  currency: KZT
  exchangeRate: "1"
  parties: []
  items: []
`;

function mapped(extra: string, row: Record<string, string>, codes = ''): Record<string, unknown> {
  const result = apply(extra, row, codes);
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.declaration as Record<string, unknown>;
}

function apply(extra: string, row: Record<string, string>, codes = ''): MappedRow {
  return parseMapping('m.yaml', codes + BASE + extra).apply((column) => row[column] ?? '');
}

function problems(text: string): string[] {
  try {
    parseMapping('m.yaml', text);
  } catch (error) {
    if (error instanceof MappingError) return error.problems.map((p) => `${p.line}:${p.column} ${p.message}`);
    throw error;
  }
  return [];
}

describe('a mapping', () => {
  it('fills fields from columns and constants', () => {
    expect(mapped('', { ID: 'A1' })).toEqual({
      id: 'A1',
      regime: 'import',
      procedure: '40',
      office: 'KZ50430',
      lodgedAt: '2026-01-15',
      currency: 'KZT',
      exchangeRate: '1',
      parties: [],
      items: [],
    });
  });

  it('applies its steps in their fixed order: replace, case, codes, pad, prefix and suffix', () => {
    const source = '{ column: R, suffix: "/X", pad: { length: 5, with: "0" }, case: upper, replace: { "-": "" } }';
    expect(mapped(`  regNo: ${source}\n`, { ID: '1', R: 'a-b' }).regNo).toBe('000AB/X');
  });

  it('joins columns, leaving out the empty ones', () => {
    const source = '{ join: [A, B, C], with: "-" }';
    expect(mapped(`  regNo: ${source}\n`, { ID: '1', A: 'a', C: 'c' }).regNo).toBe('a-c');
  });

  it('translates by a code table and faults a code that is not in it', () => {
    const codes = 'codes: { modes: { S: "10", A: "40" } }\n';
    const transport = '  transport: { modeAtBorder: { column: M, codes: modes } }\n';
    expect(mapped(transport, { ID: '1', M: 'A' }, codes).transport).toEqual({ modeAtBorder: '40' });
    expect(apply(transport, { ID: '1', M: 'X' }, codes)).toEqual({
      faults: [{ column: 'M', message: '"X" is not in the code table' }],
    });
    const lenient = '  transport: { modeAtBorder: { column: M, codes: modes, otherwise: "90" } }\n';
    expect(mapped(lenient, { ID: '1', M: 'X' }, codes).transport).toEqual({ modeAtBorder: '90' });
  });

  it('leaves out what is empty and optional, and an object whose `when` column is empty', () => {
    const extra = '  incoterms: { column: T, optional: true }\n  transport: { modeAtBorder: "40", when: M }\n';
    expect(mapped(extra, { ID: '1' })).not.toHaveProperty('incoterms');
    expect(mapped(extra, { ID: '1' })).not.toHaveProperty('transport');
    expect(mapped(extra, { ID: '1', M: 'x', T: 'CIP' })).toMatchObject({ incoterms: 'CIP', transport: {} });
  });

  it('names every faulty column of a row at once', () => {
    const money = '  invoiceTotal: { amount: { column: P }, currency: KZT }\n';
    expect(apply(money, { ID: '', P: 'ten' })).toEqual({
      faults: [
        { column: 'ID', message: 'is empty' },
        { column: 'P', message: 'must be a number' },
      ],
    });
  });

  it.each([
    ['{ column: P, decimals: 2 }', '41250.540000000015', '41250.54'],
    ['{ column: P, decimals: 2 }', '1.005', '1.01'],
    ['{ column: P, decimals: 0 }', '0.5', '1'],
    ['{ column: P, decimals: 2 }', '1.5e3', '1500.00'],
    ['{ column: P, point: "," }', '1 234.567,89', '1234567.89'],
    ['{ column: P }', "1'234,567.8", '1234567.8'],
    ['{ percent: { of: P, rate: Q } }', '200', '15.00'],
    ['{ percent: { of: P, rate: 10 } }', '200', '20.00'],
    ['{ percent: { of: P, rate: Q }, point: ".", decimals: 0 }', '200', '15'],
    ['{ percent: { of: P, rate: 10 }, point: "," }', '1.000,50', '100.05'],
    ['{ column: Z, default: "7" }', '', '7'],
  ])('reads the decimal %s of %s as %s', (source, text, expected) => {
    const declaration = mapped(`  invoiceTotal: { amount: ${source} }\n`, { ID: '1', P: text, Q: '7.5' });
    expect(declaration.invoiceTotal).toEqual({ amount: expected });
  });

  it.each([
    ['{ column: D }', '2026-02-28', '2026-02-28'],
    ['{ column: D, date: DD.MM.YYYY }', '28.02.2026', '2026-02-28'],
    ['{ column: D, date: "YYYYMMDD HH:mm", offset: "+05:00" }', '20260228 17:30', '2026-02-28T17:30:00+05:00'],
  ])('reads the date %s of %s as %s', (source, text, expected) => {
    const documents = `  documents: [{ code: "1", number: "1", issuedAt: ${source} }]\n`;
    expect(mapped(documents, { ID: '1', D: text }).documents).toEqual([{ code: '1', number: '1', issuedAt: expected }]);
  });

  it.each(['2026-02-30', '30.02.2026', 'yesterday'])('faults the date %s', (text) => {
    const documents = '  documents: [{ code: "1", number: "1", issuedAt: { column: D } }]\n';
    expect(apply(documents, { ID: '1', D: text })).toMatchObject({ faults: [{ column: 'D' }] });
  });

  it('gives numbers where the declaration has numbers', () => {
    const items = '  documents: []\n  version: { column: V }\n';
    expect(mapped(items, { ID: '1', V: '3' }).version).toBe(3);
    expect(apply(items, { ID: '1', V: '3.5' })).toEqual({
      faults: [{ column: 'V', message: 'must be a whole number' }],
    });
  });

  it('knows the columns that it needs', () => {
    const mapping = parseMapping(
      'm.yaml',
      `${BASE}  regNo: { join: [A, B] }\n  transport: { modeAtBorder: "1", when: C }\n`,
    );
    expect([...mapping.columns].sort()).toEqual(['A', 'B', 'C', 'ID']);
  });
});

describe('a faulty mapping', () => {
  it('is refused with every problem, its line and column', () => {
    const text = `${BASE}  incotems: CIP\n  regNo: { colum: A }\n  version: one\n`;
    expect(problems(text)).toEqual([
      expect.stringContaining('12:3 declaration has no setting incotems (did you mean incoterms?)'),
      expect.stringMatching(/^13:10 declaration\/regNo needs one of column, join and percent/),
      expect.stringContaining('13:12 declaration/regNo has no setting colum (did you mean column?)'),
      expect.stringContaining('14:12 declaration/version must be a number'),
    ]);
  });

  it.each([
    ['declaration: { id: x }\n', /needs the setting regime/],
    [`${BASE}  regNo: { column: A, codes: none }\n`, /there is no code table none/],
    [`${BASE}  regNo: { column: A, join: [B] }\n`, /needs one of column, join and percent/],
    [
      `${BASE}  documents: [{ code: "1", number: "1", issuedAt: { column: A, date: DD.MM } }]\n`,
      /must hold YYYY, MM and DD/,
    ],
    [`${BASE}  documents: [{ code: "1", number: "1", issuedAt: soon }]\n`, /must be a date like YYYY-MM-DD/],
    ['', /the file is empty/],
    ['declaration: [', /./],
  ])('%j', (text, message) => {
    expect(problems(text).join('\n')).toMatch(message);
  });
});
