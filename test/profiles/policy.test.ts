import { describe, expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import type { Item } from '../../src/core/declaration.ts';
import { REASON_ITEMS_MAX, REASON_VALUE_LENGTH_MAX, REASON_VALUES_MAX } from '../../src/limits.ts';
import { buildPolicy, COMPILER_VERSION } from '../../src/profiles/policy.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { type Case, caseOf, faultIds, hitIds, match } from '../helpers/cases.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { policyOf } from '../helpers/policy-of.ts';

const RED = { items: [{ hsCode: '9303200000', description: 'hunting rifles' }] };

describe('a policy', () => {
  const policy = buildPolicy(fixtureBundle());

  it('names its version and that of its compiler', () => {
    expect(policy.version).toMatch(/^fixture-[0-9a-f]{12}$/);
    expect(policy.compilerVersion).toBe(COMPILER_VERSION);
    expect(policy.profiles.profiles.map(({ id }) => id)).toEqual([
      'AD-001',
      'BR-001',
      'CP-001',
      'TR-001',
      'UD-001',
      'UV-001',
    ]);
  });

  it('releases an unremarkable declaration', () => {
    const { declaration, facts } = caseOf();
    const decision = decide(declaration, facts, policy);
    expect(decision).toMatchObject({ corridor: 'green', released: true, reasons: [], score: 0 });
  });

  it('says which items hit, and the values that made the first one hit', () => {
    const { hits } = match(policy, caseOf({ items: [{}, { hsCode: '9303200000' }, { hsCode: '9301100000' }] }));
    expect(hits).toHaveLength(1);
    expect(hits[0]).toMatchObject({ profile: { id: 'BR-001' }, items: [2, 3] });
    expect(hits[0]?.values).toMatchObject({ 'item.hsCode': '9303200000' });
  });

  it('gives hits in ascending order of profile, whatever their level', () => {
    const { declaration, facts } = caseOf({
      items: [{ hsCode: '7304410009', originCountry: 'CN', description: 'goods' }],
    });
    const high = caseOf(
      { items: [{ hsCode: '7304410009', originCountry: 'CN', description: 'goods' }] },
      { trader: { category: 'high', openViolations: 1 } },
    );
    expect(hitIds(match(policy, { declaration, facts }))).toEqual(['AD-001', 'UD-001']);
    expect(hitIds(match(policy, high))).toEqual(['AD-001', 'CP-001', 'UD-001']);
  });

  it('does not ask profiles that are exempt', () => {
    expect(hitIds(match(policy, caseOf(RED), new Set(['BR-001'])))).toEqual([]);
    expect(hitIds(match(policy, caseOf(RED), new Set(['UV-001'])))).toEqual(['BR-001']);
  });

  it('makes a fault of a suspended profile where it is in scope, hit or not', () => {
    const { declaration, facts } = caseOf();
    const suspended = { declaration, facts: { ...facts, suspended: ['BR-001', 'TR-001', 'unknown'] } };
    const matches = match(policy, suspended);
    expect(hitIds(matches)).toEqual([]);
    expect(matches.faults).toMatchObject([{ profile: { id: 'BR-001' }, item: null }]);
    expect(faultIds(match(policy, suspended, new Set(['BR-001'])))).toEqual([]);
    // BR-001 orders an inspection where it fails.
    expect(decide(declaration, suspended.facts, policy).corridor).toBe('red');
  });

  it('exempts and forces by the list of exceptions', () => {
    const cheap = { items: [{ customsValue: { amount: '100000', currency: 'KZT' } }] };
    const facts = { items: [{ valuePerKg: { n: 100, p50: 3000 } }] };
    const plain = caseOf(cheap, facts);
    expect(decide(plain.declaration, plain.facts, policy).corridor).toBe('yellow');
    const exempt = caseOf({ ...cheap, parties: [{ role: 'importer', id: '180340012349' }] }, facts);
    expect(decide(exempt.declaration, exempt.facts, policy).corridor).toBe('green');
    const forced = caseOf({ parties: [{ role: 'carrier', id: '990140000099' }] });
    expect(decide(forced.declaration, forced.facts, policy)).toMatchObject({
      corridor: 'red',
      reasons: [{ kind: 'forced', code: 'EX-2' }],
    });
  });

  it('draws by the lanes of the office', () => {
    const { declaration, facts } = caseOf({ office: '55099' });
    expect(decide(declaration, facts, policy)).toMatchObject({ corridor: 'red', reasons: [{ kind: 'random' }] });
  });

  it('lets a profile with a percentage select about that share, by the draw alone', () => {
    const { declaration, facts } = caseOf({}, { trader: { category: 'high', openViolations: 1 } });
    const drawn = (value: number) =>
      decide(declaration, { ...facts, draw: { value, keyId: 'k' } }, policy).reasons.some(
        ({ code }) => code === 'CP-001',
      );
    const draws = Array.from({ length: 4000 }, (_, i) => (i + 0.5) / 4000);
    const selected = draws.filter(drawn);
    expect(selected.length / draws.length).toBeGreaterThan(0.45);
    expect(selected.length / draws.length).toBeLessThan(0.55);
    expect(draws.filter(drawn)).toEqual(selected);
  });

  it('gives the same bytes for the same input, on another build of the same rules too', () => {
    const other = buildPolicy(fixtureBundle());
    for (const patch of [{}, RED, { items: [{ description: 'goods' }, { description: 'spare parts' }] }]) {
      const { declaration, facts } = caseOf(patch);
      const first = encode(decide(declaration, facts, policy));
      expect(encode(decide(declaration, facts, policy))).toEqual(first);
      expect(encode(decide(declaration, facts, other))).toEqual(first);
    }
  });

  it('bounds the items and values of a hit', () => {
    const operands = Array.from({ length: 20 }, (_, i) => `item.description != "${i}"`).join(' && ');
    const many = buildPolicy(
      policyOf({
        P: { when: `${operands} && ${Array.from({ length: 20 }, (_, i) => `item.no > -${i}`).join(' && ')}` },
      }),
    );
    const items = Array.from({ length: 60 }, () => ({ description: '🙂x'.repeat(400) }));
    const [hit] = match(many, caseOf({ items })).hits;
    expect(hit?.items).toEqual(Array.from({ length: REASON_ITEMS_MAX }, (_, i) => i + 1));
    const values = Object.values(hit?.values ?? {});
    expect(values.length).toBeLessThanOrEqual(REASON_VALUES_MAX);
    for (const value of values) {
      if (typeof value !== 'string') continue;
      expect(value.length).toBeLessThanOrEqual(REASON_VALUE_LENGTH_MAX);
      expect(value.isWellFormed()).toBe(true);
    }
  });

  it('shows which profile it is evaluating', () => {
    const progress = new Int32Array(1);
    const profiles = { A: { when: 'item.brand == "x" || true' }, B: { when: 'item.brand == "y" || true' } };
    const watched = buildPolicy(policyOf(profiles), { progress });
    const { declaration, facts } = caseOf();
    const seen: number[] = [];
    const item = Object.defineProperty({ ...declaration.items[0] }, 'brand', {
      get: () => {
        seen.push(progress[0] as number);
        return null;
      },
    }) as Item;
    expect(progress[0]).toBe(-1);
    match(watched, { declaration: { ...declaration, items: [item] }, facts });
    expect([...new Set(seen)]).toEqual([0, 1]);
    expect(progress[0]).toBe(-1);
  });
});

describe('the scope of a profile', () => {
  const scoped = (scope: unknown) => buildPolicy(policyOf({ P: { when: 'true', level: 'declaration', scope } }));
  const hits = (scope: unknown, given: Case) => hitIds(match(scoped(scope), given)).length === 1;

  it('holds by office, regime, procedure and category of the trader', () => {
    expect(hits({ offices: ['55301', '55302'] }, caseOf({ office: '55302' }))).toBe(true);
    expect(hits({ offices: ['55301', '55302'] }, caseOf({ office: '55303' }))).toBe(false);
    expect(hits({ regimes: ['export', 'transit'] }, caseOf({}, {}, 'transit'))).toBe(true);
    expect(hits({ regimes: ['export', 'transit'] }, caseOf())).toBe(false);
    expect(hits({ procedures: ['40'] }, caseOf({ procedure: '53' }))).toBe(false);
    expect(hits({ categories: ['high'] }, caseOf({}, { trader: { category: 'high' } }))).toBe(true);
    expect(hits({ categories: ['high'] }, caseOf())).toBe(false);
    // The category of another party is not that of the trader.
    expect(hits({ categories: ['high'] }, caseOf({}, { parties: [{ role: 'carrier', category: 'high' }] }))).toBe(
      false,
    );
    expect(hits({}, caseOf())).toBe(true);
  });

  it('holds from the first day on and ends before the last, by event time', () => {
    const scope = { validFrom: '2026-01-01', validUntil: '2026-02-01' };
    const at = (receivedAt: string) => hits(scope, caseOf({ lodgedAt: '2020-01-01' }, { receivedAt }));
    expect(at('2025-12-31T23:59:59Z')).toBe(false);
    expect(at('2026-01-01')).toBe(true);
    expect(at('2026-01-31T23:59:59Z')).toBe(true);
    expect(at('2026-02-01')).toBe(false);
  });

  it('lets no fault out where it does not hold', () => {
    const bundle = policyOf({ P: { when: '1 / (item.no - 1) > 0', scope: { offices: ['55302'] } } });
    expect(faultIds(match(buildPolicy(bundle), caseOf()))).toEqual([]);
    expect(faultIds(match(buildPolicy(bundle), caseOf({ office: '55302' })))).toEqual(['P']);
  });
});

describe('a profile that fails', () => {
  const SOUND = { A: { when: 'item.no == 1' }, Z: { when: 'declaration.office == "55301"', level: 'declaration' } };
  const errs = { when: '10 / (item.no - 1) > 1' };
  const costs = { when: 'declaration.items.all(i, declaration.transit.seals.all(s, true))', level: 'declaration' };
  const backtracks = { when: 'item.description.matches("^(a+)+$")' };
  const seals = Array.from({ length: 100 }, (_, i) => `S${i}`);
  const items = Array.from({ length: 300 }, () => ({ description: `${'a'.repeat(1900)}b` }));
  const given = caseOf({ items, transit: { seals } }, {}, 'transit');

  it('leaves the decisions of the others as they were', () => {
    const alone = match(buildPolicy(policyOf(SOUND)), given);
    const beside = match(buildPolicy(policyOf({ ...SOUND, B: errs, C: costs, D: backtracks })), given);
    expect(hitIds(alone)).toEqual(['A', 'Z']);
    expect(beside.hits.filter(({ profile }) => profile.id in SOUND)).toEqual(alone.hits);
    expect(beside.faults.map(({ profile, item, message }) => [profile.id, item, message])).toEqual([
      ['B', 1, 'division by zero'],
      ['C', null, 'more than 20000 steps in comprehensions'],
    ]);
  });

  it('on one item still hits on another', () => {
    const matches = match(buildPolicy(policyOf({ B: errs })), caseOf({ items: [{}, {}, {}] }));
    expect(matches.hits.map(({ items }) => items)).toEqual([[2, 3]]);
    expect(matches.faults).toMatchObject([{ item: 1 }]);
  });

  it.each([
    ['documents', 'yellow', 'documentary_check'],
    ['inspect', 'red', 'physical_examination'],
    ['miss', 'green', null],
  ] as const)('with onError %s goes %s', (onError, corridor, measure) => {
    const policy = buildPolicy(policyOf({ P: { ...errs, onError } }));
    const { declaration, facts } = caseOf();
    const decision = decide(declaration, facts, policy);
    expect(decision.corridor).toBe(corridor);
    expect(decision.measures.map(({ code }) => code)).toEqual(measure === null ? [] : [measure]);
  });

  it('in its exception is a fault, not a hit and not a miss', () => {
    const policy = buildPolicy(policyOf({ P: { when: 'true', unless: '10 / (item.no - 1) > 1' } }));
    const matches = match(policy, caseOf());
    expect(hitIds(matches)).toEqual([]);
    expect(faultIds(matches)).toEqual(['P']);
  });

  it('does not fail where another condition decides', () => {
    const when = '10 / (item.no - 1) > 1 && item.brand == "ACME"';
    expect(match(buildPolicy(policyOf({ P: { when } })), caseOf())).toEqual({ hits: [], faults: [] });
  });

  it('leaves nothing behind where a declaration is not in normal form', () => {
    const policy = buildPolicy(policyOf({ ...SOUND, H: { when: 'item.hsCode.startsWith("99")' } }));
    const { declaration, facts } = caseOf();
    const broken = [declaration.items[0], null, declaration.items[0]] as Item[];
    expect(() => match(policy, { declaration: { ...declaration, items: broken }, facts })).toThrow();
    expect(hitIds(match(policy, caseOf({ office: '55302', items: [{ no: 5 }] })))).toEqual([]);
  });
});
