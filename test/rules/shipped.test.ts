import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TARGETS } from '../../src/core/profile.ts';
import { readBundle } from '../../src/profiles/bundle.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { runVectors } from '../../src/profiles/vectors.ts';
import { column, readRows } from './lists.ts';

const RULES = join(import.meta.dirname, '..', '..', 'rules');
const bundle = await readBundle(RULES);
const policy = buildPolicy(bundle);
const profiles = policy.profiles.profiles;

describe('the shipped policy', () => {
  it('has 110 profiles', () => {
    expect(profiles).toHaveLength(110);
  });

  it('passes every vector of every profile', () => {
    expect(runVectors(bundle, policy)).toEqual([]);
  });

  it('covers every target', () => {
    expect([...new Set(profiles.map(({ target }) => target))].sort()).toEqual([...TARGETS].sort());
  });

  it('prescribes only measures of the measures list, each with instructions that say what to do', () => {
    const known = column('measures', 'code');
    const lanes = [...policy.random.lanes, ...Object.values(policy.random.offices).flat()];
    for (const { measures } of [...profiles, ...lanes]) {
      for (const { code, instructions } of measures) {
        expect(known).toContain(code);
        expect(instructions.split(' ').length).toBeGreaterThan(5);
      }
    }
  });

  it('controls every hit of a ban, whoever the trader is', () => {
    const mandatory = profiles.filter(({ mandatory }) => mandatory);
    expect(mandatory.length).toBeGreaterThan(3);
    for (const { target, scope } of mandatory) {
      expect(target).toBe('bans_and_restrictions');
      expect(scope.categories).toEqual([]);
    }
  });

  it('treats low-risk traders to fewer random draws than high-risk ones', () => {
    for (const { percent } of policy.random.lanes) {
      expect(percent.low).toBeLessThan(percent.medium);
      expect(percent.medium).toBeLessThan(percent.high);
    }
  });

  it('gives every profile a title in plain language and a weight that is a probability above zero', () => {
    for (const { id, title, weight } of profiles) {
      expect(title, id).toMatch(/^[A-Z].{12,}[^.]$/);
      expect(weight, id).toBeGreaterThan(0);
      expect(weight, id).toBeLessThan(1);
    }
    expect(new Set(profiles.map(({ title }) => title)).size).toBe(profiles.length);
  });
});

describe('the shipped lists', () => {
  it('name only documents of the list of document codes', () => {
    const known = new Set(column('document_codes', 'code'));
    for (const list of ['licences', 'sanitary_control', 'conformity', 'preferential_origins']) {
      for (const document of column(list, 'document')) expect(known, list).toContain(document);
    }
    const texts = Object.entries(bundle.files).filter(([name]) => name.startsWith('profiles/'));
    for (const [name, text] of texts) {
      const asked = text.matchAll(/hasDocument\("(\d+)"\)|d\.code == "(\d+)"/g);
      for (const [, one, other] of asked) expect(known, name).toContain(one ?? other);
    }
  });

  it('are all used by a profile, but for those that people and programs read', () => {
    const reference = new Set(['tariff', 'measures', 'document_codes', 'exceptions']);
    const texts = Object.entries(bundle.files).filter(([name]) => name.startsWith('profiles/'));
    for (const file of Object.keys(bundle.files)) {
      const name = /^lists\/(.+)\.csv$/.exec(file)?.[1];
      if (name === undefined || reference.has(name)) continue;
      expect(
        texts.some(([, text]) => text.includes(`"${name}"`)),
        name,
      ).toBe(true);
    }
  });

  it('give every producer an individual rate below the general one', () => {
    const general = new Map(readRows('anti_dumping').map(({ hs, origin, rate }) => [`${hs} ${origin}`, Number(rate)]));
    for (const { hs, origin, rate } of readRows('anti_dumping_producers')) {
      expect(Number(rate)).toBeLessThan(general.get(`${hs} ${origin}`) ?? 0);
    }
  });

  it('give every licensee a BIN with a valid check digit and a registered brand', () => {
    const brands = new Set(column('ip_register', 'brand'));
    for (const { brand, importer } of readRows('ip_licensees')) {
      expect(brands).toContain(brand);
      expect(importer).toMatch(/^\d{12}$/);
      expect(checkDigit(importer ?? '')).toBe(Number(importer?.at(-1)));
    }
  });

  it('keep an origin under a measure and an origin known for going round it apart', () => {
    const measured = readRows('anti_dumping');
    for (const { hs, origin, target } of readRows('circumvention_origins')) {
      const meets = (row: Record<string, string>) => hs?.startsWith(row.hs ?? '-') || row.hs?.startsWith(hs ?? '-');
      expect(measured.some((row) => meets(row) && row.origin === target)).toBe(true);
      expect(measured.some((row) => meets(row) && row.origin === origin)).toBe(false);
    }
  });
});

/** Of a BIN or IIN: weights 1 to 11; where that gives 10, weights 3 to 11, 1, 2. */
function checkDigit(bin: string): number {
  const sum = (from: number) =>
    [...bin.slice(0, 11)].reduce((total, digit, place) => total + Number(digit) * (((place + from) % 11) + 1), 0) % 11;
  return sum(0) === 10 ? sum(2) : sum(0);
}
