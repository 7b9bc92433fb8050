import { type DecisionEntry, open } from '../wire/envelope.ts';
import type { Identity } from '../wire/identity.ts';
import { REQUEST_DEADLINE_MS, type StreamConnection } from './connection.ts';
import { codeOf } from './topology.ts';

const MESSAGE_MISSING = 10037;

/** The entry of this identity in the DECISIONS message at this sequence; null where the stream does not have it. */
export async function decisionAt(
  conn: StreamConnection,
  sequence: number,
  { submitter, id, version }: Identity,
): Promise<DecisionEntry | null> {
  // Known from a ledger, not from the stream.
  if (sequence === 0) return null;
  const manager = await conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
  try {
    const { data } = await manager.streams.getMessage('DECISIONS', { seq: sequence });
    const { body } = open('decisions.made', data);
    return body.find((entry) => entry.submitter === submitter && entry.id === id && entry.version === version) ?? null;
  } catch (error) {
    if (codeOf(error) === MESSAGE_MISSING) return null;
    throw error;
  }
}
