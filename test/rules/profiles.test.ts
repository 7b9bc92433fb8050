import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { History } from '../../bench/lib/history.ts';
import { decide } from '../../src/core/decide.ts';
import { normalise } from '../../src/core/normalise.ts';
import { TARGETS } from '../../src/core/profile.ts';
import { textOf } from '../../src/criteria/edit.ts';
import { treeOf } from '../../src/criteria/text.ts';
import { generate } from '../../src/generate/generate.ts';
import { partiesOf } from '../../src/generate/parties.ts';
import { packBundle, readBundle } from '../../src/profiles/bundle.ts';
import { documentOf } from '../../src/profiles/document.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { formOf, type ProfileForm } from '../../src/profiles/profile-form.ts';

const bundle = await readBundle(resolve('rules'));
const forms: ProfileForm[] = Object.entries(bundle.files)
  .filter(([name]) => name.startsWith('profiles/'))
  .map(([, text]) => formOf(text));

describe('the shipped policy', () => {
  it('has 110 profiles over every target', () => {
    expect(forms).toHaveLength(110);
    expect(new Set(forms.map(({ target }) => target))).toEqual(new Set(TARGETS));
  });

  it('says what each is for in English and Russian, and the page of them is current', () => {
    const silent = forms.filter(({ documentation: { en = '', ru = '' } }) => en.length < 20 || !/[а-яё]{3}/i.test(ru));
    expect(silent.map(({ id }) => id)).toEqual([]);
    // `corridor profiles document > docs/profiles.md` writes it.
    expect(readFileSync(join(import.meta.dirname, '../../docs/profiles.md'), 'utf8')).toBe(documentOf(bundle));
  });

  it('has an owner of each, and at least a hit, a miss and an edge that try it', () => {
    const untried = forms.filter(({ owner, tests }) => {
      const hits = tests.filter((vector) => vector.hits).length;
      return owner === null || tests.length < 3 || hits === 0 || hits === tests.length;
    });
    expect(untried.map(({ id }) => id)).toEqual([]);
  });

  it('marks every threshold as a placeholder', () => {
    const unmarked = Object.entries(bundle.files).filter(([name, text]) => {
      // Compared with a number beyond none, one and the numbers of codes.
      const threshold = /(?:[<>]=?) (?!0(?:\.0)?\b|1\b)\d/.test(text) || /^percentage:/m.test(text);
      return name.startsWith('profiles/') && threshold && !text.includes('# Placeholder');
    });
    expect(unmarked.map(([name]) => name)).toEqual([]);
  });

  it('fits into a message', () => {
    expect(packBundle(bundle).length).toBeLessThan(512 * 1024);
  });

  it('says nothing twice: no two profiles have the same condition where they hold', () => {
    const said = forms.map(({ when, scope, level }) => {
      const read = treeOf(when);
      return JSON.stringify(['tree' in read ? textOf(read.tree) : when, scope, level]);
    });
    expect(new Set(said).size).toBe(forms.length);
  });

  it('has no two profiles that hit the same declarations', () => {
    const policy = buildPolicy(bundle);
    const options = { declarations: 8000, seed: 77 };
    const history = new History();
    for (const party of partiesOf(options)) history.setStanding(party.role, party.id, party);
    const hits = new Map<string, number>();
    const both = new Map<string, number>();
    let index = 0;
    for (const { declaration: input, receivedAt } of generate(options)) {
      const { declaration } = normalise(input);
      if (declaration === null) throw new Error(input.id);
      const facts = history.facts(declaration, receivedAt, ((index++ * 7919) % 10_007) / 10_007);
      history.add(declaration, receivedAt);
      const codes = decide(declaration, facts, policy).reasons.flatMap(({ kind, code }) =>
        kind === 'profile' ? [code] : [],
      );
      for (const [place, code] of codes.toSorted().entries()) {
        hits.set(code, (hits.get(code) ?? 0) + 1);
        for (const other of codes.toSorted().slice(place + 1)) {
          both.set(`${code} ${other}`, (both.get(`${code} ${other}`) ?? 0) + 1);
        }
      }
    }
    const alike = [...both].filter(([pair, count]) => {
      const [one = '', other = ''] = pair.split(' ');
      const union = (hits.get(one) ?? 0) + (hits.get(other) ?? 0) - count;
      // Of a few hits nothing can be said.
      return union >= 20 && count / union > 0.9;
    });
    expect(alike).toEqual([]);
  });
});
