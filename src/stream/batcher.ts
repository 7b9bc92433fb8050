import { CorridorError } from '../errors.ts';

export interface BatcherLimits {
  /** Sends that may be under way at once. */
  readonly inFlightMax: number;
  /** With so many entries open, a message that is not full waits until fewer are. */
  readonly openMax: number;
  /** Whose answer is late for so long no longer counts as open. */
  readonly openWithinMs: number;
  readonly entriesMax: number;
  readonly bytesMax: number;
  /** What may wait beside what is under way; beyond it `overloaded`. */
  readonly queueEntriesMax: number;
  readonly queueBytesMax: number;
}

interface Waiting<T, R> {
  readonly entry: T;
  readonly bytes: number;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Natural batching: alone, an entry goes at once; what arrives while sends are under way, or while many entries are
 * open (sent, not answered), forms the next message, until it is full. So the busier it is the larger the messages, from one end of the
 * way to the other.
 */
export class Batcher<T, R> {
  private readonly limits: BatcherLimits;
  private readonly send: (entries: T[]) => Promise<R>;
  private queue: Waiting<T, R>[] = [];
  private queueBytes = 0;
  private inFlight = 0;
  /** First entry of a message → the entries of it, while it is open. */
  private readonly open = new Map<T, { readonly count: number; readonly late: NodeJS.Timeout }>();
  private openEntries = 0;
  private scheduled = false;

  constructor(limits: BatcherLimits, send: (entries: T[]) => Promise<R>) {
    this.limits = limits;
    this.send = send;
  }

  /** Entries that wait for a place in a message. */
  depth(): number {
    return this.queue.length;
  }

  /** Resolves with what the send of its batch gave. @throws CorridorError `overloaded`, or what the send threw. */
  submit(entry: T, bytes: number): Promise<R> {
    const { queueEntriesMax, queueBytesMax } = this.limits;
    if (this.queue.length >= queueEntriesMax || this.queueBytes + bytes > queueBytesMax) {
      return Promise.reject(new CorridorError('overloaded', 'Too many declarations wait to be published'));
    }
    return new Promise((resolve, reject) => {
      this.queue.push({ entry, bytes, resolve, reject });
      this.queueBytes += bytes;
      this.schedule();
    });
  }

  /** The message that this entry began is answered. */
  answered(entry: T): void {
    const message = this.open.get(entry);
    if (message === undefined) return;
    clearTimeout(message.late);
    this.open.delete(entry);
    this.openEntries -= message.count;
    if (this.queue.length > 0) this.schedule();
  }

  /** After the requests of this turn of the event loop have been read, so that they travel together. */
  private schedule(): void {
    if (this.scheduled || !this.maySend()) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      while (this.queue.length > 0 && this.maySend()) void this.dispatch(this.take());
    });
  }

  private maySend(): boolean {
    const { inFlightMax, openMax, entriesMax, bytesMax } = this.limits;
    const isFull = this.queue.length >= entriesMax || this.queueBytes >= bytesMax;
    return this.inFlight < inFlightMax && (isFull || this.openEntries < openMax);
  }

  private opened(entries: readonly T[]): void {
    const first = entries[0] as T;
    const late = setTimeout(() => this.answered(first), this.limits.openWithinMs).unref();
    this.open.set(first, { count: entries.length, late });
    this.openEntries += entries.length;
  }

  private take(): Waiting<T, R>[] {
    const { entriesMax, bytesMax } = this.limits;
    let bytes = 0;
    let count = 0;
    for (const waiting of this.queue) {
      if (count === entriesMax || (count > 0 && bytes + waiting.bytes > bytesMax)) break;
      bytes += waiting.bytes;
      count++;
    }
    this.queueBytes -= bytes;
    return this.queue.splice(0, count);
  }

  private async dispatch(batch: Waiting<T, R>[]): Promise<void> {
    this.inFlight++;
    const entries = batch.map(({ entry }) => entry);
    this.opened(entries);
    try {
      const result = await this.send(entries);
      for (const { resolve } of batch) resolve(result);
    } catch (error) {
      this.answered(entries[0] as T);
      for (const { reject } of batch) reject(error);
    } finally {
      this.inFlight--;
      if (this.queue.length > 0) this.schedule();
    }
  }
}
