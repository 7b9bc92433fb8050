import { bundleVersion, type PolicyBundle, packBundle, unpackBundle } from '../profiles/bundle.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { isOvertaken, publish } from '../stream/publish.ts';
import { lastMessage, streamState } from '../stream/state.ts';
import { type Tail, type TailMessage, tail } from '../stream/tail.ts';
import { open, type PolicyEntry, seal } from '../wire/envelope.ts';

const SUBJECT = 'policy.activated';

/** The policy that was activated last; null where there has been none. @throws where it cannot be read. */
export async function newestPolicy(conn: StreamConnection): Promise<PolicyEntry | null> {
  const last = await lastMessage(conn, 'POLICY', SUBJECT);
  return last === null ? null : open(SUBJECT, last.data).body;
}

/**
 * Tells every process to decide under this policy from now on; does nothing where it is the newest already.
 * @throws CorridorError `overloaded` or `not_ready`.
 */
export async function publishPolicy(
  conn: StreamConnection,
  bundle: PolicyBundle,
): Promise<{ readonly version: string; readonly published: boolean }> {
  const version = bundleVersion(bundle);
  const data = seal(SUBJECT, conn.name, Date.now(), '', { version, bundle: packBundle(bundle) });
  for (;;) {
    const last = await lastMessage(conn, 'POLICY', SUBJECT);
    if (last !== null && versionOf(last.data) === version) return { version, published: false };
    try {
      await publish(conn, SUBJECT, data, { lastSubjectSequence: last?.sequence ?? 0 });
      return { version, published: true };
    } catch (error) {
      // Another process was first; perhaps with the same policy.
      if (!isOvertaken(error)) throw error;
    }
  }
}

function versionOf(data: Uint8Array): string | null {
  try {
    return open(SUBJECT, data).body.version;
  } catch {
    return null;
  }
}

export interface PolicyFollower {
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
  const { created } = await streamState(conn, 'POLICY');
  const last = await lastMessage(conn, 'POLICY', SUBJECT);
  const from = last === null ? null : { created, sequence: last.sequence - 1 };
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
  return { stop: () => followed.stop() };
}
