import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../src/profiles/bundle.ts';
import { readProfile } from '../../src/profiles/profile-file.ts';
import { formOf, type ProfileForm, yamlOf } from '../../src/profiles/profile-form.ts';

const shipped = Object.entries((await readBundle(resolve('rules'))).files).filter(([name]) =>
  name.startsWith('profiles/'),
);

const text = fc.oneof(fc.string({ minLength: 1 }), fc.constant('two\nlines\n'), fc.constant('- # : "\'| >'));
const form = fc.record({
  id: fc.constant('X-1'),
  title: text,
  documentation: fc.oneof(fc.constant({}), fc.record({ en: text, ru: text })),
  owner: fc.option(text),
  notify: fc.array(fc.oneof(fc.record({ on: fc.constant('hit'), role: text }), fc.record({ on: text, subject: text }))),
  target: text,
  corridor: text,
  measures: fc.array(fc.record({ code: text, instructions: text })),
  weight: fc.double({ min: 0, max: 1, noNaN: true }).map((weight) => weight + 0),
  group: fc.option(text),
  damage: fc.option(fc.constantFrom('5000000', '0.10')),
  mandatory: fc.boolean(),
  scope: fc.oneof(fc.constant({}), fc.record({ offices: fc.array(text), validFrom: fc.constant('2026-01-01') })),
  percentage: fc.integer({ min: 0, max: 100 }),
  onError: text,
  level: text,
  when: text.map((when) => when.trim()).filter((when) => when !== ''),
  unless: fc.option(text.map((when) => when.trim()).filter((when) => when !== '')),
  tests: fc.array(fc.record({ name: text, declaration: fc.jsonValue(), hits: fc.boolean() })),
}) as fc.Arbitrary<ProfileForm>;

/** JSON knows no −0. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('a form', () => {
  it.each(shipped)('of %s says the same as its file', (_, before) => {
    const read = formOf(before);
    expect(formOf(yamlOf(read))).toEqual(read);
  });

  it.each(shipped)('of %s makes a file that reads as before', (name, before) => {
    const problems: never[] = [];
    const [old, renewed] = [readProfile(name, before, problems), readProfile(name, yamlOf(formOf(before)), problems)];
    expect(problems).toEqual([]);
    expect(renewed?.profile).toEqual(old?.profile);
    expect(renewed?.when.text.trim()).toBe(old?.when.text.trim());
    expect(renewed?.tests.map(({ line: _l, column: _c, ...test }) => test)).toEqual(
      old?.tests.map(({ line: _l, column: _c, ...test }) => test),
    );
  });

  it('comes back from its file, whatever it holds', () => {
    fc.assert(
      fc.property(form, (each) => {
        expect(plain(formOf(yamlOf(each)))).toEqual(plain(each));
      }),
    );
  });

  it('comes back from the file of another, changed', () => {
    fc.assert(
      fc.property(form, form, (one, other) => {
        expect(plain(formOf(yamlOf(other, yamlOf(one))))).toEqual(plain(other));
      }),
    );
  });

  it('leaves comments of what it does not change', () => {
    const before = 'id: X-1\n# why\ntitle: one\nweight: 0.5 # placeholder\nwhen: item.no > 1\n';
    const changed = yamlOf({ ...formOf(before), title: 'two' }, before);
    expect(changed).toBe('id: X-1\n# why\ntitle: two\nweight: 0.5 # placeholder\nwhen: item.no > 1\n');
  });
});
