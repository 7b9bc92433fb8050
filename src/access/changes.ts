import { createHash } from 'node:crypto';
import { LISTS_NAMED_MAX } from '../limits.ts';
import { unpackBundle } from '../profiles/bundle.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { type Tail, type TailMessage, tail } from '../stream/tail.ts';
import { type Envelope, type MessageType, open } from '../wire/envelope.ts';
import { decode, encode } from '../wire/messagepack.ts';
import type { Audit } from './audit.ts';
import type { AuditEvent } from './audit-event.ts';

/** What one message comes to: its events, and what its follower remembers from then on. */
interface Reading {
  readonly events: readonly AuditEvent[];
  readonly memory: Uint8Array;
}

interface Followed {
  readonly stream: 'POLICY' | 'PARTIES';
  readonly subjects: string;
  readonly read: (message: TailMessage, memory: Uint8Array) => Reading;
}

const NOTHING = new Uint8Array();

export interface ChangesListener {
  /** A message that cannot be read, and is passed over. */
  unreadable(stream: string, sequence: number, error: unknown): void;
  /** The broker or the disk failed; it is tried again. */
  failed(stream: string, error: unknown): void;
}

/**
 * Records what changes by stream, for ever and each change once: policies that are activated, with the lists that they
 * change, and categories. Where a stream is depends on nothing but the audit itself, which keeps both in one commit.
 */
export function recordChanges(
  conn: StreamConnection,
  audit: Audit,
  listener: ChangesListener,
): { caughtUp(): Promise<void>; stop(): Promise<void> } {
  const tails = [
    follow(conn, audit, listener, { stream: 'POLICY', subjects: 'policy.activated', read: readPolicy }),
    follow(conn, audit, listener, { stream: 'PARTIES', subjects: 'parties.>', read: readParties }),
  ];
  return {
    caughtUp: async () => void (await Promise.all(tails.map((one) => one.caughtUp()))),
    stop: async () => void (await Promise.all(tails.map((one) => one.stop()))),
  };
}

function follow(
  conn: StreamConnection,
  audit: Audit,
  listener: ChangesListener,
  { stream, subjects, read }: Followed,
): Tail {
  const from = audit.taken(stream)?.position ?? null;
  /** Where the stream begins again (made anew, or rolled back): what it stored up to then has been recorded. */
  let recordedUntil: bigint | null = null;
  const isRecorded = ({ created, sequence, storedAt }: TailMessage): boolean => {
    if (recordedUntil !== null) return BigInt(storedAt) <= recordedUntil;
    const at = audit.taken(stream)?.position;
    return at !== undefined && at.created === created && sequence <= at.sequence;
  };
  const handle = async (messages: readonly TailMessage[]): Promise<void> => {
    let memory = audit.taken(stream)?.memory ?? NOTHING;
    const events: AuditEvent[] = [];
    const fresh = messages.filter((message) => !isRecorded(message));
    for (const message of fresh) {
      try {
        const reading = read(message, memory);
        events.push(...reading.events);
        memory = reading.memory;
      } catch (error) {
        listener.unreadable(stream, message.sequence, error);
      }
    }
    const last = fresh.at(-1);
    if (last === undefined) return;
    const { created, sequence, storedAt } = last;
    await audit.take(stream, events, { position: { created, sequence, storedAt }, memory });
    recordedUntil = null;
  };
  return tail(conn, stream, subjects, from, handle, {
    onReset: () => {
      const storedAt = audit.taken(stream)?.position.storedAt;
      if (storedAt !== undefined) recordedUntil = BigInt(storedAt);
    },
    onError: (error) => listener.failed(stream, error),
  });
}

/** Remembers a digest of every file of the policy: name → its first 16 bytes of SHA-256. */
function readPolicy({ data }: TailMessage, memory: Uint8Array): Reading {
  const envelope = open('policy.activated', data);
  const before = memory.length === 0 ? {} : (decode(memory) as Record<string, Uint8Array>);
  const { files } = unpackBundle(envelope.body.bundle);
  const after = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, digestOf(text)]));
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !isSame(before[name], after[name]))
    .sort();
  const lists = changed.filter((name) => name.startsWith('lists/')).map((name) => name.slice('lists/'.length));
  const { version, challenger = null } = envelope.body;
  const share = challenger === null ? {} : { challenger: challenger.version, percent: challenger.percent };
  const events = [
    eventOf(envelope, 'policy.activated', version, { files: changed.length, lists: lists.length, ...share }),
    ...lists.slice(0, LISTS_NAMED_MAX).map((list) => eventOf(envelope, 'list.changed', list, { policy: version })),
  ];
  return { events, memory: encode(after) };
}

/** Role and number of the entries; whose they are stands in the stream. */
function readParties({ data, subject }: TailMessage): Reading {
  const envelope = open('parties.categorised', data);
  const role = subject.slice(subject.indexOf('.') + 1);
  return { events: [eventOf(envelope, 'category.changed', role, {}, envelope.body.length)], memory: NOTHING };
}

function eventOf(
  { at, by, trace }: Envelope<MessageType>,
  action: AuditEvent['action'],
  target: string,
  detail: AuditEvent['detail'],
  count = 1,
): AuditEvent {
  if (!Number.isSafeInteger(at)) throw new Error('its time is no time');
  return { at, action, subject: String(by), roles: [], target, result: 'done', detail, trace: String(trace), count };
}

function digestOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest().subarray(0, 16);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}
