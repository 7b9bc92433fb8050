import { expect, test } from 'vitest';
import { requiredAtoms } from '../../../src/profiles/cel/atoms.ts';
import { check } from '../../../src/profiles/cel/check.ts';
import { ENVIRONMENT } from './world.ts';

function atoms(text: string): unknown[] {
  const { expr, problems } = check(text, ENVIRONMENT, { mode: 'profile' });
  if (expr === null) throw new Error(problems[0]?.message);
  return requiredAtoms(expr).map((atom) => (atom.kind === 'expression' ? atom.expr.kind : atom));
}

const brand = 'item.brand';
const hsCode = 'item.hsCode';

test('conjuncts that compare a field with literals become atoms', () => {
  expect(atoms(`'NIKE' == item.brand && item.hsCode in ['1', '2'] && item.hsCode.startsWith('64')`)).toEqual([
    { kind: 'equals', path: brand, values: ['NIKE'] },
    { kind: 'equals', path: hsCode, values: ['1', '2'] },
    { kind: 'prefix', path: hsCode, prefixes: ['64'] },
  ]);
});

test('alternatives over one field become one atom', () => {
  expect(atoms(`item.hsCode.startsWith('64') || item.hsCode.startsWith('65')`)).toEqual([
    { kind: 'prefix', path: hsCode, prefixes: ['64', '65'] },
  ]);
  expect(atoms(`item.brand == 'a' || item.brand in ['b', 'c']`)).toEqual([
    { kind: 'equals', path: brand, values: ['a', 'b', 'c'] },
  ]);
});

test('everything else is handed over as it is', () => {
  expect(atoms(`item.brand == 'a' || item.hsCode == '1'`)).toEqual(['or']);
  expect(atoms(`item.no > 1 && !has(item.brand) && isNamed(item.hsCode)`)).toEqual(['compare', 'not', 'call']);
  expect(atoms(`item.brand != 'a'`)).toEqual(['compare']);
});
