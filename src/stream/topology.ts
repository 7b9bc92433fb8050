import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  NatsError,
  nanos,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from 'nats';
import { ACK_WAIT_MS } from '../limits.ts';
import { REQUEST_DEADLINE_MS, type StreamConnection } from './connection.ts';
import { ENGINE_CONSUMER, STREAMS, type StreamBounds, type StreamSpec } from './streams.ts';

/** Within it the broker drops a message that carries the id of an earlier one. */
const DUPLICATE_WINDOW_MS = 120_000;

/** Where the disk is too small for what a stream may hold, it is asked for less, down to this. */
const BYTES_FLOOR = 64 * 1024 * 1024;

const CONSUMER_MISSING = 10014;
const STREAM_MISSING = 10059;
const STORAGE_EXCEEDED = 10047;
const STREAM_NAME_IN_USE = 10058;

/** Creates what is missing and updates what differs. Safe to call again, and from several processes at once. */
export async function ensureTopology(conn: StreamConnection): Promise<void> {
  const options = conn.topology;
  const manager = await conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS * 3 });
  for (const spec of STREAMS) {
    const bounds = { ...spec.bounds, ...options.bounds?.[spec.name] };
    await ensureStream(manager, spec, bounds, options.replicas ?? 1);
  }
  await ensureEngineConsumer(manager);
}

async function ensureStream(
  manager: JetStreamManager,
  spec: StreamSpec,
  bounds: StreamBounds,
  replicas: number,
): Promise<void> {
  const existing = await unlessMissing(STREAM_MISSING, manager.streams.info(spec.name));
  for (let maxBytes = bounds.maxBytes; ; maxBytes = Math.floor(maxBytes / 2)) {
    const config = streamConfig(spec, { ...bounds, maxBytes }, replicas);
    if (existing !== null && !differs(existing.config, config)) return;
    try {
      if (existing === null) await manager.streams.add(config);
      else await manager.streams.update(spec.name, config);
      return;
    } catch (error) {
      if (codeOf(error) === STREAM_NAME_IN_USE) return;
      // A role that may not update leaves that to one that may.
      if (existing !== null && error instanceof NatsError && error.isPermissionError()) return;
      if (codeOf(error) !== STORAGE_EXCEEDED || maxBytes / 2 < BYTES_FLOOR) throw error;
      if (existing !== null && maxBytes / 2 < existing.config.max_bytes) return;
    }
  }
}

function streamConfig(
  { name, subjects, lastOnly = false }: StreamSpec,
  bounds: StreamBounds,
  replicas: number,
): Partial<StreamConfig> {
  return {
    name,
    subjects: [...subjects],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    storage: StorageType.File,
    max_bytes: bounds.maxBytes,
    max_age: nanos(bounds.maxAgeMs),
    max_msgs_per_subject: lastOnly ? 1 : -1,
    // The broker wants it to be no longer than messages live.
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW_MS, bounds.maxAgeMs || DUPLICATE_WINDOW_MS)),
    num_replicas: replicas,
    allow_direct: true,
  };
}

function differs(actual: Partial<StreamConfig>, wanted: Partial<StreamConfig>): boolean {
  return Object.entries(wanted).some(
    ([key, value]) => JSON.stringify(actual[key as keyof StreamConfig]) !== JSON.stringify(value),
  );
}

async function ensureEngineConsumer(manager: JetStreamManager): Promise<void> {
  const existing = await unlessMissing(CONSUMER_MISSING, manager.consumers.info('DECLARATIONS', ENGINE_CONSUMER));
  if (existing !== null && existing.config.ack_wait === nanos(ACK_WAIT_MS)) return;
  const config: Partial<ConsumerConfig> = {
    durable_name: ENGINE_CONSUMER,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    // A message that poisons is quarantined by the engine that meets it, so deliveries need no bound of their own.
    max_deliver: -1,
    max_ack_pending: 4096,
  };
  if (existing === null) await manager.consumers.add('DECLARATIONS', config);
  else await manager.consumers.update('DECLARATIONS', ENGINE_CONSUMER, config);
}

async function unlessMissing<T>(code: number, answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (codeOf(error) === code) return null;
    throw error;
  }
}

/** The broker's own error code, or null where the error is another. */
export function codeOf(error: unknown): number | null {
  return error instanceof NatsError ? (error.api_error?.err_code ?? null) : null;
}
