import { expect, it } from 'vitest';
import { Alerts, type Observed } from '../../src/desk/alerts.ts';

const T0 = Date.parse('2026-03-02T09:30:00Z');
const PLAN = { green: 77.3, blue: 2.7, yellow: 16.4, red: 3.6 };
const CALM: Observed = {
  checks: [{ name: 'ledger', ok: true, detail: 'writable' }],
  counts: [773, 27, 164, 36],
  plan: PLAN,
  p99Ms: 8,
  profileFaults: 5,
  quarantined: 7,
};

function names(alerts: Alerts): string[] {
  return alerts.current().map(({ name }) => name);
}

it('there is none where all is as it should be; what was there before is no growth', () => {
  const alerts = new Alerts();
  alerts.observe(CALM, T0);
  alerts.observe({ ...CALM, quarantined: 2 }, T0 + 1000);
  alerts.observe({ ...CALM, quarantined: 2, plan: null, counts: [0, 0, 0, 99_999] }, T0 + 2000);
  expect(alerts.current()).toEqual([]);
});

it('a condition of being ready that fails is critical, and has stood since it failed', () => {
  const alerts = new Alerts();
  const failed = { ...CALM, checks: [{ name: 'ledger', ok: false, detail: 'cannot be written' }], p99Ms: 40 };
  alerts.observe({ ...CALM, p99Ms: 40 }, T0);
  alerts.observe(failed, T0 + 1000);
  alerts.observe(failed, T0 + 2000);
  expect(alerts.current()).toEqual([
    {
      ...{ name: 'not_ready.ledger', severity: 'critical', text: 'ledger: cannot be written' },
      since: new Date(T0 + 1000).toISOString(),
    },
    {
      ...{ name: 'slow', severity: 'warning', since: new Date(T0).toISOString() },
      text: '99 % of the latest answers took up to 40.0 ms; the objective is 25 ms',
      values: { p99Ms: 40, objectiveMs: 25 },
    },
  ]);
  alerts.observe(CALM, T0 + 3000);
  expect(alerts.current()).toEqual([]);
  alerts.observe(failed, T0 + 4000);
  expect(alerts.current()[0]?.since).toBe(new Date(T0 + 4000).toISOString());
});

it('a share far from its plan is told where there are enough decisions to tell', () => {
  const alerts = new Alerts();
  alerts.observe({ ...CALM, counts: [699, 0, 100, 200] }, T0);
  expect(names(alerts)).toEqual([]);
  alerts.observe({ ...CALM, counts: [7000, 0, 1000, 2000] }, T0);
  expect(names(alerts)).toEqual(['off_plan.blue', 'off_plan.yellow', 'off_plan.red']);
  expect(alerts.current()[2]?.text).toBe('red: 20.0 % of the last hour, planned 3.6 %');
  expect(alerts.current()[2]?.values).toEqual({ corridor: 'red', share: 20, planned: 3.6 });
});

it('a count that grows is told for ten minutes after it has grown last', () => {
  const alerts = new Alerts();
  alerts.observe(CALM, T0);
  alerts.observe({ ...CALM, profileFaults: 8 }, T0 + 1000);
  alerts.observe({ ...CALM, profileFaults: 9, quarantined: 8 }, T0 + 60_000);
  expect(alerts.current().map(({ text }) => text)).toEqual([
    'Profiles that failed: 4 in the last ten minutes',
    'Set aside for an official: 1 in the last ten minutes',
  ]);
  const still = { ...CALM, profileFaults: 9, quarantined: 8 };
  alerts.observe(still, T0 + 601_001);
  expect(alerts.current()[0]?.text).toBe('Profiles that failed: 1 in the last ten minutes');
  alerts.observe(still, T0 + 660_001);
  expect(alerts.current()).toEqual([]);
});
