import { describe, expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { PolicyBundle } from '../../src/profiles/bundle.ts';
import { ProfileChecker } from '../../src/profiles/checker.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { PolicyError } from '../../src/profiles/problems.ts';
import { declaration, neutralFacts } from '../helpers/declaration.ts';
import { fixtureBundle } from '../helpers/policy.ts';

const field = (name: string, expression: string, level = 'item') =>
  `name: ${name}\ntitle: ${name}\nunit: KZT/kg\nlevel: ${level}\nexpression: ${expression}\n`;

const profile = (when: string, level = 'item') => `id: ZZ-1
title: test
target: undervaluation
corridor: red
measures: [{ code: value_verification, instructions: Look. }]
weight: 0.5
level: ${level}
onError: documents
when: ${when}
tests: [{ name: a, hits: true }, { name: b, hits: false }]
`;

function policyOf(files: Record<string, string>): PolicyBundle {
  return { files: { ...fixtureBundle().files, ...files } };
}

function problemsOf(files: Record<string, string>): string[] {
  try {
    buildPolicy(policyOf(files));
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.problems.map(({ file, line, message }) => `${file}:${line} ${message}`);
  }
}

function reasonOf(files: Record<string, string>, netMassKg = 100) {
  const base = declaration();
  const of = { ...base, items: base.items.map((item) => ({ ...item, netMassKg })) };
  const { reasons } = decide(of, neutralFacts(of), buildPolicy(policyOf(files)));
  return reasons.find(({ code }) => code === 'ZZ-1');
}

describe('a derived field', () => {
  it('has a value by which a profile hits, and that the reason tells', () => {
    const files = {
      'fields/unitValue.yaml': field('unitValue', 'item.customsValue / item.netMassKg'),
      'fields/twice.yaml': field('twice', '2.0 * derived.unitValue(item)'),
      'profiles/ZZ-1.yaml': profile('derived.twice(item) > 0.0'),
    };
    const reason = reasonOf(files);
    expect(reason).toMatchObject({ kind: 'profile', items: [1] });
    expect(Object.keys(reason?.values ?? {})).toContain('derived.twice(item)');
  });

  it('can be of the whole declaration, and be asked of each item in turn', () => {
    const files = {
      'fields/items.yaml': field('items', 'size(declaration.items)', 'declaration'),
      'fields/mass.yaml': field('mass', 'item.netMassKg'),
      'profiles/ZZ-1.yaml': profile(
        'derived.items() > 0 && declaration.items.exists(i, derived.mass(i) > 50.0)',
        'declaration',
      ),
    };
    expect(reasonOf(files)).toMatchObject({ kind: 'profile' });
    expect(reasonOf(files, 10)).toBeUndefined();
  });

  it('that fails is a fault of the profile that asks for it, and of no other', () => {
    const files = {
      'fields/bad.yaml': field('bad', "item.no == 1 ? fail('no') : 1.0"),
      'profiles/ZZ-1.yaml': profile('derived.bad(item) > 0.0'),
    };
    expect(problemsOf(files)).not.toEqual([]);
    const divided = {
      'fields/bad.yaml': field('bad', '1 / (item.no - 1)'),
      'profiles/ZZ-1.yaml': profile('derived.bad(item) > 0'),
    };
    expect(reasonOf(divided)).toMatchObject({ kind: 'fault' });
    const guarded = { ...divided, 'profiles/ZZ-1.yaml': profile('derived.bad(item) > 0 && item.no == 2') };
    expect(reasonOf(guarded)).toBeUndefined();
  });

  it('is computed anew for every declaration', () => {
    const policy = buildPolicy(
      policyOf({
        'fields/mass.yaml': field('mass', 'item.netMassKg'),
        'profiles/ZZ-1.yaml': profile('derived.mass(item) > 50.0'),
      }),
    );
    const of = declaration();
    const heavy = of.items.map((item) => ({ ...item, netMassKg: 100 }));
    const light = of.items.map((item) => ({ ...item, netMassKg: 1 }));
    const hits = [heavy, light, heavy].map((items) => {
      const each = { ...of, items };
      return decide(each, neutralFacts(each), policy).reasons.some(({ code }) => code === 'ZZ-1');
    });
    expect(hits).toEqual([true, false, true]);
  });

  it('that uses itself, or names what there is not, is refused in its place', () => {
    expect(
      problemsOf({
        'fields/a.yaml': field('a', 'derived.b(item) + 1.0'),
        'fields/b.yaml': field('b', 'derived.a(item) + 1.0'),
      }),
    ).toEqual(['fields/a.yaml:5 a uses itself by way of b', 'fields/b.yaml:5 b uses itself by way of a']);
    expect(problemsOf({ 'fields/a.yaml': field('a', 'derived.a(item)') })).toEqual(['fields/a.yaml:5 a uses itself']);
    expect(problemsOf({ 'fields/a.yaml': field('a', 'item.netMas') })[0]).toContain('fields/a.yaml:5');
    expect(problemsOf({ 'fields/a.yaml': field('a', 'item.packages') })[0]).toContain('must be a single value');
    expect(problemsOf({ 'fields/a.yaml': field('b', 'item.no') })[0]).toContain('name of the file');
    expect(problemsOf({ 'profiles/ZZ-1.yaml': profile('derived.none(item) > 1.0') })[0]).toContain('ZZ-1.yaml');
  });

  it('stands in the dictionary with its unit', () => {
    const checker = new ProfileChecker(policyOf({ 'fields/mass.yaml': field('mass', 'item.netMassKg') }));
    expect(checker.dictionary('item').functions.find(({ name }) => name === 'derived.mass')).toMatchObject({
      ...{ params: ['Item'], result: 'double', description: { unit: 'KZT/kg' } },
    });
    expect(checker.checkExpression('derived.mass(item) > 1.0', 'item')).toEqual([]);
  });
});
