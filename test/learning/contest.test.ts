import { expect, it } from 'vitest';
import type { HistoryRow } from '../../src/backtest/segment.ts';
import { addVersions, contestOf, countVersions } from '../../src/learning/contest.ts';
import { declaration, neutralFacts } from '../helpers/declaration.ts';

const START = Date.UTC(2026, 0, 1);
const ALWAYS = { since: START, until: Number.POSITIVE_INFINITY };

function rows(version: string, counts: { green: number; found: number; missed: number }): HistoryRow[] {
  const row = (corridor: 'green' | 'yellow', id: string): HistoryRow => {
    const of = declaration({ id });
    const facts = neutralFacts(of, { receivedAt: START });
    return { declaration: of, facts, submitter: 'local', corridor, policyVersion: version, reasons: [] };
  };
  return [
    ...Array.from({ length: counts.green }, (_, i) => row('green', `${version}-G-${i}`)),
    ...Array.from({ length: counts.found }, (_, i) => row('yellow', `${version}-F-${i}`)),
    ...Array.from({ length: counts.missed }, (_, i) => row('yellow', `${version}-M-${i}`)),
  ];
}
const outcomeOf = (_: string, id: string) => ({ finding: id.includes('-F-') });

it('compares what two versions controlled and found', () => {
  const history = [
    ...rows('old', { green: 800, found: 80, missed: 120 }),
    ...rows('new', { green: 850, found: 100, missed: 50 }),
  ];
  const whole = {};
  addVersions(whole, countVersions(history.slice(0, 900), ALWAYS, outcomeOf));
  addVersions(whole, countVersions(history.slice(900), ALWAYS, outcomeOf));
  const contest = contestOf(whole, ['old'], ['new']);
  expect(contest.champion).toMatchObject({
    version: 'old',
    declarations: 1000,
    controls: 200,
    labelled: 200,
    findings: 80,
  });
  expect(contest.challenger).toMatchObject({ declarations: 1000, controls: 150, findings: 100 });
  expect(contest.controlRate?.difference).toBeCloseTo(-0.05);
  expect(contest.controlRate?.p).toBeLessThan(0.01);
  expect(contest.hitRate?.p).toBeLessThan(0.001);
});

it('says nothing of versions that have decided too little, or before', () => {
  const contest = contestOf(
    countVersions(rows('old', { green: 50, found: 6, missed: 6 }), ALWAYS, outcomeOf),
    ['old'],
    ['new'],
  );
  expect(contest).toMatchObject({
    controlRate: null,
    hitRate: null,
    challenger: { declarations: 0, hitInterval: null },
  });
  expect(
    countVersions(rows('old', { green: 5, found: 0, missed: 0 }), { ...ALWAYS, since: START + 1 }, outcomeOf),
  ).toEqual({});
});
