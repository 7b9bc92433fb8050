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
  /** When it was published, epoch milliseconds. */
  readonly at: number;
  readonly head: HeadEntry;
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
    for (const { subject, data } of messages) {
      const head = headOf(subject, data);
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

function headOf(subject: string, data: Uint8Array): PublishedHead | null {
  const [, ingress = '', name] = subject.split('.');
  try {
    const { at, body } = open('heads.signed', data);
    return { chain: name === 'audit' ? 'audit' : 'ledger', ingress, at, head: body };
  } catch {
    return null;
  }
}
