import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from '../observe/metrics.ts';
import type { Models } from '../state/models.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { brokerState } from '../stream/lag.ts';
import type { Engine } from './engine.ts';

const SAMPLE_MS = 1000;
/** What the delay's histogram holds is the time between two ticks of so many milliseconds. */
const RESOLUTION_MS = 10;
const QUANTILES = [0.5, 0.99] as const;

export interface Sampled {
  readonly metrics: Metrics;
  readonly conn: StreamConnection;
  readonly models: Pick<Models, 'refresh' | 'position'>;
  /** Those of this process, if there are any. */
  readonly engine: Pick<Engine, 'state'> | null;
  readonly ingress: { position(): number } | null;
}

/** Measures now and then what nobody reports: event loop, queue of the engine, streams and how far their readers are. */
export function startSampling(sampled: Sampled): { stop(): void } {
  const { metrics, conn, engine } = sampled;
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const sample = (): void => {
    for (const quantile of QUANTILES) {
      const lateMs = Math.max(0, delay.percentile(quantile * 100) / 1e6 - RESOLUTION_MS);
      metrics.eventLoopLagSeconds.set({ quantile: String(quantile) }, lateMs / 1000);
    }
    delay.reset();
    if (engine !== null) metrics.poolQueue.set(engine.state().queued);
    // The broker is away for a moment: the figures of before stand, and readiness tells it.
    if (conn.connected()) sampleBroker(sampled).catch(() => undefined);
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      delay.disable();
    },
  };
}

async function sampleBroker({ metrics, conn, models, ingress }: Sampled): Promise<void> {
  const { roundTripMs, engine, streams } = await brokerState(conn);
  metrics.brokerRoundTripSeconds.set(roundTripMs / 1000);
  metrics.consumerLag.set({ stream: 'DECLARATIONS', consumer: 'engine' }, engine.waiting + engine.unacknowledged);
  metrics.unacknowledged.set(engine.unacknowledged);
  metrics.redelivered.set(engine.redelivered);
  models.refresh();
  for (const { name: stream, messages, bytes, maxBytes, lastSequence } of streams) {
    metrics.streamMessages.set({ stream }, messages);
    metrics.streamBytes.set({ stream }, bytes);
    metrics.streamBytesMax.set({ stream }, maxBytes);
    const behind = (consumer: string, sequence: number): void =>
      metrics.consumerLag.set({ stream, consumer }, Math.max(0, lastSequence - sequence));
    if (PROJECTED.has(stream)) behind('projection', models.position(stream)?.sequence ?? 0);
    if (stream === 'DECISIONS' && ingress !== null) behind('ingress', ingress.position());
  }
}

/** Streams that the read models are made of. */
const PROJECTED: ReadonlySet<string> = new Set(['DECISIONS', 'PARTIES']);
