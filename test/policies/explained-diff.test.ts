import { expect, it } from 'vitest';
import { explainedDiff } from '../../src/policies/explained-diff.ts';
import { formOf, yamlOf } from '../../src/profiles/profile-form.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { UV } from './node.ts';

it('says of a changed condition what it was and what it is, part by part, and of other settings just that', () => {
  const before = fixtureBundle();
  const form = formOf(before.files[UV] ?? '');
  const text = yamlOf({ ...form, weight: 0.11, when: 'item.netMassKg > 1.0 && item.originCountry == "CN"' });
  const [change] = explainedDiff(before, fixtureBundle({ [UV]: text }));
  expect(change?.settings.map(({ name }) => name)).toEqual(['weight', 'when']);
  expect(change?.settings[0]).not.toHaveProperty('outline');
  expect(change?.settings[1]?.outline?.after).toEqual([
    'all of',
    '  item.netMassKg > 1.0',
    '  item.originCountry == "CN"',
  ]);
  expect(change?.settings[1]?.outline?.before.length).toBeGreaterThan(0);
});

it('names files that come and go without their settings', () => {
  const after = fixtureBundle({ [UV]: null, 'lists/new.csv': 'code:string\nA1\n' });
  expect(explainedDiff(fixtureBundle(), after).map(({ file, kind }) => [file, kind])).toEqual([
    ['lists/new.csv', 'added'],
    [UV, 'removed'],
  ]);
});
