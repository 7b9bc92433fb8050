import { BURN_WINDOWS, budgetOf, OBJECTIVES } from '../../grafana/objectives.ts';
import { expected, type TestGroup } from './promtool.ts';

/** Values of a series, a minute apart, in promtool's notation; the alert is looked at after so many minutes. */
interface Scene {
  readonly series: string;
  readonly values: string;
  readonly minutes: number;
}

interface AlertCase {
  /** Labels of the alert that fires, beside those of its rule. */
  readonly labels: Readonly<Record<string, string>>;
  readonly fires: Scene;
  /** As near to firing as silence comes. */
  readonly silent: readonly Scene[];
}

const AT = { job: 'corridor', instance: 'border:8080' };
const GIB = 1024 ** 3;

/** A series of this installation. */
function scene(metric: string, labels: Record<string, string>, values: string, minutes: number): Scene {
  const all = Object.entries({ ...AT, ...labels }).map(([name, value]) => `${name}="${value}"`);
  return { series: `${metric}{${all.join(',')}}`, values, minutes };
}

/** A counter that must not move: once within the window fires, never or long ago does not. */
function counter(
  metric: string,
  labels: Record<string, string>,
  windowMinutes: number,
  most = 0,
): Omit<AlertCase, 'labels'> {
  const over = most + 1;
  const steps = (by: number) => `0x4 ${by}x${2 * windowMinutes}`;
  return {
    fires: scene(metric, labels, steps(over), 6),
    silent: [scene(metric, labels, steps(most), 6), scene(metric, labels, steps(over), windowMinutes + 8)],
  };
}

export const CASES: Readonly<Record<string, AlertCase>> = {
  CorridorDown: {
    labels: AT,
    fires: scene('up', {}, '1x3 0x10', 6),
    silent: [scene('up', {}, '1x10', 6), scene('up', {}, '1x3 0 1x10', 6)],
  },
  CorridorMissing: {
    labels: {},
    fires: { series: 'up{job="other",instance="x"}', values: '1x20', minutes: 6 },
    silent: [scene('up', {}, '0x20', 6), { series: 'up{job="other",instance="x"}', values: '1x20', minutes: 4 }],
  },
  CorridorNotReady: {
    labels: { ...AT, check: 'broker' },
    fires: scene('corridor_ready', { check: 'broker' }, '1x3 0x10', 6),
    silent: [
      scene('corridor_ready', { check: 'broker' }, '1x10', 6),
      scene('corridor_ready', { check: 'broker' }, '1x3 0 1x10', 6),
    ],
  },
  CorridorLedgerFault: {
    labels: AT,
    fires: scene('corridor_ledger_fault', {}, '0x3 1x5', 5),
    silent: [scene('corridor_ledger_fault', {}, '0x10', 5)],
  },
  CorridorQuarantined: {
    labels: { job: 'corridor', source: 'declaration' },
    ...counter('corridor_quarantined_total', { source: 'declaration' }, 5),
  },
  CorridorWorkerKilled: {
    labels: { job: 'corridor', reason: 'deadline' },
    ...counter('corridor_worker_kills_total', { reason: 'deadline' }, 5),
  },
  CorridorProfileFaults: {
    labels: { job: 'corridor', target: 'transit' },
    ...counter('corridor_profile_faults_total', { target: 'transit' }, 5),
  },
  CorridorPolicyRefused: {
    labels: AT,
    fires: counter('corridor_policy_swaps_total', { result: 'refused' }, 15).fires,
    silent: [
      ...counter('corridor_policy_swaps_total', { result: 'refused' }, 15).silent,
      scene('corridor_policy_swaps_total', { result: 'activated' }, '0x4 1x20', 6),
    ],
  },
  CorridorLag: {
    labels: { ...AT, stream: 'DECLARATIONS', consumer: 'engine' },
    fires: scene('corridor_consumer_lag', { stream: 'DECLARATIONS', consumer: 'engine' }, '201x10', 7),
    silent: [
      scene('corridor_consumer_lag', { stream: 'DECLARATIONS', consumer: 'engine' }, '200x10', 7),
      scene('corridor_consumer_lag', { stream: 'DECLARATIONS', consumer: 'engine' }, '5000x4 3 5000x5', 7),
    ],
  },
  CorridorStreamFills: {
    labels: { job: 'corridor', stream: 'DECISIONS' },
    fires: scene('corridor_stream_bytes', { stream: 'DECISIONS' }, '81x20', 18),
    silent: [
      scene('corridor_stream_bytes', { stream: 'DECISIONS' }, '79x20', 18),
      scene('corridor_stream_bytes', { stream: 'DECISIONS' }, '81x10 20x10', 18),
    ],
  },
  CorridorRestored: {
    labels: { job: 'corridor', stream: 'DECISIONS' },
    ...counter('corridor_restored_total', { stream: 'DECISIONS' }, 15),
  },
  CorridorReconnects: { labels: AT, ...counter('corridor_broker_reconnects_total', {}, 15, 3) },
  CorridorDiskLow: {
    labels: AT,
    fires: scene('corridor_disk_free_bytes', {}, `${0.9 * GIB}x10`, 8),
    silent: [
      scene('corridor_disk_free_bytes', {}, `${1.1 * GIB}x10`, 8),
      scene('corridor_disk_free_bytes', {}, `${0.9 * GIB}x3 ${2 * GIB}x6`, 8),
    ],
  },
  CorridorDiskFills: {
    labels: AT,
    // 2 GiB less each hour, 40 GiB at first: full in twenty hours, against in eighty.
    fires: scene('corridor_disk_free_bytes', {}, `${40 * GIB}-${GIB / 30}x120`, 60),
    silent: [scene('corridor_disk_free_bytes', {}, `${40 * GIB}-${GIB / 120}x120`, 60)],
  },
};

/** Series that a scene needs beside its own. */
const BESIDE: Readonly<Record<string, Omit<Scene, 'minutes'>>> = {
  CorridorStreamFills: scene('corridor_stream_bytes_max', { stream: 'DECISIONS' }, '100x30', 0),
};

export function caseGroups(): TestGroup[] {
  return Object.entries(CASES).flatMap(([alert, { labels, fires, silent }]) => [
    group(alert, 'fires', fires, [expected(alert, labels)]),
    ...silent.map((each, n) => group(alert, `is silent ${n + 1}`, each, [])),
  ]);
}

function group(
  alert: string,
  what: string,
  shown: Scene,
  alerts: TestGroup['alert_rule_test'][number]['exp_alerts'],
): TestGroup {
  const { series, values, minutes } = shown;
  const beside = BESIDE[alert];
  return {
    name: `${alert} ${what}`,
    interval: '1m',
    input_series: [
      { series, values },
      ...(beside === undefined ? [] : [{ series: beside.series, values: beside.values }]),
    ],
    alert_rule_test: [{ eval_time: `${minutes}m`, alertname: alert, exp_alerts: alerts }],
  };
}

/** So many times the budget burnt, for so many minutes. */
type Phase = readonly [burn: number, minutes: number];

/** What burns, and the long windows whose alerts are to fire at the end, of every objective. */
const BURNS: readonly { readonly name: string; readonly phases: readonly Phase[]; readonly fire: readonly string[] }[] =
  [
    { name: 'just over 14.4 times', phases: [[15, 240]], fire: ['1h', '6h', '1d', '3d'] },
    { name: 'just under 14.4 times', phases: [[14, 240]], fire: ['6h', '1d', '3d'] },
    { name: 'just over 6 times', phases: [[6.2, 240]], fire: ['6h', '1d', '3d'] },
    { name: 'just under 6 times', phases: [[5.8, 240]], fire: ['1d', '3d'] },
    { name: 'just over 3 times', phases: [[3.1, 240]], fire: ['1d', '3d'] },
    { name: 'just under 3 times', phases: [[2.9, 240]], fire: ['3d'] },
    { name: 'just over once', phases: [[1.1, 240]], fire: ['3d'] },
    { name: 'just under once', phases: [[0.9, 240]], fire: [] },
    {
      name: 'five bad minutes after a good night',
      phases: [
        [0, 600],
        [15, 5],
      ],
      fire: [],
    },
    {
      name: 'bad for long, then well again for longer than every short window',
      phases: [
        [15, 240],
        [0, 365],
      ],
      fire: [],
    },
    {
      name: 'well again for ten minutes',
      phases: [
        [15, 240],
        [0, 10],
      ],
      fire: ['6h', '1d', '3d'],
    },
    {
      name: 'nothing asked for half a day',
      phases: [
        [15, 240],
        [Number.NaN, 720],
      ],
      fire: [],
    },
  ];

const PER_MINUTE = 10_000;

/** All objectives burn their budgets alike. */
export function burnGroups(): TestGroup[] {
  return BURNS.map(({ name, phases, fire }) => ({
    name,
    interval: '1m',
    input_series: [
      { series: answers('count', ''), values: counted(phases, () => PER_MINUTE) },
      ...OBJECTIVES.filter(({ key }) => key in EDGE).map((objective) => ({
        series: answers('bucket', `,le="${EDGE[objective.key]}"`),
        values: counted(phases, (burn) => PER_MINUTE * (1 - burn * budgetOf(objective))),
      })),
      ...OBJECTIVES.filter(({ key }) => key === 'available').map((objective) => ({
        series: 'corridor_problems_total{job="corridor",instance="border:8080",code="not_ready"}',
        values: counted(phases, (burn) => {
          const bad = burn * budgetOf(objective);
          return (PER_MINUTE * bad) / (1 - bad);
        }),
      })),
    ],
    alert_rule_test: OBJECTIVES.flatMap(({ alert, key }) =>
      BURN_WINDOWS.map(({ long }) => ({
        eval_time: `${phases.reduce((sum, [, minutes]) => sum + minutes, 0)}m`,
        alertname: `${alert}Burn${long}`,
        exp_alerts: fire.includes(long) ? [expected(`${alert}Burn${long}`, { job: 'corridor', objective: key })] : [],
      })),
    ),
  }));
}

const EDGE: Readonly<Record<string, string>> = { within_5ms: '0.005', within_25ms: '0.025' };

function answers(part: string, labels: string): string {
  return `corridor_answer_seconds_${part}{job="corridor",instance="border:8080",route="single",outcome="decided"${labels}}`;
}

/** A counter that grows by so much each minute of each phase; burn NaN: nothing is asked, and nothing grows. */
function counted(phases: readonly Phase[], growth: (burn: number) => number): string {
  let value = 0;
  const parts = phases.map(([burn, minutes]) => {
    const by = Number.isNaN(burn) ? 0 : Number(growth(burn).toFixed(6));
    const first = Number((value + by).toFixed(6));
    value = first + by * (minutes - 1);
    return `${first}+${by}x${minutes - 1}`;
  });
  return ['0', ...parts].join(' ');
}

/** Everything that is tested, for the check that nothing is left out. */
export function allGroups(): TestGroup[] {
  return [...caseGroups(), ...burnGroups()];
}
