import { setTimeout as delay } from 'node:timers/promises';
import type { StreamConnection } from '../stream/connection.ts';
import { type Tail, type TailMessage, tail } from '../stream/tail.ts';
import { type MessageType, open } from '../wire/envelope.ts';
import type { ProjectedMessage, ProjectedStream, Projector } from './projector.ts';

export interface FollowerListener {
  /** The read models hold everything up to here. */
  applied(stream: ProjectedStream, sequence: number): void;
  /** A stream was created anew or rolled back; it is applied from its first message again. */
  reset(stream: ProjectedStream, why: string): void;
  /** A message that cannot be read, and is passed over. */
  unreadable(stream: ProjectedStream, sequence: number, error: unknown): void;
  /** The broker or the disk failed; it is tried again. */
  failed(stream: ProjectedStream, error: unknown): void;
}

/** Messages that one transaction may hold; each is a payload at most. */
const GROUP_MESSAGES_MAX = 128;
/** As many as are waited for; a group of more shows that messages pile up. */
const GROUP_MESSAGES_FEW = GROUP_MESSAGES_MAX / 2;
/** Between two transactions of few messages: what arrives meanwhile shares the next one, and the cost of a commit. */
const PAUSE_MS = 40;

export interface Follower {
  /** Resolves when everything that the streams held at the time of the call is in the read models. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Follows DECISIONS and PARTIES from where the read models are, for ever. */
export function followInto(projector: Projector, conn: StreamConnection, listener: FollowerListener): Follower {
  const tails: Tail[] = [
    follow(projector, conn, listener, 'DECISIONS', 'decisions.>', (messages) => {
      projector.decisions(readable(messages, 'DECISIONS', 'decisions.made', listener));
    }),
    follow(projector, conn, listener, 'PARTIES', 'parties.>', (messages) => {
      projector.parties(readable(messages, 'PARTIES', 'parties.categorised', listener));
    }),
  ];
  return {
    caughtUp: async () => {
      await Promise.all(tails.map((one) => one.caughtUp()));
    },
    stop: async () => {
      await Promise.all(tails.map((one) => one.stop()));
    },
  };
}

function follow(
  projector: Projector,
  conn: StreamConnection,
  listener: FollowerListener,
  stream: ProjectedStream,
  subjects: string,
  apply: (messages: readonly TailMessage[]) => void,
): Tail {
  // A message after silence is applied at once.
  const handle = async (messages: readonly TailMessage[]): Promise<void> => {
    apply(messages);
    const last = messages.at(-1);
    if (last !== undefined) listener.applied(stream, last.sequence);
    if (messages.length < GROUP_MESSAGES_FEW) await delay(PAUSE_MS);
  };
  return tail(conn, stream, subjects, projector.position(stream), handle, {
    onReset: (why) => {
      projector.reset(stream);
      listener.reset(stream, why);
    },
    onError: (error) => listener.failed(stream, error),
    capacity: GROUP_MESSAGES_MAX,
  });
}

/** When a message was published, and by which process. */
interface Told {
  readonly at: number;
  readonly by: string;
}

/** A message that cannot be read keeps its place, empty: the position must move past it. */
function readable<T extends MessageType & ('decisions.made' | 'parties.categorised')>(
  messages: readonly TailMessage[],
  stream: ProjectedStream,
  type: T,
  listener: FollowerListener,
): (ProjectedMessage<ReturnType<typeof open<T>>['body'][number]> & Told)[] {
  return messages.map(({ sequence, created, storedAt, data }) => {
    const place = { sequence, created, storedAt };
    try {
      const { at, by, body } = open(type, data);
      return { ...place, at, by, entries: body };
    } catch (error) {
      listener.unreadable(stream, sequence, error);
      return { ...place, at: 0, by: '', entries: [] };
    }
  });
}
