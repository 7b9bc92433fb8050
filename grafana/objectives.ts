/**
 * The objectives, and the windows in which their error budgets are watched: what dashboards and rules are made of.
 * docs/operations.md states them for people.
 */
export interface Objective {
  /** Value of the label `objective`. */
  readonly key: string;
  /** In the names of its alerts. */
  readonly alert: string;
  /** What a good event is, for titles and summaries. */
  readonly title: string;
  /** Share of events, over 30 days, that must be good. */
  readonly target: number;
  /** PromQL: share of events that were bad over a range such as `5m`, by job; nothing where there were no events. */
  errorRatio(range: string): string;
  readonly runbook: string;
}

/** Of the label `job`, which Prometheus gives: several installations may share one Prometheus. */
const BY_JOB = 'sum by (job)';

/** Answers of the route that decides one declaration; 202 (pending) is late by definition, whatever it took. */
function answeredWithin(seconds: string): (range: string) => string {
  const good = `corridor_answer_seconds_bucket{route="single",outcome="decided",le="${seconds}"}`;
  const all = 'corridor_answer_seconds_count{route="single"}';
  return (range) => `1 - ${BY_JOB} (rate(${good}[${range}])) / (${BY_JOB} (rate(${all}[${range}])) > 0)`;
}

/** Codes of src/errors.ts with a status of 500 or more: the client did nothing wrong. */
const OUR_FAULTS = 'corridor_problems_total{code=~"internal|not_ready|overloaded|quarantined"}';
const ANSWERED = 'corridor_answer_seconds_count{route=~"single|batch",outcome!="quarantined"}';

function notAnswered(range: string): string {
  const bad = `${BY_JOB} (rate(${OUR_FAULTS}[${range}]))`;
  return `${bad} / (${bad} + ${BY_JOB} (rate(${ANSWERED}[${range}])) > 0)`;
}

export const OBJECTIVES: readonly Objective[] = [
  {
    key: 'within_5ms',
    alert: 'CorridorWithin5ms',
    title: 'decided within 5 ms',
    // Not 90 %: of a budget of 10 % nobody can ever burn 14.4 times as much as is there.
    target: 0.95,
    errorRatio: answeredWithin('0.005'),
    runbook: 'latency-budget',
  },
  {
    key: 'within_25ms',
    alert: 'CorridorWithin25ms',
    title: 'decided within 25 ms',
    target: 0.99,
    errorRatio: answeredWithin('0.025'),
    runbook: 'latency-budget',
  },
  {
    key: 'available',
    alert: 'CorridorAvailable',
    title: 'answered without an error of ours',
    target: 0.999,
    errorRatio: notAnswered,
    runbook: 'availability-budget',
  },
];

/** Share of events that may be bad; rounded, so that 1 − 0.999 reads 0.001. */
export function budgetOf({ target }: Objective): number {
  return Number((1 - target).toFixed(6));
}

/**
 * Pairs of windows: the long one says that it matters, the short one that it still goes on.
 * Source: Google, The Site Reliability Workbook, chapter 5, table 5-8; with a budget of 30 days, 14.4 over an hour is
 * 2 % of it, 6 over six hours 5 %, 3 over a day and 1 over three days 10 % each.
 */
export interface BurnWindows {
  readonly long: string;
  readonly short: string;
  readonly factor: number;
  readonly severity: 'page' | 'ticket';
  /** How long both must hold: one slow moment of an idle service wakes nobody. */
  readonly holds: string;
}

export const BURN_WINDOWS: readonly BurnWindows[] = [
  { long: '1h', short: '5m', factor: 14.4, severity: 'page', holds: '2m' },
  { long: '6h', short: '30m', factor: 6, severity: 'page', holds: '2m' },
  { long: '1d', short: '2h', factor: 3, severity: 'ticket', holds: '15m' },
  { long: '3d', short: '6h', factor: 1, severity: 'ticket', holds: '15m' },
];

/** What the budget is counted over. */
export const BUDGET_WINDOW = '30d';

/** Name of the recorded share of bad events. */
export function recordedRatio(window: string): string {
  return `job_objective:corridor_errors:ratio_rate${window}`;
}
