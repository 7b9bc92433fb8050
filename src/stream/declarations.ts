import { nuid } from 'nats';
import {
  BATCH_BYTES_MAX,
  BATCH_DECLARATIONS_MAX,
  IN_FLIGHT_BYTES_MAX,
  IN_FLIGHT_MAX,
  PUBLISHES_IN_FLIGHT_MAX,
  UNDECIDED_MAX,
  UNDECIDED_WITHIN_MS,
} from '../limits.ts';
import { type DeclarationEntry, seal } from '../wire/envelope.ts';
import { Batcher } from './batcher.ts';
import type { StreamConnection } from './connection.ts';
import { publish } from './publish.ts';

/** Header of a DECLARATIONS message: how many entries it holds, so that engines can batch without reading it. */
export const COUNT_HEADER = 'Corridor-Count';

/** What an entry takes beside its declaration: keys, identity, trace, hash. */
const ENTRY_OVERHEAD_BYTES = 512;
const ENVELOPE_OVERHEAD_BYTES = 512;

export interface DeclarationPublisher {
  /**
   * Resolves with the sequence on DECLARATIONS of the message that holds the entry.
   * @throws CorridorError `overloaded` or `not_ready`; then the entry may be in the stream or not, and can be sent
   * again.
   */
  submit(entry: DeclarationEntry): Promise<{ readonly sequence: number }>;
  /** The entry has been decided; of the entries of a message, any will do that stands first in it. */
  decided(entry: DeclarationEntry): void;
  /** Entries that wait for a place in a message. */
  depth(): number;
}

export interface PublisherObserver {
  /** One message acknowledged: how many entries it held, how long it took. */
  published(entries: number, elapsedMs: number): void;
}

/** Batches and publishes the declarations of one ingress on `declarations.<ingress>`. */
export function createDeclarationPublisher(
  conn: StreamConnection,
  ingressName: string,
  observer: PublisherObserver = { published: () => undefined },
): DeclarationPublisher {
  const subject = `declarations.${ingressName}`;
  const process = nuid.next();
  let messages = 0;
  const limits = {
    inFlightMax: PUBLISHES_IN_FLIGHT_MAX,
    openMax: UNDECIDED_MAX,
    openWithinMs: UNDECIDED_WITHIN_MS,
    entriesMax: BATCH_DECLARATIONS_MAX,
    bytesMax: BATCH_BYTES_MAX - ENVELOPE_OVERHEAD_BYTES,
    queueEntriesMax: IN_FLIGHT_MAX,
    queueBytesMax: IN_FLIGHT_BYTES_MAX,
  };
  const batcher = new Batcher<DeclarationEntry, { sequence: number }>(limits, async (entries) => {
    const started = performance.now();
    const trace = entries.length === 1 ? (entries[0]?.trace ?? '') : '';
    const data = seal('declarations.submitted', conn.name, Date.now(), trace, entries);
    const { sequence } = await publish(conn, subject, data, {
      msgId: `${process}-${++messages}`,
      headers: { [COUNT_HEADER]: String(entries.length) },
    });
    observer.published(entries.length, performance.now() - started);
    return { sequence };
  });
  return {
    submit: (entry) => batcher.submit(entry, entry.declaration.byteLength + ENTRY_OVERHEAD_BYTES),
    decided: (entry) => batcher.answered(entry),
    depth: () => batcher.depth(),
  };
}
