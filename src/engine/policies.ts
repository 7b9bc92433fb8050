import { bundleVersion, type PolicyBundle, packBundle, unpackBundle } from '../profiles/bundle.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { isOvertaken, publish } from '../stream/publish.ts';
import { lastMessage, type StreamPosition, streamState } from '../stream/state.ts';
import { type Tail, type TailMessage, tail } from '../stream/tail.ts';
import { open, type PolicyEntry, seal } from '../wire/envelope.ts';

const SUBJECT = 'policy.activated';
const FOLDER = 'read from the folder of rules';

/** The policy that was activated last; null where there has been none. @throws where it cannot be read. */
export async function newestPolicy(conn: StreamConnection): Promise<PolicyEntry | null> {
  const last = await lastMessage(conn, 'POLICY', SUBJECT);
  return last === null ? null : open(SUBJECT, last.data).body;
}

/**
 * Tells every process to decide under this policy, of a machine's folder of rules, from now on; does nothing where it
 * is the newest already, or where the newest came from the console: folders do not count any more then.
 * @throws CorridorError `overloaded` or `not_ready`.
 */
export async function publishPolicy(
  conn: StreamConnection,
  bundle: PolicyBundle,
): Promise<{ readonly version: string; readonly published: boolean }> {
  const version = bundleVersion(bundle);
  const packed = packBundle(bundle);
  for (;;) {
    const last = await lastMessage(conn, 'POLICY', SUBJECT);
    const newest = last === null ? null : entryOf(last.data);
    if (newest?.version === version || newest?.origin === 'console') return { version, published: false };
    const told = { number: (newest?.number ?? 0) + 1, origin: 'folder', at: Date.now(), by: conn.name } as const;
    const data = seal(SUBJECT, conn.name, told.at, '', { version, bundle: packed, ...told, reason: FOLDER });
    try {
      await publish(conn, SUBJECT, data, { lastSubjectSequence: last?.sequence ?? 0 });
      return { version, published: true };
    } catch (error) {
      // Another process was first; perhaps with the same policy.
      if (!isOvertaken(error)) throw error;
    }
  }
}

function entryOf(data: Uint8Array): PolicyEntry | null {
  try {
    return open(SUBJECT, data).body;
  } catch {
    return null;
  }
}

/** Where to follow POLICY from so that the newest activation comes first; null: from its beginning. */
export async function beforeNewest(conn: StreamConnection): Promise<StreamPosition | null> {
  const { created } = await streamState(conn, 'POLICY');
  const last = await lastMessage(conn, 'POLICY', SUBJECT);
  return last === null ? null : { created, sequence: last.sequence - 1 };
}

export interface PolicyFollower {
  /** Resolves when the newest policy, as of the call, has been handed on. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Hands on the newest policy, and every newer one as it comes; one that was overtaken meanwhile is left out.
 * `onRefused` gets what cannot be read, and what `onPolicy` threw: the policy of before stays.
 */
export async function followPolicies(
  conn: StreamConnection,
  onPolicy: (bundle: PolicyBundle, version: string) => Promise<void> | void,
  onRefused: (error: unknown) => void,
): Promise<PolicyFollower> {
  const from = await beforeNewest(conn);
  const handle = async (messages: readonly TailMessage[]): Promise<void> => {
    const newest = messages.at(-1);
    if (newest === undefined) return;
    try {
      const { version, bundle } = open(SUBJECT, newest.data).body;
      await onPolicy(unpackBundle(bundle), version);
    } catch (error) {
      onRefused(error);
    }
  };
  const followed: Tail = tail(conn, 'POLICY', SUBJECT, from, handle, { onError: onRefused });
  return { caughtUp: () => followed.caughtUp(), stop: () => followed.stop() };
}
