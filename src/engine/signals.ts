import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Corridor } from '../core/corridor.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { textForLog } from '../profiles/problems.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { consumerLag } from '../stream/lag.ts';
import type { Engine } from './engine.ts';
import type { EngineObserver } from './observer.ts';
import type { Tally } from './protocol.ts';

const SAMPLE_MS = 1000;
const QUANTILES = [0.5, 0.99] as const;

/** How many decisions there were by corridor, since the start. */
export type Counts = Record<Corridor, number>;

/** Turns what the engine tells into metrics and logs; neither ever names a profile. */
export function engineSignals(metrics: Metrics, log: Logger, counts: Counts): EngineObserver {
  return {
    evaluated({ messages, tally, elapsedMs, queuedMs }) {
      metrics.stageSeconds.observe({ stage: 'queue' }, queuedMs / 1000);
      metrics.stageSeconds.observe({ stage: 'evaluate' }, elapsedMs / 1000);
      metrics.batchSize.observe(count(tally, metrics, counts, log));
      log.debug({ messages, elapsedMs }, 'batch evaluated');
    },
    answered: ({ publishMs }) => metrics.stageSeconds.observe({ stage: 'settle' }, publishMs / 1000),
    quarantined({ sequence, index }) {
      metrics.quarantined.inc({ source: index < 0 ? 'message' : 'declaration' });
      log.error({ sequence, index }, 'set aside for an official; QUARANTINE holds the reason');
    },
    killed({ declaration, profile }) {
      metrics.workerKills.inc({ reason: 'deadline' });
      log.error(
        { inDeclaration: declaration, inProfile: profile },
        'a worker thread exceeded its deadline and was killed',
      );
    },
    crashed() {
      metrics.workerKills.inc({ reason: 'crash' });
      log.error('a worker thread ended by itself');
    },
    suspended: ({ policyVersion }) => log.error({ policyVersion }, 'a profile is suspended until the next policy'),
    abandoned: ({ sequence, reason }) => log.warn({ sequence, reason }, 'a message is left to be delivered again'),
    activated({ policyVersion, prepareMs }) {
      metrics.policy.reset();
      metrics.policy.set({ version: policyVersion }, 1);
      metrics.policySwaps.inc({ result: 'activated' });
      log.info({ policyVersion, prepareMs: Math.round(prepareMs) }, 'policy activated');
    },
    trouble: ({ where, error }) => log.warn({ where, error: textForLog(error) }, 'trouble; it is tried again'),
  };
}

/** Number of decisions in the batch. A fault of a profile is an alarm: it is logged, by target. */
function count(tally: Tally, metrics: Metrics, counts: Counts, log: Logger): number {
  let decisions = 0;
  for (const { corridor, office, count: of } of tally.decisions) {
    metrics.countDecisions(corridor, office, of);
    counts[corridor] += of;
    decisions += of;
  }
  for (const { target, count: of } of tally.hits) metrics.hits.inc({ target }, of);
  for (const { target, count: of } of tally.faults) {
    metrics.profileFaults.inc({ target }, of);
    log.error({ target, faults: of }, 'profiles failed; each counts as its onError says');
  }
  return decisions;
}

/** Measures now and then what nobody reports: event loop, consumer lag, queue of the engine. */
export function startSampling(
  metrics: Metrics,
  conn: StreamConnection,
  engine: Engine | null,
  projected: () => number,
): { stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const sample = async (): Promise<void> => {
    for (const quantile of QUANTILES) {
      metrics.eventLoopLagSeconds.set({ quantile: String(quantile) }, delay.percentile(quantile * 100) / 1e9);
    }
    delay.reset();
    if (engine !== null) metrics.poolQueue.set(engine.state().queued);
    if (!conn.connected()) return;
    const lag = await consumerLag(conn, projected()).catch(() => null);
    if (lag === null) return;
    metrics.consumerLag.set({ consumer: 'engine' }, lag.engine);
    metrics.consumerLag.set({ consumer: 'projection' }, lag.projection);
  };
  const timer = setInterval(() => void sample(), SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      delay.disable();
    },
  };
}
