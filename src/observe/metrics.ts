import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { TARGETS } from '../core/profile.ts';
import { ERRORS, type ErrorCode } from '../errors.ts';
import { Recent } from './recent.ts';

/**
 * Every metric of the service, declared here and nowhere else. Labels name targets, corridors, offices and stages;
 * never profiles, scores, parties or their categories, which are for official use only.
 */

/** Seconds; an edge on each objective (1, 2, 5, 10, 25 ms …). */
const LATENCY_BUCKETS = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const SIZE_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** The way of a declaration: parse and validate, publish, wait for a thread, evaluate, publish the decision, keep, answer. */
export const STAGES = ['receive', 'publish', 'queue', 'evaluate', 'settle', 'ledger', 'answer'] as const;
export type Stage = (typeof STAGES)[number];

/** How a declaration was asked for: the objectives of latency hold for `single`; a batch trades latency for throughput. */
export type Route = 'single' | 'batch' | 'withdrawal' | 'read';

/** Problems of a declaration that is turned away; the others concern no declaration, or are counted where they arise. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...(['malformed_body', 'invalid_declaration', 'unsupported_media_type', 'body_too_large'] as const),
  ...(['identity_conflict', 'version_gap', 'version_stale', 'previous_version_pending'] as const),
  ...(['withdrawn', 'already_released', 'overloaded'] as const),
]);

/** Offices are declared by clients: past so many, further ones count as `other`. */
const OFFICE_LABELS_MAX = 200;

export type Metrics = ReturnType<typeof createMetrics>;

/** One set per process (tests: one per service under test). */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const stageSeconds = new Histogram({
    name: 'corridor_stage_seconds',
    help: 'Time a declaration (or its batch) spent in each stage of its way',
    labelNames: ['stage'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const decisions = new Counter({
    name: 'corridor_decisions_total',
    help: 'Decisions made, by corridor and office',
    labelNames: ['corridor', 'office'],
    registers,
  });
  const offices = new Set<string>();
  const answerSeconds = new Histogram({
    name: 'corridor_answer_seconds',
    help: 'From the end of the request to its answer, by outcome and route',
    labelNames: ['outcome', 'route'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const recentAnswers = new Recent();
  const stageErrors = new Counter({
    name: 'corridor_stage_errors_total',
    help: 'Failures by stage: refused, not published, given back or set aside, not kept, not answered',
    labelNames: ['stage'],
    registers,
  });
  const problems = new Counter({
    name: 'corridor_problems_total',
    help: 'Requests and batch lines answered with a problem, by its code',
    labelNames: ['code'],
    registers,
  });

  const metrics = {
    registry,
    stageSeconds,
    decisions,
    /** Counts decisions; the number of office labels is bounded. */
    countDecisions(corridor: string, office: string, count: number): void {
      if (offices.size < OFFICE_LABELS_MAX) offices.add(office);
      decisions.inc({ corridor, office: offices.has(office) ? office : 'other' }, count);
    },
    hits: new Counter({
      name: 'corridor_hits_total',
      help: 'Hits of profiles, by target',
      labelNames: ['target'],
      registers,
    }),
    profileFaults: new Counter({
      name: 'corridor_profile_faults_total',
      help: 'Profiles that failed on a declaration, by target',
      labelNames: ['target'],
      registers,
    }),
    /** One answer, by outcome; the latest are at hand for the live line. */
    observeAnswer(outcome: string, ms: number, route: Route): void {
      answerSeconds.observe({ outcome, route }, ms / 1000);
      recentAnswers.add(ms);
    },
    recentAnswers,
    stageErrors,
    /** One request or batch line that is answered with a problem. */
    countProblem(code: ErrorCode): void {
      problems.inc({ code });
      if (code === 'internal') stageErrors.inc({ stage: 'answer' });
      else if (REFUSALS.has(code)) stageErrors.inc({ stage: 'receive' });
    },
    inFlight: new Gauge({
      name: 'corridor_in_flight',
      help: 'Declarations that wait for their decision at this ingress',
      registers,
    }),
    inFlightBytes: new Gauge({
      name: 'corridor_in_flight_bytes',
      help: 'Bytes of the declarations that wait for their decision at this ingress',
      registers,
    }),
    pending: new Gauge({
      name: 'corridor_pending',
      help: 'Declarations answered with 202 whose decision has not come yet',
      registers,
    }),
    publishSize: new Histogram({
      name: 'corridor_publish_declarations',
      help: 'Declarations per message on DECLARATIONS',
      buckets: SIZE_BUCKETS,
      registers,
    }),
    batchSize: new Histogram({
      name: 'corridor_evaluate_declarations',
      help: 'Declarations per batch handed to a worker thread',
      buckets: SIZE_BUCKETS,
      registers,
    }),
    consumerLag: new Gauge({
      name: 'corridor_consumer_lag',
      help: 'Messages of the stream that the consumer has not processed yet',
      labelNames: ['stream', 'consumer'],
      registers,
    }),
    unacknowledged: new Gauge({
      name: 'corridor_consumer_unacknowledged',
      help: 'Messages that the broker delivered to an engine and whose acknowledgement is outstanding',
      registers,
    }),
    redelivered: new Gauge({
      name: 'corridor_consumer_redelivered',
      help: 'Messages in delivery to an engine that were delivered before',
      registers,
    }),
    streamMessages: new Gauge({
      name: 'corridor_stream_messages',
      help: 'Messages that the stream holds',
      labelNames: ['stream'],
      registers,
    }),
    streamBytes: new Gauge({
      name: 'corridor_stream_bytes',
      help: 'Bytes that the stream holds',
      labelNames: ['stream'],
      registers,
    }),
    streamBytesMax: new Gauge({
      name: 'corridor_stream_bytes_max',
      help: 'Bytes at which the stream refuses what is new',
      labelNames: ['stream'],
      registers,
    }),
    brokerRoundTripSeconds: new Gauge({
      name: 'corridor_broker_round_trip_seconds',
      help: 'Time of the last ping to the broker and back',
      registers,
    }),
    ready: new Gauge({
      name: 'corridor_ready',
      help: '1 where this condition of being ready holds, 0 where not, as of this scrape',
      labelNames: ['check'],
      registers,
    }),
    streamTrimmed: new Counter({
      name: 'corridor_stream_trimmed_total',
      help: 'Messages that streams let go of because every node has kept what they say, by stream',
      labelNames: ['stream'],
      registers,
    }),
    poolQueue: new Gauge({
      name: 'corridor_pool_queue',
      help: 'Batches that wait for a worker thread',
      registers,
    }),
    workerKills: new Counter({
      name: 'corridor_worker_kills_total',
      help: 'Worker threads ended, by reason',
      labelNames: ['reason'],
      registers,
    }),
    quarantined: new Counter({
      name: 'corridor_quarantined_total',
      help: 'Declarations and messages set aside for an official, by where',
      labelNames: ['source'],
      registers,
    }),
    ledgerCommitSeconds: new Histogram({
      name: 'corridor_ledger_commit_seconds',
      help: 'From the start of a commit of the ledger to its completed sync',
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    ledgerCommitEntries: new Histogram({
      name: 'corridor_ledger_commit_entries',
      help: 'Entries per commit of the ledger',
      buckets: SIZE_BUCKETS,
      registers,
    }),
    ledgerFault: new Gauge({
      name: 'corridor_ledger_fault',
      help: '1 where the ledger failed and nothing is accepted any more',
      registers,
    }),
    restored: new Counter({
      name: 'corridor_restored_total',
      help: 'Entries that the streams had lost and that were published again from the ledger, by stream',
      labelNames: ['stream'],
      registers,
    }),
    reconnects: new Counter({
      name: 'corridor_broker_reconnects_total',
      help: 'Times the connection to the broker came back',
      registers,
    }),
    eventLoopLagSeconds: new Gauge({
      name: 'corridor_event_loop_lag_seconds',
      help: 'How late the event loop ran its timers, by quantile, over the last period',
      labelNames: ['quantile'],
      registers,
    }),
    policy: new Gauge({
      name: 'corridor_policy_info',
      help: '1 for the policy version that decides here',
      labelNames: ['version'],
      registers,
    }),
    policySwaps: new Counter({
      name: 'corridor_policy_swaps_total',
      help: 'Policy versions activated or refused here',
      labelNames: ['result'],
      registers,
    }),
    diskFreeBytes: new Gauge({
      name: 'corridor_disk_free_bytes',
      help: 'Free space on the disk of the data folder',
      registers,
    }),
  };
  startAtZero({ ...metrics, problems, answerSeconds });
  return metrics;
}

interface Countable {
  inc(labels: Record<string, string>, value: number): void;
}

/** What is only counted in failures exists from the start: the increase of a series begins with its second sample. */
function startAtZero(
  metrics: {
    readonly [name in
      | 'problems'
      | 'stageErrors'
      | 'hits'
      | 'profileFaults'
      | 'workerKills'
      | 'quarantined'
      | 'restored'
      | 'policySwaps']: Countable;
  } & { readonly answerSeconds: Histogram<'outcome' | 'route'> },
): void {
  const zero = (counter: Countable, label: string, values: readonly string[]): void => {
    for (const value of values) counter.inc({ [label]: value }, 0);
  };
  zero(metrics.problems, 'code', Object.keys(ERRORS));
  zero(metrics.stageErrors, 'stage', STAGES);
  zero(metrics.hits, 'target', TARGETS);
  zero(metrics.profileFaults, 'target', TARGETS);
  zero(metrics.workerKills, 'reason', ['deadline', 'crash']);
  zero(metrics.quarantined, 'source', ['declaration', 'message']);
  zero(metrics.restored, 'stream', ['DECLARATIONS', 'DECISIONS']);
  zero(metrics.policySwaps, 'result', ['activated', 'refused']);
  for (const outcome of ['decided', 'pending']) metrics.answerSeconds.zero({ outcome, route: 'single' });
}
