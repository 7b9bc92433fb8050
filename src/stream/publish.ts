import { headers, NatsError, nuid } from 'nats';
import { CorridorError } from '../errors.ts';
import type { StreamConnection } from './connection.ts';
import { codeOf } from './topology.ts';

export interface Published {
  readonly sequence: number;
  /** The broker knew the message id already: the sequence is that of the first one. */
  readonly duplicate: boolean;
}

export interface PublishOptions {
  /** Sent with every attempt, so that the broker keeps one; a new one where it is left out. */
  readonly msgId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Fails unless the last message on this subject has this sequence. */
  readonly lastSubjectSequence?: number;
  /** All attempts together. */
  readonly withinMs?: number;
  /** Asked before every attempt but the first: false gives up. */
  readonly retry?: () => Promise<boolean>;
}

const ATTEMPT_DEADLINE_MS = 500;
const PUBLISH_DEADLINE_MS = 3000;
const PAUSE_MS = 50;

const STORE_FAILED = 10077;
const WRONG_LAST_SEQUENCE = 10071;

/**
 * Publishes and waits for the broker's acknowledgement; tries again under the same message id while the broker is
 * away or silent.
 * @throws CorridorError `overloaded` where the stream is full, `body_too_large` where the broker takes no such message,
 * `not_ready` where the time is up.
 */
export async function publish(
  conn: StreamConnection,
  subject: string,
  data: Uint8Array,
  options: PublishOptions = {},
): Promise<Published> {
  const until = Date.now() + (options.withinMs ?? PUBLISH_DEADLINE_MS);
  const msgId = options.msgId ?? nuid.next();
  let last: unknown;
  for (let attempt = 0; ; attempt++) {
    const left = until - Date.now();
    if (left <= 0 || !(await conn.ready(left))) break;
    if (attempt > 0 && options.retry !== undefined && !(await options.retry())) break;
    try {
      return await attemptOnce(
        conn,
        subject,
        data,
        { ...options, msgId },
        Math.min(ATTEMPT_DEADLINE_MS, Math.max(left, 50)),
      );
    } catch (error) {
      giveUpOn(error);
      last = error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  throw new CorridorError('not_ready', 'The message broker does not answer', { cause: last });
}

/** Fails at once when the connection is lost: the acknowledgement cannot come any more. */
async function attemptOnce(
  conn: StreamConnection,
  subject: string,
  data: Uint8Array,
  { msgId, headers: extra, lastSubjectSequence }: PublishOptions & { msgId: string },
  timeout: number,
): Promise<Published> {
  let stop: () => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    stop = conn.onDisconnect(() => reject(new Error('the connection was lost')));
  });
  try {
    const request = conn.nats.jetstream().publish(subject, data, {
      timeout,
      msgID: msgId,
      ...(extra === undefined ? {} : { headers: headersOf(extra) }),
      ...(lastSubjectSequence === undefined ? {} : { expect: { lastSubjectSequence } }),
    });
    const { seq, duplicate } = await Promise.race([request, lost]);
    return { sequence: seq, duplicate };
  } finally {
    stop();
  }
}

function headersOf(extra: Readonly<Record<string, string>>): ReturnType<typeof headers> {
  const all = headers();
  for (const [key, value] of Object.entries(extra)) all.set(key, value);
  return all;
}

/** Throws where another attempt cannot help. */
function giveUpOn(error: unknown): void {
  const code = codeOf(error);
  if (code === STORE_FAILED) throw new CorridorError('overloaded', 'The stream is full', { cause: error });
  if (code === WRONG_LAST_SEQUENCE) throw error;
  if (error instanceof NatsError && (error.code === 'CONNECTION_CLOSED' || error.code === 'CONNECTION_DRAINING')) {
    throw new CorridorError('not_ready', 'The connection to the message broker is closed', { cause: error });
  }
  if (error instanceof NatsError && error.code === 'MAX_PAYLOAD_EXCEEDED') {
    const detail = 'The message broker does not take so much at once: its max_payload must be raised';
    throw new CorridorError('body_too_large', detail, { cause: error });
  }
  if (error instanceof NatsError && error.isPermissionError()) throw error;
}

/** Whether this is the broker's answer that somebody else published first. */
export function isOvertaken(error: unknown): boolean {
  return codeOf(error) === WRONG_LAST_SEQUENCE;
}
