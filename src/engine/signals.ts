import type { Corridor } from '../core/corridor.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics, Stage } from '../observe/metrics.ts';
import { textForLog } from '../profiles/problems.ts';
import type { EngineObserver } from './observer.ts';
import type { Tally } from './protocol.ts';

/** How many decisions there were by corridor, since the start. */
export type Counts = Record<Corridor, number>;

/** Where the engine meets trouble → the stage that it harms. */
const STAGE_OF_TROUBLE: Readonly<Record<string, Stage>> = { consumer: 'queue', thread: 'evaluate', settle: 'settle' };

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
      metrics.stageErrors.inc({ stage: 'evaluate' });
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
    abandoned({ sequence, reason }) {
      metrics.stageErrors.inc({ stage: 'queue' });
      log.warn({ sequence, reason }, 'a message is left to be delivered again');
    },
    activated({ policyVersion, prepareMs }) {
      metrics.policy.reset();
      metrics.policy.set({ version: policyVersion }, 1);
      metrics.policySwaps.inc({ result: 'activated' });
      log.info({ policyVersion, prepareMs: Math.round(prepareMs) }, 'policy activated');
    },
    trouble({ where, error }) {
      metrics.stageErrors.inc({ stage: STAGE_OF_TROUBLE[where] ?? 'queue' });
      log.warn({ where, error: textForLog(error) }, 'trouble; it is tried again');
    },
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
