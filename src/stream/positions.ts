import { open, type PositionsEntry, seal } from '../wire/envelope.ts';
import { REQUEST_DEADLINE_MS, type StreamConnection } from './connection.ts';
import { publish } from './publish.ts';
import { purgeSubject } from './purge.ts';
import { lastMessage, type StreamPosition } from './state.ts';

/**
 * How far each node has taken DECISIONS in, as it says itself on POSITIONS, whose subjects keep their last message:
 *
 *   positions.ledger.<ingress>   a node with a ledger: it counts until an operator forgets it
 *   positions.models.<node>      a node with read models alone: it counts while it is heard of
 */
export interface NodePositions {
  /** `ledger.<ingress>` or `models.<node>`. */
  readonly node: string;
  /** When it said so, epoch milliseconds. */
  readonly at: number;
  /** Where its ledger and its read models are; nothing behind any of them may go. */
  readonly positions: readonly StreamPosition[];
}

/** Of a part that has taken in nothing: it needs all there is. */
export const NOWHERE: StreamPosition = { created: '', sequence: 0 };

const SUBJECT = 'positions.';

export function hasLedger({ node }: NodePositions): boolean {
  return node.startsWith('ledger.');
}

export async function announcePositions(
  conn: StreamConnection,
  node: string,
  positions: readonly StreamPosition[],
): Promise<void> {
  const body: PositionsEntry = positions.map(({ created, sequence, storedAt = '' }) => {
    return { created, sequence, storedAt };
  });
  await publish(conn, SUBJECT + node, seal('positions.reached', conn.name, Date.now(), '', body));
}

export async function readPositions(conn: StreamConnection): Promise<NodePositions[]> {
  const manager = await conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
  const { state } = await manager.streams.info('POSITIONS', { subjects_filter: `${SUBJECT}>` });
  const found: NodePositions[] = [];
  for (const subject of Object.keys(state.subjects ?? {}).sort()) {
    const message = await lastMessage(conn, 'POSITIONS', subject);
    if (message !== null) found.push(nodePositions(subject.slice(SUBJECT.length), message.data));
  }
  return found;
}

/** Whom nobody understands needs everything: a later version may say what this one cannot read. */
function nodePositions(node: string, data: Uint8Array): NodePositions {
  try {
    const { at, body } = open('positions.reached', data);
    if (body.length === 0) throw new Error('no position');
    const positions = body.map(({ created, sequence, storedAt }) => {
      return { created, sequence, storedAt: storedAt === '' ? undefined : storedAt };
    });
    return { node, at, positions };
  } catch {
    return { node, at: Date.now(), positions: [NOWHERE] };
  }
}

/** For a node that is gone for good. @returns whether it was known. */
export async function forgetPositions(conn: StreamConnection, node: string): Promise<boolean> {
  return (await purgeSubject(conn, 'POSITIONS', SUBJECT + node)) > 0;
}
