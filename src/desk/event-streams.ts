import { Readable } from 'node:stream';
import type { Principal } from '../access/principal.ts';
import { CorridorError } from '../errors.ts';
import { EVENT_BACKLOG_BYTES_MAX, EVENT_STREAMS_MAX, EVENT_STREAMS_PER_SUBJECT_MAX } from '../limits.ts';

export const EVENT_STREAM_TYPE = 'text/event-stream; charset=utf-8';
/** How long a browser waits before it comes back. */
const RETRY_MS = 2000;

/** A server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface StreamEvent {
  readonly id: string | number;
  readonly name: string;
  readonly data: object;
}

export function textOf({ id, name, data }: StreamEvent): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

export interface EventStreamsDeps {
  /** Whether the credential still holds: false once it is revoked. */
  readonly stands: (principal: Principal) => boolean;
  readonly now: () => number;
}

interface OpenStream {
  readonly principal: Principal;
  readonly stream: Readable;
  readonly event: () => string;
}

/**
 * Streams of events, all driven by one beat. An event at every beat keeps the connection, and shows a reader that is
 * gone: what it does not take is bounded, and beyond that it is dropped. A stream ends with the credential that opened
 * it, and when the service stops.
 */
export class EventStreams {
  readonly #deps: EventStreamsDeps;
  readonly #open = new Set<OpenStream>();

  constructor(deps: EventStreamsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * @param event The event of each beat, as text.
   * @returns the body of the answer, which begins with an event.
   * @throws CorridorError `overloaded` where too many are open, of this subject or of all.
   */
  open(principal: Principal, event: () => string): Readable {
    const own = [...this.#open].filter((one) => one.principal.subject === principal.subject).length;
    if (own >= EVENT_STREAMS_PER_SUBJECT_MAX) throw new CorridorError('overloaded', 'You have too many streams open');
    if (this.#open.size >= EVENT_STREAMS_MAX) throw new CorridorError('overloaded', 'Too many streams are open');
    const stream = new Readable({ read: () => undefined });
    const opened: OpenStream = { principal, stream, event };
    this.#open.add(opened);
    stream.once('close', () => this.#open.delete(opened));
    stream.push(`retry: ${RETRY_MS}\n\n${event()}`);
    return stream;
  }

  beat(): void {
    const now = this.#deps.now();
    for (const { principal, stream, event } of this.#open) {
      if (principal.expiresAt <= now || !this.#deps.stands(principal)) stream.push(null);
      else if (stream.readableLength > EVENT_BACKLOG_BYTES_MAX) stream.destroy();
      else stream.push(event());
    }
  }

  close(): void {
    for (const { stream } of this.#open) stream.push(null);
  }
}
