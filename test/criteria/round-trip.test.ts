import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition } from '../../src/criteria/ast.ts';
import { outlineOf } from '../../src/criteria/outline.ts';
import { IncompleteCriteria, printCriteria } from '../../src/criteria/print.ts';
import { readCriteria } from '../../src/criteria/read.ts';
import { readBundle } from '../../src/profiles/bundle.ts';
import { parse } from '../../src/profiles/cel/parse.ts';
import { readProfile } from '../../src/profiles/profile-file.ts';
import { criteria } from './generated.ts';

function read(text: string): Condition {
  const result = parse(text);
  if ('problem' in result) throw new Error(`${result.problem.message} in ${text}`);
  return readCriteria(result.parsed);
}

const RULES = join(import.meta.dirname, '../../rules');

describe('the canonical tree', () => {
  it('goes to text and back unchanged, 10,000 times', () => {
    fc.assert(
      fc.property(criteria, (tree) => {
        expect(read(printCriteria(tree))).toEqual(tree);
      }),
      { numRuns: 10_000, seed: 5 },
    );
  });

  it('shows every condition of the shipped policy without a part that stays text', async () => {
    const { files } = await readBundle(RULES);
    const shown = Object.keys(files).flatMap((file) => {
      const source = file.startsWith('profiles/') ? readProfile(file, files[file] as string, []) : null;
      return [source?.when, source?.unless].flatMap((text) => (text ? [{ file, text: text.text }] : []));
    });
    expect(shown.length).toBeGreaterThan(40);
    for (const { file, text } of shown) {
      const tree = read(text);
      expect(read(printCriteria(tree)), file).toEqual(tree);
      expect(JSON.stringify(tree), file).not.toContain('"kind":"cel"');
    }
  });

  it('keeps what it has no form for as the text that it was, and shows the rest', () => {
    const tree = read('item.netMassKg > 1.0 && (declaration.items[0].hsCode == "01" ? true : false)');
    expect(tree).toMatchObject({
      kind: 'group',
      conditions: [{ kind: 'compare' }, { kind: 'cel', text: 'declaration.items[0].hsCode == "01" ? true : false' }],
    });
  });

  it.each<[string, Condition]>([
    ['an empty condition', { kind: 'empty' }],
    ['a group of none', { kind: 'group', of: 'all', conditions: [] }],
    ['a group with an empty one', { kind: 'group', of: 'any', conditions: [read('item.no == 1'), { kind: 'empty' }] }],
    ['an empty value', { kind: 'compare', left: { kind: 'empty' }, operator: '==', right: { kind: 'empty' } }],
    ['one of no values', { kind: 'oneOf', value: { kind: 'path', path: ['item', 'hsCode'] }, literals: [] }],
    ['an empty text', { kind: 'cel', text: '  ' }],
  ])('has no text for %s', (_, tree) => {
    expect(() => printCriteria(tree)).toThrow(IncompleteCriteria);
  });

  it('reads a sum of what is there already as a call', () => {
    const sum = { kind: 'call', name: 'sum', args: [{ kind: 'path', path: ['item', 'masses'] }], fields: [] };
    expect(read('sum(item.masses) > 1.0')).toMatchObject({ kind: 'compare', left: sum });
    expect(printCriteria(read('sum(item.masses) > 1.0'))).toBe('sum(item.masses) > 1.0');
  });

  it('never reads a bare literal as a condition of its own', () => {
    expect(read('true')).toEqual({ kind: 'cel', text: 'true' });
  });

  it('reads as an outline', () => {
    expect(outlineOf(read('item.no == 1 && !(declaration.items.exists(i, i.no > 2) || has(item.brand))'))).toEqual([
      'all of',
      '  item.no == 1',
      '  not',
      '    any of',
      '      at least one of declaration.items, called i, with',
      '        i.no > 2',
      '      has(item.brand)',
    ]);
  });
});
