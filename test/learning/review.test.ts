import { expect, it } from 'vitest';
import type { HistoryRow } from '../../src/backtest/segment.ts';
import type { Corridor } from '../../src/core/corridor.ts';
import {
  addEffects,
  countEffects,
  type EffectOptions,
  type EffectsData,
  emptyEffects,
} from '../../src/learning/effect.ts';
import { reviewOf } from '../../src/learning/review.ts';
import { declaration, neutralFacts } from '../helpers/declaration.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);

interface Made {
  readonly hits: readonly string[];
  readonly corridor?: Corridor;
  readonly drawn?: boolean;
  /** Undefined: not known. */
  readonly finding?: boolean;
  readonly day?: number;
}

const findings = new Map<string, boolean>();
let made = 0;

function row({ hits, corridor = 'yellow', drawn = false, finding, day = 0 }: Made): HistoryRow {
  const of = declaration({ id: `D-${++made}` });
  if (finding !== undefined) findings.set(of.id, finding);
  const reasons = [
    ...hits.map((code) => ({ kind: 'profile', code, settled: corridor })),
    ...(drawn ? [{ kind: 'random', code: 'random', settled: corridor }] : []),
  ];
  const facts = neutralFacts(of, { receivedAt: START + day * DAY_MS });
  return { declaration: of, facts, submitter: 'local', corridor, policyVersion: 'p', reasons };
}

const OPTIONS: EffectOptions = {
  ...{ from: START, until: START + 400 * DAY_MS, drawn: { low: 0.01, medium: 0.02, high: 0.05 } },
  outcomeOf(submitter, id) {
    const finding = findings.get(id);
    if (finding === undefined) return null;
    const kept = { submitter, id, controlledAt: START, finding, code: '', recoveredTiyn: finding ? 100 : 0 };
    return { ...kept, recordedAt: START, by: 'x' };
  },
};
const many = (count: number, of: Made) => Array.from({ length: count }, () => row(of));
const profile = (id: string, mandatory = false) => ({ id, title: id, mandatory });

function review(effects: EffectsData, ...ids: string[]) {
  return reviewOf(
    ids.map((id) => profile(id)),
    effects,
    new Map(),
  );
}

it('counts hits, controls, findings and what they brought, in the window only', () => {
  const effects = countEffects(
    [
      ...many(3, { hits: ['A'], finding: true, day: 3 }),
      ...many(5, { hits: ['A', 'B'], finding: false }),
      ...many(2, { hits: ['A'], corridor: 'blue' }),
      ...many(4, { hits: ['A'], day: 500 }),
      ...many(6, { hits: [], corridor: 'green' }),
    ],
    OPTIONS,
  );
  expect(effects).toMatchObject({ declarations: 16, controls: 8 });
  const [a, b] = review(effects, 'A', 'B');
  expect(a).toMatchObject({
    hits: 10,
    controls: 8,
    labelled: 8,
    findings: 3,
    alone: 3,
    recoveredTiyn: 300,
    rate: 3 / 8,
  });
  expect(a?.lastFindingAt).toBe(new Date(START + 3 * DAY_MS).toISOString());
  expect(b).toMatchObject({ hits: 5, findings: 0, lastFindingAt: null });
  expect(a?.overlaps).toEqual([{ id: 'B', both: 5, similarity: 0.5 }]);
});

it('is the same in parts', () => {
  const rows = [
    ...many(5, { hits: ['A'], finding: true }),
    ...many(5, { hits: ['A', 'B'], drawn: true, finding: false }),
  ];
  const whole = emptyEffects();
  addEffects(whole, countEffects(rows.slice(0, 3), OPTIONS));
  addEffects(whole, countEffects(rows.slice(3), OPTIONS));
  expect(whole).toEqual(countEffects(rows, OPTIONS));
});

it('weighs what was drawn at random by its chance', () => {
  const effects = countEffects(
    [
      ...many(3, { hits: ['A'], drawn: true, finding: true }),
      ...many(9, { hits: ['A'], drawn: true, finding: false }),
      ...many(40, { hits: ['A'], finding: true }),
    ],
    OPTIONS,
  );
  expect(review(effects, 'A')[0]?.unbiased).toEqual({ rate: 0.25, of: 12 });
  expect(effects.profiles.A?.drawn.weight).toBeCloseTo(12 / 0.02);
});

it.each<[string, readonly Made[], string, string]>([
  ['finds much', Array(40).fill({ hits: ['A'], finding: true }), 'keep', 'good_rate'],
  [
    'finds little',
    [...Array(10).fill({ hits: ['A'], finding: true }), ...Array(90).fill({ hits: ['A'], finding: false })],
    'sharpen',
    'low_rate',
  ],
  ['finds nothing', Array(200).fill({ hits: ['A'], finding: false }), 'retire', 'few_findings'],
  ['is hardly known', Array(29).fill({ hits: ['A'], finding: false }), 'keep', 'few_outcomes'],
  ['is another one again', Array(50).fill({ hits: ['A', 'B'], finding: true }), 'merge', 'overlap'],
  ['has not hit yet', [{ hits: ['B'] }], 'keep', 'no_hits'],
])('a profile that %s', (_, rows, proposal, key) => {
  const [a] = review(countEffects(rows.map(row), OPTIONS), 'A');
  expect(a).toMatchObject({ proposal, evidence: [{ key }] });
});

it('proposes to retire what has not hit in a long time, and never what the law demands', () => {
  const effects = { ...emptyEffects(), declarations: 20_000, from: START, until: START + 120 * DAY_MS };
  expect(review(effects, 'A')[0]).toMatchObject({ proposal: 'retire', evidence: [{ key: 'no_hits' }] });
  expect(reviewOf([profile('A', true)], effects, new Map())[0]).toMatchObject({ proposal: 'keep' });
});
