import { REQUEST_DEADLINE_MS, type StreamConnection } from './connection.ts';
import { streamState } from './state.ts';
import { ENGINE_CONSUMER } from './topology.ts';

/** Messages that the engines have not answered, and that the read models do not hold yet. */
export async function consumerLag(
  conn: StreamConnection,
  projectedSequence: number,
): Promise<{ readonly engine: number; readonly projection: number }> {
  const manager = await conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
  const { num_pending, num_ack_pending } = await manager.consumers.info('DECLARATIONS', ENGINE_CONSUMER);
  const { lastSequence } = await streamState(conn, 'DECISIONS');
  return { engine: num_pending + num_ack_pending, projection: Math.max(0, lastSequence - projectedSequence) };
}
