import type { DashboardSpec, PanelSpec } from '../panels.ts';

const HERE = 'job=~"$job",instance=~"$instance"';
const OFFICES = `${HERE},office=~"$office"`;

const rateBy = (label: string, metric: string, selector = HERE): string =>
  `sum by (${label}) (rate(${metric}{${selector}}[$__rate_interval]))`;
const quantileBy = (q: number, label: string, metric: string): string =>
  `histogram_quantile(${q}, sum by (${label}, le) (rate(${metric}_bucket{${HERE}}[$__rate_interval])))`;
const meanOf = (metric: string): string =>
  `sum(rate(${metric}_sum{${HERE}}[$__rate_interval])) / sum(rate(${metric}_count{${HERE}}[$__rate_interval]))`;

export function declarationRows(): DashboardSpec['rows'] {
  return [
    { title: 'Traffic', panels: TRAFFIC },
    { title: 'Stages: rate, errors, duration', panels: STAGES },
    { title: 'Corridors by office', panels: CORRIDORS },
    { title: 'Profiles and what was set aside', panels: PROFILES },
  ];
}

const TRAFFIC: readonly PanelSpec[] = [
  {
    title: 'Decisions',
    description: 'Decisions made, by corridor.',
    unit: 'reqps',
    kind: 'stacked',
    queries: [{ expr: rateBy('corridor', 'corridor_decisions_total'), legend: '{{corridor}}' }],
  },
  {
    title: 'Answers',
    description: 'By route and outcome. `pending` is a 202: the decision did not come within the deadline.',
    unit: 'reqps',
    kind: 'stacked',
    queries: [{ expr: rateBy('route, outcome', 'corridor_answer_seconds_count'), legend: '{{route}} {{outcome}}' }],
  },
  {
    title: 'Problems',
    description: 'Requests and lines answered with a problem, by its code (src/errors.ts). 5xx: ours.',
    unit: 'reqps',
    kind: 'stacked',
    queries: [{ expr: rateBy('code', 'corridor_problems_total'), legend: '{{code}}' }],
  },
];

const STAGES: readonly PanelSpec[] = [
  {
    title: 'Rate per stage',
    description: 'receive, publish, ledger and answer count declarations; queue, evaluate and settle count batches.',
    unit: 'reqps',
    queries: [{ expr: rateBy('stage', 'corridor_stage_seconds_count'), legend: '{{stage}}' }],
  },
  {
    title: 'Errors per stage',
    description: 'Refused on receipt, not published, given back, set aside, not kept, not answered.',
    unit: 'reqps',
    queries: [{ expr: rateBy('stage', 'corridor_stage_errors_total'), legend: '{{stage}}' }],
  },
  {
    title: 'Median duration per stage',
    description: 'What adds up to the time of an answer, but for the way through the broker.',
    unit: 's',
    queries: [{ expr: quantileBy(0.5, 'stage', 'corridor_stage_seconds'), legend: '{{stage}}' }],
  },
  {
    title: 'p99 duration per stage',
    description: 'The stage that makes answers late stands out here.',
    unit: 's',
    queries: [{ expr: quantileBy(0.99, 'stage', 'corridor_stage_seconds'), legend: '{{stage}}' }],
  },
  {
    title: 'Time spent per second, by stage',
    description: 'Sum of the durations of a second: how many are in each stage at once.',
    unit: 'short',
    kind: 'stacked',
    queries: [{ expr: rateBy('stage', 'corridor_stage_seconds_sum'), legend: '{{stage}}' }],
  },
  {
    title: 'Declarations per message and per batch',
    description: 'Natural batching: near 1 when idle, more under load.',
    unit: 'short',
    queries: [
      { expr: meanOf('corridor_publish_declarations'), legend: 'published together' },
      { expr: meanOf('corridor_evaluate_declarations'), legend: 'evaluated together' },
    ],
  },
];

const CONTROLLED = `sum by (office) (rate(corridor_decisions_total{${OFFICES},corridor=~"yellow|red"}[$__rate_interval]))`;

const CORRIDORS: readonly PanelSpec[] = [
  {
    title: 'Share of each corridor',
    description: 'Of the chosen offices. A jump after a new policy is a reason to look at it.',
    unit: 'percentunit',
    kind: 'stacked',
    max: 1,
    queries: [
      {
        expr: `${rateBy('corridor', 'corridor_decisions_total', OFFICES)} / on () group_left () sum(rate(corridor_decisions_total{${OFFICES}}[$__rate_interval]))`,
        legend: '{{corridor}}',
      },
    ],
  },
  {
    title: 'Decisions by office',
    description: 'The ten with the most; offices past the first 200 count as `other`.',
    unit: 'reqps',
    queries: [{ expr: `topk(10, ${rateBy('office', 'corridor_decisions_total', OFFICES)})`, legend: '{{office}}' }],
  },
  {
    title: 'Share under control by office',
    description: 'Yellow and red among all decisions: the work that each office gets. The ten with the most.',
    unit: 'percentunit',
    queries: [
      {
        expr: `topk(10, ${CONTROLLED} / ${rateBy('office', 'corridor_decisions_total', OFFICES)})`,
        legend: '{{office}}',
      },
    ],
  },
  {
    title: 'Corridors by office',
    description: 'Decisions within the chosen time.',
    unit: 'short',
    kind: 'table',
    width: 24,
    queries: [{ expr: `sum by (office, corridor) (increase(corridor_decisions_total{${OFFICES}}[$__range]))` }],
  },
];

const PROFILES: readonly PanelSpec[] = [
  {
    title: 'Hits by target',
    description: 'Which risks the profiles find. Which profile it was is for official use, and in no metric.',
    unit: 'reqps',
    queries: [{ expr: rateBy('target', 'corridor_hits_total'), legend: '{{target}}' }],
  },
  {
    title: 'Faults of profiles by target',
    description: 'Must be 0. Each counts as its onError says; the reasons of kind fault name the profile.',
    unit: 'reqps',
    queries: [{ expr: rateBy('target', 'corridor_profile_faults_total'), legend: '{{target}}' }],
  },
  {
    title: 'Set aside, and threads ended',
    description: 'Must be 0: what waits in QUARANTINE for an official, and worker threads that were ended.',
    unit: 'short',
    queries: [
      {
        expr: `sum by (source) (increase(corridor_quarantined_total{${HERE}}[$__range]))`,
        legend: 'set aside: {{source}}',
      },
      {
        expr: `sum by (reason) (increase(corridor_worker_kills_total{${HERE}}[$__range]))`,
        legend: 'thread: {{reason}}',
      },
    ],
  },
];
