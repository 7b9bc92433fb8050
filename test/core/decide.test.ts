import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPEN_PLAN } from '../../src/core/capacity.ts';
import { CORRIDORS, type Corridor, severity } from '../../src/core/corridor.ts';
import { decide } from '../../src/core/decide.ts';
import type { ExceptionEntry } from '../../src/core/exceptions.ts';
import type { Policy, RandomLane } from '../../src/core/policy.ts';
import type { Match, Profile, ProfileFault } from '../../src/core/profile.ts';
import { declaration, neutralFacts } from '../helpers/declaration.ts';

const NO_SCOPE = { offices: [], regimes: [], procedures: [], categories: [], validFrom: null, validUntil: null };

function profile(id: string, patch: Partial<Profile> = {}): Profile {
  return {
    id,
    title: `Title of ${id}`,
    target: 'undervaluation',
    corridor: 'yellow',
    measures: [{ code: 'documentary_check', instructions: `Check ${id}` }],
    weight: 0.4,
    group: 'undervaluation',
    damageTiyn: null,
    mandatory: false,
    scope: NO_SCOPE,
    percentage: 100,
    onError: 'documents',
    ...patch,
  };
}

/** A policy whose profiles all hit, but for those that fail; what is under test is what `decide` makes of it. */
function policy(hits: readonly Profile[], patch: Partial<Policy> = {}, failing: readonly Profile[] = []): Policy {
  return {
    version: 'test',
    compilerVersion: '1',
    profiles: {
      profiles: [...hits, ...failing],
      match: (_declaration, _facts, exempt) => ({
        hits: hits
          .filter(({ id }) => !exempt.has(id))
          .map((of): Match => ({ profile: of, items: [1], values: { a: 1 } })),
        faults: failing.map((of): ProfileFault => ({ profile: of, item: null, message: 'division by zero' })),
      }),
    },
    exceptions: [],
    random: { lanes: [], offices: {} },
    capacity: OPEN_PLAN,
    ...patch,
  };
}

const D = declaration();
const FACTS = neutralFacts(D);

function exception(patch: Partial<ExceptionEntry>): ExceptionEntry {
  return {
    id: 'X-1',
    kind: 'exempt',
    parties: ['123456789012'],
    hsPrefixes: [],
    offices: [],
    profiles: ['A'],
    corridor: null,
    reason: 'Agreed with the trader',
    validFrom: 0,
    validUntil: D.lodgedAt + 1,
    ...patch,
  };
}

describe('decide', () => {
  it('sends a declaration that nothing speaks against down green, released', () => {
    const decision = decide(D, FACTS, policy([]));
    expect(decision).toMatchObject({ corridor: 'green', released: true, score: 0, reasons: [], measures: [] });
  });

  it('takes the most severe corridor that stands, with the measures of every reason once', () => {
    const measures = [{ code: 'documentary_check', instructions: 'Check the invoice' }];
    const hits = [profile('A', { measures }), profile('B', { corridor: 'red' }), profile('C', { measures })];
    const decision = decide(D, FACTS, policy(hits));
    expect(decision.corridor).toBe('red');
    expect(decision.released).toBe(false);
    expect(decision.reasons.map(({ code }) => code)).toEqual(['B', 'A', 'C']);
    expect(decision.measures.map(({ instructions }) => instructions)).toEqual(['Check B', 'Check the invoice']);
  });

  it('releases blue, but keeps its measures for the audit', () => {
    const decision = decide(D, FACTS, policy([profile('A', { corridor: 'blue' })]));
    expect(decision).toMatchObject({ corridor: 'blue', released: true });
    expect(decision.measures).toHaveLength(1);
  });

  it('gives the same score and corridor when a profile is added twice', () => {
    const one = decide(D, FACTS, policy([profile('A'), profile('B', { group: 'other' })]));
    const two = decide(D, FACTS, policy([profile('A'), profile('A2'), profile('B', { group: 'other' })]));
    expect(two.score).toBe(one.score);
    expect(two.corridor).toBe(one.corridor);
    expect(two.expectedDamageTiyn).toBe(one.expectedDamageTiyn);
  });

  it('takes model scores as evidence of their group', () => {
    const model = { model: 'm', version: '1', group: 'undervaluation', probability: 0.7, reasons: [] };
    const decision = decide(D, { ...FACTS, models: [model] }, policy([profile('A')]));
    expect(decision.score).toBeCloseTo(0.7, 12);
  });

  it('expects the damage of the duties, or the fixed damage of a hit where that is more', () => {
    expect(decide(D, FACTS, policy([profile('A', { weight: 0.5 })])).expectedDamageTiyn).toBe(2_500_000);
    const unsafe = profile('A', { weight: 0.5, damageTiyn: 1_000_000_000 });
    expect(decide(D, FACTS, policy([unsafe])).expectedDamageTiyn).toBe(500_000_000);
  });

  describe('exceptions', () => {
    it('skips the profiles that a live exemption names, by id or by target', () => {
      for (const profiles of [['A'], ['undervaluation']]) {
        expect(decide(D, FACTS, policy([profile('A')], { exceptions: [exception({ profiles })] })).corridor).toBe(
          'green',
        );
      }
    });

    it('leaves other profiles, other parties and expired entries alone', () => {
      const others = [
        { profiles: ['B'] },
        { parties: ['999999999999'] },
        { validUntil: D.lodgedAt },
        { hsPrefixes: ['84'] },
      ];
      for (const patch of others) {
        expect(decide(D, FACTS, policy([profile('A')], { exceptions: [exception(patch)] })).corridor).toBe('yellow');
      }
    });

    it('forces control for as long as the entry lives', () => {
      const forced = exception({ kind: 'force', corridor: 'red', profiles: [] });
      const decision = decide(D, FACTS, policy([], { exceptions: [forced] }));
      expect(decision).toMatchObject({ corridor: 'red' });
      expect(decision.reasons[0]).toMatchObject({ kind: 'forced', code: 'X-1', text: 'Agreed with the trader' });
      const expired = exception({ ...forced, validUntil: D.lodgedAt });
      expect(decide(D, FACTS, policy([], { exceptions: [expired] })).corridor).toBe('green');
    });
  });

  describe('faults', () => {
    it('asks for documents by default, an inspection where the profile says so, and changes no other hit', () => {
      const red = profile('F', { onError: 'inspect' });
      expect(decide(D, FACTS, policy([], {}, [profile('F')])).corridor).toBe('yellow');
      expect(decide(D, FACTS, policy([], {}, [red])).corridor).toBe('red');
      const decision = decide(D, FACTS, policy([profile('A')], {}, [profile('F')]));
      expect(decision.reasons.map(({ kind, code }) => `${kind} ${code}`)).toEqual(['profile A', 'fault F']);
    });

    it('lets a fault pass only where the profile may miss and is not mandatory', () => {
      expect(decide(D, FACTS, policy([], {}, [profile('F', { onError: 'miss' })])).corridor).toBe('green');
      const mandatory = profile('F', { onError: 'miss', mandatory: true });
      expect(decide(D, FACTS, policy([], {}, [mandatory])).corridor).toBe('yellow');
    });
  });

  describe('capacity', () => {
    const dear = { price: (_office: string, corridor: Corridor) => (corridor === 'red' ? 10_000_000 : 0) };

    it('moves what does not pay for its control to a lighter corridor, and says so', () => {
      const decision = decide(D, FACTS, policy([profile('A', { corridor: 'red' })], { capacity: dear }));
      expect(decision.corridor).toBe('yellow');
      expect(decision.reasons[0]).toMatchObject({ corridor: 'red', settled: 'yellow' });
    });

    it('never moves a mandatory hit', () => {
      const ban = profile('A', { corridor: 'red', mandatory: true });
      expect(decide(D, FACTS, policy([ban], { capacity: dear })).corridor).toBe('red');
    });
  });

  describe('random selection', () => {
    const lane = (corridor: 'red' | 'yellow', percent: number): RandomLane => ({
      corridor,
      measures: [{ code: 'random_control', instructions: 'Control in full' }],
      percent: { low: 0, medium: percent, high: percent * 2 },
    });
    const random = { lanes: [lane('red', 1), lane('yellow', 2)], offices: { '55302': [lane('red', 50)] } };
    const elsewhere = declaration({ office: '50101' });
    const drawn = (value: number, of = elsewhere, category: 'low' | 'medium' | 'high' = 'medium') =>
      decide(of, neutralFacts(of, { draw: { value, keyId: 'k' } }, category), policy([], { random })).corridor;

    it('draws by lane, office and category of the trader', () => {
      expect([drawn(0.005), drawn(0.02), drawn(0.04)]).toEqual(['red', 'yellow', 'green']);
      expect([drawn(0.015, elsewhere, 'high'), drawn(0.005, elsewhere, 'low')]).toEqual(['red', 'green']);
      expect(drawn(0.4, D)).toBe('red');
    });

    it('keeps the more selective draw of goods withdrawn and sent again', () => {
      const inherited = { declarationId: 'D-0', corridor: 'green', draw: 0.005 } as const;
      const decision = decide(elsewhere, neutralFacts(elsewhere, { inherited }), policy([], { random }));
      expect(decision.corridor).toBe('red');
    });

    it('selects the share of hits that a percentage names, the same ones each time, all of a mandatory profile', () => {
      const half = profile('A', { percentage: 30 });
      const facts = Array.from({ length: 5000 }, (_, i) =>
        neutralFacts(D, { draw: { value: (i + 0.5) / 5000, keyId: 'k' } }),
      );
      const controlled = facts.filter((of) => decide(D, of, policy([half])).corridor === 'yellow').length;
      expect(controlled / 5000).toBeGreaterThan(0.27);
      expect(controlled / 5000).toBeLessThan(0.33);
      const mandatory = { ...half, mandatory: true };
      expect(facts.every((of) => decide(D, of, policy([mandatory])).corridor === 'yellow')).toBe(true);
    });
  });

  it('never makes an amendment, or like goods sent again, lighter than before', () => {
    const corridor = fc.constantFrom(...CORRIDORS);
    fc.assert(
      fc.property(corridor, corridor, fc.option(fc.constantFrom('blue', 'yellow', 'red')), (before, withdrawn, hit) => {
        const facts = neutralFacts(D, {
          previous: { version: 1, corridor: before },
          inherited: { declarationId: 'D-0', corridor: withdrawn, draw: 1 },
        });
        const hits = hit === null ? [] : [profile('A', { corridor: hit as 'blue' | 'yellow' | 'red' })];
        const decided = severity(decide(D, facts, policy(hits)).corridor);
        expect(decided).toBeGreaterThanOrEqual(severity(before));
        expect(decided).toBeGreaterThanOrEqual(severity(withdrawn));
      }),
    );
  });
});
