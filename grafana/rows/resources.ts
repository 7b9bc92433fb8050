import { DISK_FREE_BYTES_MIN, IN_FLIGHT_BYTES_MAX, IN_FLIGHT_MAX, PENDING_MAX } from '../../src/limits.ts';
import type { DashboardSpec, PanelSpec } from '../panels.ts';

const HERE = 'job=~"$job",instance=~"$instance"';

const byInstance = (metric: string): string => `sum by (instance) (${metric}{${HERE}})`;
const rateBy = (label: string, metric: string): string =>
  `sum by (${label}) (rate(${metric}{${HERE}}[$__rate_interval]))`;
const mean = (metric: string): string =>
  `${rateBy('instance', `${metric}_sum`)} / ${rateBy('instance', `${metric}_count`)}`;

export function resourceRows(): DashboardSpec['rows'] {
  return [
    { title: 'Saturation: declarations', panels: QUEUES },
    { title: 'Saturation: process', panels: PROCESS },
    { title: 'Ledger and disk', panels: LEDGER },
    { title: 'Broker', panels: BROKER },
  ];
}

const QUEUES: readonly PanelSpec[] = [
  {
    title: 'Room taken at the ingress',
    description: 'Declarations in flight, their bytes, and those answered with 202, each of its bound; at 1: 503.',
    unit: 'percentunit',
    bad: { at: 0.8 },
    queries: [
      { expr: `${byInstance('corridor_in_flight')} / ${IN_FLIGHT_MAX}`, legend: 'in flight {{instance}}' },
      { expr: `${byInstance('corridor_in_flight_bytes')} / ${IN_FLIGHT_BYTES_MAX}`, legend: 'bytes {{instance}}' },
      { expr: `${byInstance('corridor_pending')} / ${PENDING_MAX}`, legend: 'pending {{instance}}' },
    ],
  },
  {
    title: 'In flight',
    description: 'Declarations that wait for their decision.',
    unit: 'short',
    queries: [{ expr: byInstance('corridor_in_flight'), legend: '{{instance}}' }],
  },
  {
    title: 'Waiting for a thread',
    description: 'What the engine has taken and not begun; steadily above 0 the threads are short.',
    unit: 'short',
    queries: [{ expr: byInstance('corridor_pool_queue'), legend: '{{instance}}' }],
  },
];

const PROCESS: readonly PanelSpec[] = [
  {
    title: 'Event loop lag',
    description: 'How late timers ran. Above some milliseconds it is part of every answer.',
    unit: 's',
    bad: { at: 0.025 },
    queries: [
      {
        expr: `max by (instance, quantile) (corridor_event_loop_lag_seconds{${HERE}})`,
        legend: '{{instance}} q{{quantile}}',
      },
    ],
  },
  {
    title: 'Processor',
    description: 'Cores in use, threads and system calls included.',
    unit: 'short',
    kind: 'stacked',
    queries: [
      { expr: rateBy('instance', 'process_cpu_user_seconds_total'), legend: 'user {{instance}}' },
      { expr: rateBy('instance', 'process_cpu_system_seconds_total'), legend: 'system {{instance}}' },
    ],
  },
  {
    title: 'Memory',
    description: 'Resident memory holds the mapped pages of LMDB too: it grows with what is read, the heap must not.',
    unit: 'bytes',
    queries: [
      { expr: byInstance('process_resident_memory_bytes'), legend: 'resident {{instance}}' },
      { expr: byInstance('nodejs_heap_size_used_bytes'), legend: 'heap {{instance}}' },
      { expr: byInstance('nodejs_external_memory_bytes'), legend: 'external {{instance}}' },
    ],
  },
  {
    title: 'Garbage collection',
    description: 'Share of the main thread, by kind.',
    unit: 'percentunit',
    queries: [{ expr: rateBy('kind', 'nodejs_gc_duration_seconds_sum'), legend: '{{kind}}' }],
  },
  {
    title: 'Open files and sockets',
    description: 'A steady climb is a leak.',
    unit: 'short',
    queries: [{ expr: byInstance('process_open_fds'), legend: '{{instance}}' }],
  },
  {
    title: 'Policy',
    description:
      'Versions that decide now, and how many instances decide by each; more than one for long: a reload failed.',
    unit: 'short',
    queries: [{ expr: `sum by (version) (corridor_policy_info{${HERE}})`, legend: '{{version}}' }],
  },
];

const LEDGER: readonly PanelSpec[] = [
  {
    title: 'Commit of the ledger, p50 and p99',
    description: 'To the completed sync. Every answer waits for one: the disk sets the floor.',
    unit: 's',
    queries: [0.5, 0.99].map((q) => ({
      expr: `histogram_quantile(${q}, sum by (instance, le) (rate(corridor_ledger_commit_seconds_bucket{${HERE}}[$__rate_interval])))`,
      legend: `p${q * 100} {{instance}}`,
    })),
  },
  {
    title: 'Commits and entries',
    description: 'Commits per second, and how many entries share one.',
    unit: 'short',
    queries: [
      { expr: rateBy('instance', 'corridor_ledger_commit_seconds_count'), legend: 'commits/s {{instance}}' },
      { expr: mean('corridor_ledger_commit_entries'), legend: 'entries per commit {{instance}}' },
    ],
  },
  {
    title: 'Free disk',
    description: 'Of the data folder. Below the line nothing is taken any more.',
    unit: 'bytes',
    bad: { at: DISK_FREE_BYTES_MIN, falling: true },
    queries: [{ expr: `min by (instance) (corridor_disk_free_bytes{${HERE}})`, legend: '{{instance}}' }],
  },
];

/** Several instances tell of one broker: the greatest of what they say. */
const ofBroker = (labels: string, metric: string): string => `max by (${labels}) (${metric}{job=~"$job"})`;

const BROKER: readonly PanelSpec[] = [
  {
    title: 'Lag',
    description: 'Messages that a reader of a stream has not processed: engines, read models, the ingress.',
    unit: 'short',
    queries: [{ expr: ofBroker('stream, consumer', 'corridor_consumer_lag'), legend: '{{stream}} → {{consumer}}' }],
  },
  {
    title: 'Outstanding acknowledgements',
    description: 'Delivered to the engines and not settled; and those delivered before, which must be 0.',
    unit: 'short',
    queries: [
      { expr: ofBroker('job', 'corridor_consumer_unacknowledged'), legend: 'delivered' },
      { expr: ofBroker('job', 'corridor_consumer_redelivered'), legend: 'delivered again' },
    ],
  },
  {
    title: 'Round trip',
    description: 'A ping to the broker and back, once a second.',
    unit: 's',
    queries: [{ expr: `max by (instance) (corridor_broker_round_trip_seconds{${HERE}})`, legend: '{{instance}}' }],
  },
  {
    title: 'Streams: room taken',
    description: 'A full stream refuses what is new; it never forgets.',
    unit: 'percentunit',
    bad: { at: 0.8 },
    max: 1,
    queries: [
      {
        expr: `${ofBroker('stream', 'corridor_stream_bytes')} / ${ofBroker('stream', 'corridor_stream_bytes_max')}`,
        legend: '{{stream}}',
      },
    ],
  },
  {
    title: 'Streams: messages',
    description: 'Held, by stream.',
    unit: 'short',
    queries: [{ expr: ofBroker('stream', 'corridor_stream_messages'), legend: '{{stream}}' }],
  },
  {
    title: 'Lost and found',
    description: 'Reconnects, and entries that the broker had lost and the ledger gave back, within the chosen time.',
    unit: 'short',
    queries: [
      { expr: `sum(increase(corridor_broker_reconnects_total{${HERE}}[$__range]))`, legend: 'reconnects' },
      { expr: `sum by (stream) (increase(corridor_restored_total{${HERE}}[$__range]))`, legend: 'restored {{stream}}' },
    ],
  },
];
