import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
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
    help: 'From the end of the request to its answer, by outcome',
    labelNames: ['outcome'],
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const recentAnswers = new Recent();

  return {
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
    observeAnswer(outcome: string, ms: number): void {
      answerSeconds.observe({ outcome }, ms / 1000);
      recentAnswers.add(ms);
    },
    recentAnswers,
    problems: new Counter({
      name: 'corridor_problems_total',
      help: 'Requests and batch lines answered with a problem, by its code',
      labelNames: ['code'],
      registers,
    }),
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
      labelNames: ['consumer'],
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
}
