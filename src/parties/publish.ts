import type { PartyRole } from '../core/declaration.ts';
import { BATCH_BYTES_MAX } from '../limits.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { publish } from '../stream/publish.ts';
import { type CategoryOverride, type PartyEntry, seal } from '../wire/envelope.ts';

/** An entry is a few dozen bytes: so many of them stay well below a message's limit. */
const ENTRIES_PER_MESSAGE = 512;
const ENTRY_BYTES_MAX = 256;

if (ENTRIES_PER_MESSAGE * ENTRY_BYTES_MAX > BATCH_BYTES_MAX) throw new Error('a message of parties would be too large');

/**
 * Publishes categories on `parties.<role>`, in messages of up to ENTRIES_PER_MESSAGE. Entries of one role keep their
 * order. @returns how many were published.
 * @throws CorridorError `overloaded` or `not_ready`; what was published before stays published, and may be again.
 */
export async function publishParties(
  conn: StreamConnection,
  entries: AsyncIterable<PartyEntry> | Iterable<PartyEntry>,
): Promise<number> {
  const byRole = new Map<PartyRole, PartyEntry[]>();
  let published = 0;
  const send = async (role: PartyRole, batch: readonly PartyEntry[]): Promise<void> => {
    await publish(conn, `parties.${role}`, seal('parties.categorised', conn.name, Date.now(), '', batch));
    published += batch.length;
  };
  for await (const entry of entries) {
    const batch = byRole.get(entry.role) ?? [];
    batch.push(entry);
    byRole.set(entry.role, batch);
    if (batch.length < ENTRIES_PER_MESSAGE) continue;
    byRole.delete(entry.role);
    await send(entry.role, batch);
  }
  for (const [role, batch] of byRole) await send(role, batch);
  return published;
}

/**
 * Publishes an official's category, or its end. @returns its place in PARTIES.
 * @throws CorridorError `overloaded` or `not_ready`.
 */
export async function publishOverride(conn: StreamConnection, change: CategoryOverride): Promise<number> {
  const data = seal('parties.categorised', conn.name, Date.now(), '', [change]);
  return (await publish(conn, `parties.${change.role}`, data)).sequence;
}
