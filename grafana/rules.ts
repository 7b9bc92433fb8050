import { stringify } from 'yaml';
import {
  BUDGET_WINDOW,
  BURN_WINDOWS,
  type BurnWindows,
  budgetOf,
  OBJECTIVES,
  type Objective,
  recordedRatio,
} from './objectives.ts';

const GENERATED = 'Written by `npm run dashboards` from grafana/*.ts: change it there.';

/** Recording and burn-rate rules of every objective, as a Prometheus rules file. */
export function objectiveRules(): string {
  const windows = [...new Set(BURN_WINDOWS.flatMap(({ short, long }) => [short, long]))];
  const groups = [
    // One group each: its rules run in order, so that an alert never sees the ratio of the evaluation before.
    ...OBJECTIVES.map((one) => ({
      name: `corridor-${one.key.replaceAll('_', '-')}`,
      rules: [...windows.map((window) => recorded(one, window)), ...BURN_WINDOWS.map((pair) => burn(one, pair))],
    })),
    // A month of samples is read anew at each evaluation, and hardly changes in a minute.
    { name: 'corridor-budget', interval: '1m', rules: OBJECTIVES.map((one) => recorded(one, BUDGET_WINDOW)) },
  ];
  return `# ${GENERATED}\n${stringify({ groups }, { lineWidth: 0 })}`;
}

function recorded(objective: Objective, window: string): object {
  const { key, errorRatio } = objective;
  return { record: recordedRatio(window), expr: errorRatio(window), labels: { objective: key } };
}

function burn(objective: Objective, { long, short, factor, severity, holds }: BurnWindows): object {
  const { key, alert, title, target, runbook } = objective;
  const above = (window: string): string =>
    `${recordedRatio(window)}{objective="${key}"} > ${factor} * ${budgetOf(objective)}`;
  const percent = Number((target * 100).toFixed(4));
  return {
    alert: `${alert}Burn${long}`,
    expr: `${above(long)} and ${above(short)}`,
    for: holds,
    labels: { severity },
    annotations: {
      summary: `Too few declarations of {{ $labels.job }} are ${title}`,
      description:
        `The objective is ${percent} % over 30 days. Over ${long}, and still over ${short}, the rest was more than ` +
        `${factor} times what it may be.`,
      runbook_url: `docs/operations.md#${runbook}`,
    },
  };
}
