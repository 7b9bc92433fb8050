import { type ChainName, type HeadEntry, open, seal } from '../wire/envelope.ts';
import type { StreamConnection } from './connection.ts';
import { publish } from './publish.ts';
import { tail } from './tail.ts';

/**
 * Signed heads of hash chains on HEADS, whose subjects keep their last message: one for each hour (UTC), for good.
 *
 *   heads.<ingress>.2026-11-23T09          of the ledger
 *   heads.<ingress>.audit.2026-11-23T09    of the audit
 */
export interface PublishedHead {
  readonly chain: ChainName;
  readonly ingress: string;
  /** UTC, of its subject: `2026-11-23T09`. */
  readonly hour: string;
  /** When the broker stored it, epoch milliseconds. */
  readonly at: number;
  readonly head: HeadEntry;
}

const HOUR_MS = 3_600_000;
/** How far the clocks of broker and publisher may be apart. */
const CLOCK_SKEW_MS = 600_000;

/** Whether it was stored after its hour: it has taken the place of the one that had left in time. */
export function isLate({ hour, at }: Pick<PublishedHead, 'hour' | 'at'>): boolean {
  return at > Date.parse(`${hour}:00:00Z`) + HOUR_MS + CLOCK_SKEW_MS;
}

/** @throws CorridorError `overloaded` or `not_ready`. */
export async function publishHead(
  conn: StreamConnection,
  ingress: string,
  chain: ChainName,
  head: HeadEntry,
): Promise<void> {
  const hour = new Date().toISOString().slice(0, 13);
  const subject = chain === 'ledger' ? `heads.${ingress}.${hour}` : `heads.${ingress}.${chain}.${hour}`;
  await publish(conn, subject, seal('heads.signed', conn.name, Date.now(), '', head));
}

/** Every head that the stream holds, of every ingress; what cannot be read as one is left out. */
export async function readHeads(conn: StreamConnection): Promise<PublishedHead[]> {
  const heads: PublishedHead[] = [];
  const following = tail(conn, 'HEADS', 'heads.>', null, (messages) => {
    for (const { subject, data, storedAt } of messages) {
      const head = headOf(subject, data, Number(BigInt(storedAt) / 1_000_000n));
      if (head !== null) heads.push(head);
    }
  });
  try {
    await following.caughtUp();
  } finally {
    await following.stop();
  }
  return heads;
}

function headOf(subject: string, data: Uint8Array, at: number): PublishedHead | null {
  const [, ingress = '', ...rest] = subject.split('.');
  const [hour = ''] = rest.slice(-1);
  try {
    const { body } = open('heads.signed', data);
    return { chain: rest[0] === 'audit' ? 'audit' : 'ledger', ingress, hour, at, head: body };
  } catch {
    return null;
  }
}
