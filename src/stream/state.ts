import { REQUEST_DEADLINE_MS, type StreamConnection } from './connection.ts';
import type { StreamName } from './streams.ts';
import { codeOf } from './topology.ts';

/** What a stream holds, as far as it matters for telling whether it is still the one we knew. */
export interface StreamState {
  /** When it was created (ISO 8601): another value means another stream under the same name. */
  readonly created: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly messages: number;
  readonly bytes: number;
  readonly maxBytes: number;
}

/** A place in a stream. */
export interface StreamPosition {
  readonly created: string;
  readonly sequence: number;
  /**
   * When the broker stored the message at that place, in nanoseconds since 1970: tells a stream that was rolled back
   * and has grown past the place again. May be left out; then only the sequence is compared.
   */
  readonly storedAt?: string | undefined;
}

/** How a stream relates to a position that was reached in it. */
export type Continuity = 'continues' | 'recreated' | 'rolled_back';

const MESSAGE_MISSING = 10037;

export async function streamState(conn: StreamConnection, stream: StreamName): Promise<StreamState> {
  const manager = await conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
  const { created, state, config } = await manager.streams.info(stream);
  return {
    created,
    firstSequence: state.first_seq,
    lastSequence: state.last_seq,
    messages: state.messages,
    bytes: state.bytes,
    maxBytes: config.max_bytes,
  };
}

/** The last message on subjects that match this filter; null where there is none. */
export async function lastMessage(
  conn: StreamConnection,
  stream: StreamName,
  subjectFilter: string,
): Promise<{ readonly sequence: number; readonly data: Uint8Array } | null> {
  const manager = await conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
  try {
    const { seq, data } = await manager.streams.getMessage(stream, { last_by_subj: subjectFilter });
    return { sequence: seq, data };
  } catch (error) {
    if (codeOf(error) === MESSAGE_MISSING) return null;
    throw error;
  }
}

/** When the broker stored this message, in nanoseconds since 1970; null where it is not there. */
async function storedAt(conn: StreamConnection, stream: StreamName, sequence: number): Promise<string | null> {
  const manager = await conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
  try {
    const { timestamp } = await manager.streams.getMessage(stream, { seq: sequence });
    return nanosecondsOf(timestamp);
  } catch (error) {
    if (codeOf(error) === MESSAGE_MISSING) return null;
    throw error;
  }
}

/** Compares the stream as it is with a place once reached in it. What has only expired still continues. */
export async function continuity(
  conn: StreamConnection,
  stream: StreamName,
  position: StreamPosition,
): Promise<{ continuity: Continuity; state: StreamState }> {
  const state = await streamState(conn, stream);
  return { state, continuity: await relation(conn, stream, position, state) };
}

async function relation(
  conn: StreamConnection,
  stream: StreamName,
  position: StreamPosition,
  state: StreamState,
): Promise<Continuity> {
  if (position.sequence === 0) return position.created === state.created ? 'continues' : 'recreated';
  if (position.created !== state.created) return 'recreated';
  if (position.sequence > state.lastSequence) return 'rolled_back';
  if (position.storedAt === undefined || position.sequence < state.firstSequence) return 'continues';
  const there = await storedAt(conn, stream, position.sequence);
  return there === null || there === position.storedAt ? 'continues' : 'rolled_back';
}

/** The first message stored at this time (epoch milliseconds) or later; one past the last where there is none. */
export async function sequenceAt(
  conn: StreamConnection,
  stream: StreamName,
  { firstSequence, lastSequence }: StreamState,
  timeMs: number,
): Promise<number> {
  // The first sequence of a stream that never held a message is 0, and there is no message 0.
  const first = Math.max(1, firstSequence);
  let low = first;
  let high = lastSequence + 1;
  while (low < high) {
    // The first one first: mostly nothing is that old.
    const probe = low === first ? low : Math.floor((low + high) / 2);
    const at = await storedAt(conn, stream, probe);
    // Of a message that is not there nothing is known: it goes with those before it.
    if (at === null || BigInt(at) < BigInt(Math.floor(timeMs)) * 1_000_000n) low = probe + 1;
    else high = probe;
  }
  return low;
}

/** Removes everything before this sequence: for what is kept elsewhere. */
export async function trim(conn: StreamConnection, stream: StreamName, keepFrom: number): Promise<void> {
  const manager = await conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
  await manager.streams.purge(stream, { seq: keepFrom });
}

/** `2026-11-23T09:18:20.1234Z` → nanoseconds since 1970, as text: a double does not hold them. */
export function nanosecondsOf(time: string): string {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.');
  return `${Date.parse(`${seconds}Z`) / 1000}${fraction.padEnd(9, '0').slice(0, 9)}`;
}
