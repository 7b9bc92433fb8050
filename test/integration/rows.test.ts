import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeclarationInput, normalise } from '../../src/core/normalise.ts';
import { parseMapping } from '../../src/integration/mapping.ts';
import { type InputFormat, type InputRow, readRows } from '../../src/integration/rows.ts';
import { BODY_BYTES_MAX } from '../../src/limits.ts';
import { sharedData } from '../helpers/shared-data.ts';

const MAPPING = parseMapping(
  'm.yaml',
  `delimiter: ";"
declaration:
  id: { column: ID }
  regime: import
  procedure: "40"
  office: KZ50430
  lodgedAt: { column: Date }
  currency: KZT
  exchangeRate: "1"
  parties: []
  items: []
`,
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corridor-rows-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(format: InputFormat, text: string | Buffer): Promise<InputRow[]> {
  const file = join(folder, `input.${format}`);
  await writeFile(file, text);
  const rows: InputRow[] = [];
  for await (const row of readRows(file, format, MAPPING)) rows.push(row);
  return rows;
}

const short = ({ row, line, json, faults }: InputRow) => [row, line, json === null ? faults : JSON.parse(json).id];

describe('rows of a table', () => {
  it('are declarations, numbered by row and line, with a byte order mark, quotes and empty lines', async () => {
    const rows = await read('csv', '\uFEFFID;Date;Note\n1;2026-01-15;"two\nlines"\n\n2;2026-01-16;\n');
    expect(rows.map(short)).toEqual([
      [1, 3, '1'],
      [2, 5, '2'],
    ]);
  });

  it('with a fault do not stop the others', async () => {
    const rows = await read('csv', 'ID;Date\n1;2026-01-15\n2;never\n3\n4;2026-01-15\n');
    expect(rows.map(short)).toEqual([
      [1, 2, '1'],
      [2, 3, [{ column: 'Date', message: 'must be a date like YYYY-MM-DD' }]],
      [3, 4, [{ column: null, message: 'has 1 columns, the header has 2' }]],
      [4, 5, '4'],
    ]);
  });

  it('end with an error where a column is missing, a quote stays open, or there is nothing', async () => {
    await expect(read('csv', 'ID;When\n1;2026-01-15\n')).rejects.toThrow('has no column Date; it has ID, When');
    await expect(read('csv', 'ID;Date\n1;2026-01-15\n"2;2026-01-15\n')).rejects.toThrow(/after row 1: .*[Qq]uote/);
    await expect(read('csv', '')).rejects.toThrow('is empty');
    await expect(read('csv', `ID;Date\n1;"${'x'.repeat(BODY_BYTES_MAX + 10)}"\n`)).rejects.toThrow(/after row 0/);
  });
});

describe('lines of NDJSON', () => {
  it('go on as they are, whatever they hold', async () => {
    const rows = await read('ndjson', '{"id":"ä"}\n\n{bad\r\n{"id":"2"}');
    expect(rows.map(({ row, line, json }) => [row, line, json?.trim()])).toEqual([
      [1, 1, '{"id":"ä"}'],
      [2, 3, '{bad'],
      [3, 4, '{"id":"2"}'],
    ]);
  });

  it('over the limit are named and not kept', async () => {
    const rows = await read('ndjson', `{"id":"1"}\n${'x'.repeat(3 * BODY_BYTES_MAX)}\n{"id":"3"}\n`);
    expect(rows.map(short)).toEqual([
      [1, 1, '1'],
      [2, 2, [{ column: null, message: `is longer than ${BODY_BYTES_MAX} bytes` }]],
      [3, 3, '3'],
    ]);
  });
});

describe('a JSON file', () => {
  it('holds one declaration or a list of them', async () => {
    expect((await read('json', '{"id":"1"}')).map(short)).toEqual([[1, null, '1']]);
    expect((await read('json', '[{"id":"1"},{"id":"2"}]')).map(short)).toEqual([
      [1, null, '1'],
      [2, null, '2'],
    ]);
    await expect(read('json', '[{')).rejects.toThrow('input.json');
  });
});

const CDD = sharedData('cdd/valid.csv');

describe('the public customs data set', () => {
  it.skipIf(CDD === null)(
    CDD === null ? 'is read row by row (skipped: CORRIDOR_SHARED does not lead to it)' : 'is read row by row',
    async () => {
      const path = join(import.meta.dirname, '../../rules/mappings/cdd.yaml');
      const mapping = parseMapping(path, await readFile(path, 'utf8'));
      const ids = new Set<string>();
      let netMassZero = 0;
      for await (const { row, json, faults } of readRows(CDD ?? '', 'csv', mapping)) {
        expect(faults, `row ${row}`).toEqual([]);
        const result = normalise(JSON.parse(json ?? '') as DeclarationInput);
        expect(result.faults, `row ${row}`).toBeNull();
        ids.add(result.declaration?.id ?? '');
        if (result.declaration?.items[0]?.netMassKg === 0) netMassZero++;
      }
      expect(ids.size).toBe(8134);
      expect(netMassZero).toBeGreaterThan(0);
    },
  );
});
