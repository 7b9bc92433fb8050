import { REQUEST_DEADLINE_MS, type StreamConnection } from './connection.ts';
import { ENGINE_CONSUMER, STREAM_NAMES } from './streams.ts';

/** What the broker tells about itself, the consumer of the engines and our streams. Counts are of messages. */
export interface BrokerState {
  readonly roundTripMs: number;
  readonly engine: { readonly waiting: number; readonly unacknowledged: number; readonly redelivered: number };
  readonly streams: readonly {
    readonly name: string;
    readonly messages: number;
    readonly bytes: number;
    readonly maxBytes: number;
    readonly lastSequence: number;
  }[];
}

/** Three requests, whatever the number of streams. */
export async function brokerState({ nats }: StreamConnection): Promise<BrokerState> {
  const manager = await nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
  const startedMs = performance.now();
  await nats.flush();
  const roundTripMs = performance.now() - startedMs;
  const engine = await manager.consumers.info('DECLARATIONS', ENGINE_CONSUMER);
  const streams = await manager.streams.list().next();
  return {
    roundTripMs,
    engine: {
      waiting: engine.num_pending,
      unacknowledged: engine.num_ack_pending,
      redelivered: engine.num_redelivered,
    },
    streams: streams
      .filter(({ config }) => (STREAM_NAMES as readonly string[]).includes(config.name))
      .map(({ config, state }) => ({
        name: config.name,
        messages: state.messages,
        bytes: state.bytes,
        maxBytes: config.max_bytes,
        lastSequence: state.last_seq,
      })),
  };
}
