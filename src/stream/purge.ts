import { REQUEST_DEADLINE_MS, type StreamConnection } from './connection.ts';
import type { StreamName } from './streams.ts';

/** Removes what a stream holds on one subject; how many messages that was. */
export async function purgeSubject(conn: StreamConnection, stream: StreamName, subject: string): Promise<number> {
  const manager = await conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
  const { purged } = await manager.streams.purge(stream, { filter: subject });
  return purged;
}
