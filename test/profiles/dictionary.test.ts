import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { readBundle } from '../../src/profiles/bundle.ts';
import { ProfileChecker } from '../../src/profiles/checker.ts';
import { DESCRIBED } from '../../src/profiles/descriptions.ts';

const bundle = await readBundle(resolve('rules'));
const checker = new ProfileChecker(bundle);
const dictionary = checker.dictionary('item');

it('describes every variable, field and function in English and Russian', () => {
  const named = [
    ...dictionary.variables.map(({ name, description }) => ({ name, description })),
    ...Object.entries(dictionary.types).flatMap(([type, fields]) =>
      fields.map(({ name, description }) => ({ name: `${type}.${name}`, description })),
    ),
    ...dictionary.functions,
  ];
  expect(named.filter(({ description }) => description === null).map(({ name }) => name)).toEqual([]);
  expect(named.every(({ description }) => /[а-яё]/i.test(description?.ru ?? ''))).toBe(true);
});

it('describes nothing that is not there', () => {
  const fields = Object.entries(DESCRIBED).flatMap(([type, names]) => names.map((name) => `${type}.${name}`));
  const known = Object.entries(dictionary.types).flatMap(([type, list]) => list.map(({ name }) => `${type}.${name}`));
  expect(fields.toSorted()).toEqual(known.toSorted());
});

it('leads from variables through types to scalars', () => {
  const item = dictionary.variables.find(({ name }) => name === 'item');
  expect(item?.type).toBe('Item');
  const field = (type: string, name: string) => dictionary.types[type]?.find((each) => each.name === name);
  expect(field('Item', 'customsValue')).toMatchObject({ type: 'money', optional: false, description: { unit: 'KZT' } });
  expect(field('Item', 'packages')?.type).toBe('list(Package)');
  expect(field('Package', 'marks')).toMatchObject({ type: 'string', optional: true });
  expect(checker.dictionary('declaration').variables.map(({ name }) => name)).not.toContain('item');
});

it('names the lists of the policy with their columns', () => {
  expect(dictionary.lists.find(({ name }) => name === 'vague_descriptions')).toMatchObject({ phrases: true });
  expect(dictionary.lists.map(({ name }) => name)).not.toContain('exceptions');
  const functions = dictionary.functions.map(({ name }) => name);
  expect(functions).toEqual(expect.arrayContaining(['stats.valuePerKg', 'lookup', 'mentions']));
});

it('checks one profile against the lists of the rest', () => {
  const text = bundle.files['profiles/UV-001.yaml'] ?? '';
  expect(checker.check('profiles/UV-001.yaml', text).problems).toEqual([]);
  const wrong = text.replace('unless: trader.authorisedOperator', 'unless: trader.autorisedOperator');
  expect(checker.check('profiles/UV-001.yaml', wrong).problems).toMatchObject([
    { message: expect.stringContaining('authorisedOperator') },
  ]);
  expect(checker.checkExpression('item.hsCode in list("none")', 'item')).toMatchObject([{ line: 1, column: 21 }]);
  expect(checker.checkExpression('item.no >', 'item')[0]?.line).toBe(1);
});
