import { expect, it } from 'vitest';
import { readOutcomes } from '../../src/learning/outcome-csv.ts';

const NOW = Date.UTC(2026, 10, 24);
const OWNERS: Readonly<Record<string, string[]>> = { A: ['one'], B: ['one', 'two'] };
const read = (text: string) => readOutcomes(text, (id) => OWNERS[id] ?? [], NOW);
const HEADER = 'declarationId,submitter,controlledAt,finding,amountRecovered\n';

it('reads what was found, and what it brought', () => {
  const text = `${HEADER}A,,2026-11-01,0,\nB,two,2026-11-02T10:00:00Z,undervalued,1500.50\nA,one,2026-11-03,1,0\n`;
  expect(read(text)).toEqual({
    faults: [],
    outcomes: [
      { submitter: 'one', id: 'A', controlledAt: Date.UTC(2026, 10, 1), finding: false, code: '', recoveredTiyn: 0 },
      {
        ...{ submitter: 'two', id: 'B', controlledAt: Date.UTC(2026, 10, 2, 10), finding: true },
        ...{ code: 'undervalued', recoveredTiyn: 150_050 },
      },
      { submitter: 'one', id: 'A', controlledAt: Date.UTC(2026, 10, 3), finding: true, code: '', recoveredTiyn: 0 },
    ],
  });
});

it.each([
  ['C,,2026-11-01,0,', 'declarationId', 'no declaration C'],
  ['A,two,2026-11-01,0,', 'submitter', 'two has no declaration A'],
  ['B,,2026-11-01,0,', 'submitter', 'say which'],
  ['A,,1.11.2026,0,', 'controlledAt', 'ISO 8601'],
  ['A,,2027-11-01,0,', 'controlledAt', 'future'],
  ['A,,2026-11-01,what?,', 'finding', '0, 1 or a code'],
  ['A,,2026-11-01,1,-5', 'amountRecovered', 'decimal amount'],
  ['A,,2026-11-01,1,1e3', 'amountRecovered', 'decimal amount'],
])('names the line and the column of %s, and reads the others', (line, column, message) => {
  const { outcomes, faults } = read(`${HEADER}A,,2026-11-01,1,\n${line}\nA,,2026-11-01,1,\n`);
  expect(outcomes).toHaveLength(2);
  expect(faults).toEqual([{ line: 3, column, message: expect.stringContaining(message) }]);
});

it('reads nothing of a file with another header', () => {
  expect(read('id,finding\nA,1\n').faults.map(({ column }) => column)).toEqual(['declarationId', 'controlledAt', 'id']);
  expect(read('').faults).toMatchObject([{ message: 'the file is empty' }]);
  expect(read('"a').faults).toMatchObject([{ message: expect.stringContaining('not CSV') }]);
});
