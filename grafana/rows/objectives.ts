import { BUDGET_WINDOW, BURN_WINDOWS, budgetOf, OBJECTIVES, type Objective, recordedRatio } from '../objectives.ts';
import type { DashboardSpec, PanelSpec } from '../panels.ts';

const SINGLE = 'job=~"$job",route="single"';
const BATCH = 'job=~"$job",route="batch"';

/** Sums over all instances of the chosen jobs: an objective is one of the service, not of a process. */
export function objectiveRows(): DashboardSpec['rows'] {
  return [
    { title: 'Objectives', panels: [...OBJECTIVES.map(share), ...OBJECTIVES.map(budgetLeft), within(), latency()] },
    { title: 'Burn rates', panels: OBJECTIVES.map(burnRate) },
    { title: 'Readiness', panels: [readiness()] },
  ];
}

const percent = ({ target }: Objective): string => `${Number((target * 100).toFixed(4))} %`;

function ratio({ key }: Objective, window: string): string {
  return `${recordedRatio(window)}{job=~"$job",objective="${key}"}`;
}

function share(objective: Objective): PanelSpec {
  return {
    title: `Share ${objective.title}, last hour`,
    description: `The objective is ${percent(objective)} over 30 days. Empty where nothing was asked.`,
    unit: 'percentunit',
    kind: 'stat',
    queries: [{ expr: `1 - ${ratio(objective, '1h')}`, legend: '{{job}}' }],
    bad: { at: objective.target, falling: true },
  };
}

function budgetLeft(objective: Objective): PanelSpec {
  return {
    title: `Error budget left: ${objective.title}`,
    description: 'Of the last 30 days. Below zero the objective is missed: changes wait, and mending comes first.',
    unit: 'percentunit',
    kind: 'stat',
    queries: [{ expr: `1 - ${ratio(objective, BUDGET_WINDOW)} / ${budgetOf(objective)}`, legend: '{{job}}' }],
    bad: { at: 0.1, falling: true },
  };
}

function within(): PanelSpec {
  const decided = (seconds: string): string =>
    `sum(rate(corridor_answer_seconds_bucket{${SINGLE},outcome="decided",le="${seconds}"}[$__rate_interval]))` +
    ` / sum(rate(corridor_answer_seconds_count{${SINGLE}}[$__rate_interval]))`;
  return {
    title: 'Decisions within 5 ms and 25 ms',
    description: 'Share of single declarations with a decision in that time; what is answered with 202 counts as late.',
    unit: 'percentunit',
    width: 12,
    max: 1,
    queries: [
      { expr: decided('0.005'), legend: 'within 5 ms' },
      { expr: decided('0.025'), legend: 'within 25 ms' },
    ],
  };
}

function latency(): PanelSpec {
  const quantile = (q: number, selector: string): string =>
    `histogram_quantile(${q}, sum by (le) (rate(corridor_answer_seconds_bucket{${selector}}[$__rate_interval])))`;
  return {
    title: 'Time to the answer',
    description: 'From the end of the request. Lines of a batch wait for their turn: throughput comes first there.',
    unit: 's',
    width: 12,
    queries: [
      { expr: quantile(0.5, SINGLE), legend: 'single p50' },
      { expr: quantile(0.95, SINGLE), legend: 'single p95' },
      { expr: quantile(0.99, SINGLE), legend: 'single p99' },
      { expr: quantile(0.99, BATCH), legend: 'line of a batch p99' },
    ],
  };
}

function burnRate(objective: Objective): PanelSpec {
  const limits = BURN_WINDOWS.map(({ factor, long, severity }) => `${factor} over ${long} (${severity})`);
  return {
    title: `Burn rate: ${objective.title}`,
    description: `1 spends the budget in exactly 30 days. Alerts at ${limits.join(', ')}.`,
    unit: 'short',
    queries: BURN_WINDOWS.map(({ long }) => ({
      expr: `${ratio(objective, long)} / ${budgetOf(objective)}`,
      legend: `${long} {{job}}`,
    })),
    bad: { at: 1 },
  };
}

function readiness(): PanelSpec {
  return {
    title: 'Ready to decide',
    description: 'Each condition of /readyz, the worst of all instances: 1 holds, 0 does not.',
    unit: 'short',
    width: 24,
    max: 1,
    queries: [{ expr: 'min by (check) (corridor_ready{job=~"$job"})', legend: '{{check}}' }],
  };
}
