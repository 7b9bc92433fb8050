import { type DecisionEntry, seal } from '../wire/envelope.ts';
import type { StreamConnection } from './connection.ts';
import { type Published, publish } from './publish.ts';

/**
 * Publishes decisions that no engine made: withdrawals, and what a ledger restores. Under a message id, if given, the
 * broker keeps one of several attempts.
 * @throws CorridorError `overloaded` or `not_ready`.
 */
export function publishDecisions(
  conn: StreamConnection,
  ingressName: string,
  entries: readonly DecisionEntry[],
  msgId?: string,
): Promise<Published> {
  const trace = entries.length === 1 ? (entries[0]?.trace ?? '') : '';
  const data = seal('decisions.made', conn.name, Date.now(), trace, entries);
  return publish(conn, `decisions.${ingressName}`, data, msgId === undefined ? {} : { msgId });
}
