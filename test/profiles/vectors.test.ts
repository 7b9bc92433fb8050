import { describe, expect, it } from 'vitest';
import { REGIMES } from '../../src/core/declaration.ts';
import { normalise } from '../../src/core/normalise.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { PolicyError } from '../../src/profiles/problems.ts';
import { baseDeclaration } from '../../src/profiles/vector-bases.ts';
import { runVectors } from '../../src/profiles/vectors.ts';
import { caseOf } from '../helpers/cases.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { policyOf } from '../helpers/policy-of.ts';

function failures(
  when: string,
  tests: readonly Record<string, unknown>[],
  settings: Record<string, unknown> = {},
): string[] {
  const bundle = policyOf({ P: { when, tests, ...settings } });
  return runVectors(bundle, buildPolicy(bundle)).map(({ message }) => message);
}

const HIT = { name: 'hit', hits: true };
const MISS = { name: 'miss', declaration: { office: '55302' }, hits: false };
const WHEN = 'declaration.office != "55302"';

describe('the tests of profiles', () => {
  it('all hold in the small policy', () => {
    const bundle = fixtureBundle();
    expect(runVectors(bundle, buildPolicy(bundle))).toEqual([]);
  });

  it('tell of those that do not hold, with their place', () => {
    const bundle = fixtureBundle();
    const file = 'profiles/UD-001.yaml';
    const wrong = fixtureBundle({ [file]: (bundle.files[file] ?? '').replace('Roasted coffee', 'Goods: coffee') });
    expect(runVectors(wrong, buildPolicy(wrong))).toEqual([
      {
        file,
        line: 14,
        column: 5,
        profile: 'UD-001',
        test: 'a plain name',
        message: 'the test "a plain name" should not hit, and does hit',
      },
    ]);
    expect(failures('item.no > 5', [HIT, MISS])).toEqual(['the test "hit" should hit, and does not']);
  });

  it('must have one that hits and one that does not', () => {
    expect(() => buildPolicy(policyOf({ P: { when: 'true', tests: [HIT] } }))).toThrow(PolicyError);
    expect(() => buildPolicy(policyOf({ P: { when: 'true', tests: [MISS] } }))).toThrow('at least one with hits: true');
  });

  it('fail where the profile fails', () => {
    expect(failures('1 / (item.no - 1) > 0', [HIT, MISS])).toEqual([
      'the test "hit" fails with an error: division by zero',
      'the test "miss" fails with an error: division by zero',
    ]);
  });

  it.each([
    [{ declaration: { ofice: 'x' } }, 'declaration has no ofice (did you mean office?)'],
    [{ declaration: { items: [{ hscode: '1' }] } }, 'declaration.items[0] has no hscode (did you mean hsCode?)'],
    [{ declaration: { items: {} } }, 'declaration.items must be a list'],
    [{ declaration: { office: 55301 } }, 'declaration.office must be a string: write "55301"'],
    [{ declaration: { lodgedAt: 'today' } }, 'declaration/lodgedAt must be an ISO 8601 date'],
    [{ facts: { trader: { risk: 'high' } } }, 'facts.trader has no risk'],
    [{ facts: { parties: [{ role: 'broker', category: 'high' }] } }, 'facts: no broker is declared'],
    [{ facts: { items: [{ valuePerKg: { p50: 1 } }] } }, 'facts: valuePerKg needs n and p50'],
    [{ facts: { trader: { arrears: 'much' } } }, 'facts: arrears of importer must be a decimal amount of KZT'],
    [{ facts: { receivedAt: 'now' } }, 'facts.receivedAt must be a date'],
  ])('cannot be run with a patch like %j', (patch, message) => {
    const [failure] = failures(WHEN, [{ ...HIT, ...patch }, MISS]);
    expect(failure).toContain('the test "hit" cannot be run');
    expect(failure).toContain(message);
  });

  it('start within the scope of the profile', () => {
    const scope = {
      regimes: ['export'],
      offices: ['55099'],
      procedures: ['53'],
      categories: ['high'],
      validFrom: '2020-01-01',
      validUntil: '2021-01-01',
    };
    expect(failures(WHEN, [HIT, MISS], { scope })).toEqual([]);
  });
});

describe('what patches are merged over', () => {
  it.each(REGIMES)('is a valid declaration: %s', (regime) => {
    expect(normalise(baseDeclaration(regime)).faults).toBeNull();
  });

  it('is merged field by field, items by position, parties by role; other lists are replaced', () => {
    const { declaration, facts } = caseOf(
      {
        items: [{ hsCode: '6403510000', duties: [] }, { customsValue: { amount: '100.50' } }],
        parties: [
          { role: 'importer', id: '1' },
          { role: 'broker', name: 'B' },
        ],
      },
      { trader: { category: 'high' }, parties: [{ role: 'broker', category: 'low', arrears: '1.50' }] },
    );
    expect(declaration.items).toMatchObject([
      { no: 1, hsCode: '6403510000', duties: [], netMassKg: 100 },
      { no: 2, hsCode: '0901210009', customsValue: { amount: '100.50', currency: 'KZT', tiyn: 10_050 } },
    ]);
    expect(declaration.customsValueTotal.tiyn).toBe(30_010_050);
    expect(declaration.parties[0]).toMatchObject({ role: 'importer', id: '1', country: 'KZ' });
    expect(declaration.parties.at(-1)).toMatchObject({ role: 'broker', name: 'B' });
    expect(facts.parties[0]).toMatchObject({ role: 'importer', category: 'high', known: true });
    expect(facts.parties.at(-1)).toMatchObject({ role: 'broker', category: 'low', arrearsTiyn: 150 });
  });
});
