import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatOf, type ImportReport, type PartyFormat, readParties } from '../../src/parties/import-file.ts';
import type { PartyEntry } from '../../src/wire/envelope.ts';
import { temporaryFolder } from '../helpers/folder.ts';

async function read(text: string, format: PartyFormat): Promise<{ entries: PartyEntry[]; report: ImportReport }> {
  const path = join(await temporaryFolder(), `parties.${format}`);
  await writeFile(path, text);
  const { entries, report } = readParties(path, format);
  const all: PartyEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return { entries: all, report };
}

it('reads parties from CSV, with arrears in KZT', async () => {
  const { entries, report } = await read(
    '\uFEFFrole,id,category,authorisedOperator,openViolations,arrears\r\n' +
      'importer,123456789012,low,true,0,\r\n' +
      '"broker", 210987654321 ,high,,2,1500.50\r\n',
    'csv',
  );
  expect(entries).toEqual([
    {
      role: 'importer',
      id: '123456789012',
      category: 'low',
      authorisedOperator: true,
      openViolations: 0,
      arrearsTiyn: 0,
    },
    {
      role: 'broker',
      id: '210987654321',
      category: 'high',
      authorisedOperator: false,
      openViolations: 2,
      arrearsTiyn: 150_050,
    },
  ]);
  expect(report).toEqual({ rows: 2, accepted: 2, refused: 0, refusals: [], duplicatesChecked: true });
});

it('reads parties from NDJSON, and takes the columns that are left out as nothing known', async () => {
  const { entries } = await read(
    '\n{"role":"carrier","id":"X-1","category":"medium"}\n{"role":"carrier","id":"X-2","category":"low","arrears":7}',
    'ndjson',
  );
  const party = { role: 'carrier', authorisedOperator: false, openViolations: 0 };
  expect(entries).toEqual([
    { ...party, id: 'X-1', category: 'medium', arrearsTiyn: 0 },
    { ...party, id: 'X-2', category: 'low', arrearsTiyn: 700 },
  ]);
});

it('refuses a row with its number and the reason, and reads the others on', async () => {
  const rows = [
    '{"role":"importer","id":"1","category":"low"}',
    'not json',
    '[]',
    '{"role":"smuggler","id":"1","category":"low"}',
    '{"role":"importer","id":"a b","category":"low"}',
    '{"role":"importer","id":"2","category":"severe"}',
    '{"role":"importer","id":"3","category":"low","authorisedOperator":"perhaps"}',
    '{"role":"importer","id":"4","category":"low","openViolations":-1}',
    '{"role":"importer","id":"5","category":"low","arrears":"-3"}',
    '{"role":"importer","id":"6","category":"low","score":1}',
    `{"role":"importer","id":"7","category":"low","arrears":"${'9'.repeat(5000)}"}`,
    '{"role":"importer","id":"1","category":"high"}',
    '{"role":"importer","id":"8","category":"high"}',
  ];
  const { entries, report } = await read(rows.join('\n'), 'ndjson');
  expect(entries.map(({ id, category }) => `${id} ${category}`)).toEqual(['1 low', '8 high']);
  expect(report).toMatchObject({ rows: 13, accepted: 2, refused: 11 });
  expect(report.refusals).toEqual([
    { row: 2, reason: 'is not JSON' },
    { row: 3, reason: 'is not an object' },
    { row: 4, reason: expect.stringContaining('role must be one of importer') },
    { row: 5, reason: expect.stringContaining('id must be') },
    { row: 6, reason: 'category must be one of low, medium, high' },
    { row: 7, reason: 'authorisedOperator must be true or false' },
    { row: 8, reason: 'openViolations must be a whole number' },
    { row: 9, reason: expect.stringContaining('arrears must be') },
    { row: 10, reason: expect.stringContaining('"score" is not one of') },
    { row: 11, reason: 'is longer than 4096 bytes' },
    { row: 12, reason: 'row 1 names the same party in the same role' },
  ]);
});

it('refuses a CSV row with another number of cells', async () => {
  const { entries, report } = await read('role,id,category\nimporter,1\nimporter,2,low\nimporter,3,low,x\n', 'csv');
  expect(entries.map(({ id }) => id)).toEqual(['2']);
  expect(report.refusals).toEqual([
    { row: 2, reason: 'has not as many cells as the header' },
    { row: 4, reason: 'has not as many cells as the header' },
  ]);
});

it('refuses a CSV without the columns it needs, or with one it does not know', async () => {
  await expect(read('role,id\nimporter,1\n', 'csv')).rejects.toThrow(/no column category/);
  await expect(read('role,id,category,colour\n', 'csv')).rejects.toThrow(/column colour/);
});

it('passes over a line without an end in bounded memory', async () => {
  const line = `{"role":"importer","id":"1","category":"${'x'.repeat(20_000_000)}"}`;
  const { report } = await read(`${line}\n{"role":"importer","id":"2","category":"low"}`, 'ndjson');
  expect(report).toMatchObject({ rows: 2, accepted: 1, refusals: [{ row: 1 }] });
});

it('tells the format by the name of the file', () => {
  expect([formatOf('a.CSV'), formatOf('a.ndjson'), formatOf('a.jsonl'), formatOf('a.txt')]).toEqual([
    'csv',
    'ndjson',
    'ndjson',
    null,
  ]);
});
