import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Corridor } from '../core/corridor.ts';
import type { RequestFault } from '../errors.ts';
import { CommandFailure } from './command.ts';
import type { Authorise } from './credentials.ts';

/** A decision as the service answers it; it holds more than is named here. */
export interface AnsweredDecision {
  readonly declarationId: string;
  readonly version: number;
  readonly corridor: Corridor;
  readonly reasons: readonly { readonly kind: string; readonly target: string | null }[];
}

/** A line of the batch route's answer, without its number, which is that of the line sent. */
export type BatchAnswer =
  | AnsweredDecision
  | { readonly pending: { readonly location: string } }
  | { readonly problem: { readonly detail: string; readonly faults: readonly RequestFault[] } };

export interface Answered<T> {
  readonly sent: T;
  readonly answer: BatchAnswer;
  /** From writing the line to reading its answer. */
  readonly latencyMs: number;
}

/** Lines on their way at once: two messages of the stream. More would only wait, and be counted as latency. */
const IN_FLIGHT_MAX = 128;

/**
 * Streams lines through `POST /v1/declarations/batch` and yields the answers in their order, while the rest is on its
 * way. Bounded in memory whatever the number of lines.
 * @throws CommandFailure where the service cannot be reached, refuses, or ends in the middle.
 */
export async function* sendBatch<T extends { readonly json: string }>(
  url: string,
  rows: AsyncIterable<T>,
  authorise: Authorise,
): AsyncGenerator<Answered<T>> {
  const flight: { sent: T; at: number }[] = [];
  const outgoing = open(url, await authorise());
  const incoming = responseOf(outgoing, url);
  const room = new Signal();
  const writing = write(outgoing, rows, flight, room);
  // A file that cannot be read on is told when all that was sent before is answered.
  writing.catch(() => {});
  try {
    for await (const text of answerLines(await incoming, url)) {
      const first = flight.shift();
      if (first === undefined) throw new CommandFailure(`${url} answered more lines than it was sent`);
      room.raise();
      const { line: _, ...answer } = JSON.parse(text) as { line: number } & BatchAnswer;
      yield { sent: first.sent, answer: answer as BatchAnswer, latencyMs: performance.now() - first.at };
    }
    await writing;
    if (flight.length > 0) throw new CommandFailure(`${url} ended with ${flight.length} declarations unanswered`);
  } finally {
    outgoing.destroy();
    room.raise();
  }
}

function open(url: string, credentials: Readonly<Record<string, string>>): ClientRequest {
  const address = new URL('/v1/declarations/batch', url);
  const outgoing = (address.protocol === 'https:' ? secureRequest : request)(address, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson', ...credentials },
  });
  // What goes wrong shows where the response, or the next chunk of it, is awaited.
  outgoing.on('error', () => {});
  return outgoing;
}

async function responseOf(outgoing: ClientRequest, url: string): Promise<IncomingMessage> {
  let response: IncomingMessage;
  try {
    [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  } catch (cause) {
    throw asFailure(cause, url);
  }
  if (response.statusCode === 200) return response;
  let body = '';
  for await (const chunk of response) body += String(chunk);
  throw new CommandFailure(`${url} answered ${response.statusCode}: ${body.slice(0, 500)}`);
}

async function* answerLines(response: IncomingMessage, url: string): AsyncGenerator<string> {
  let kept = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      const lines = (kept + String(chunk)).split('\n');
      kept = lines.pop() ?? '';
      yield* lines.filter((line) => line !== '');
    }
  } catch (cause) {
    throw asFailure(cause, url);
  }
  if (kept !== '') yield kept;
}

/** What is told of a service that does not answer: its certificate is not trusted, nobody listens, it went away. */
export function asFailure(error: unknown, url: string): Error {
  // What `fetch` throws says why in its cause; that of several addresses has no message of its own.
  const cause = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
  if (cause === error && cause.code === undefined) return cause;
  return new CommandFailure(`${url} cannot be reached (${cause.message || cause.code})`, { cause: error });
}

async function write<T extends { readonly json: string }>(
  outgoing: ClientRequest,
  rows: AsyncIterable<T>,
  flight: { sent: T; at: number }[],
  room: Signal,
): Promise<void> {
  const isFull = () => flight.length >= IN_FLIGHT_MAX || outgoing.writableNeedDrain;
  outgoing.on('drain', () => room.raise()).on('close', () => room.raise());
  try {
    for await (const row of rows) {
      while (isFull() && !outgoing.destroyed) await room.next();
      if (outgoing.destroyed) return;
      flight.push({ sent: row, at: performance.now() });
      outgoing.write(`${row.json}\n`);
    }
  } finally {
    outgoing.end();
  }
}

/** Wakes the one that waits. */
class Signal {
  private wake: (() => void) | null = null;

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  raise(): void {
    this.wake?.();
    this.wake = null;
  }
}
