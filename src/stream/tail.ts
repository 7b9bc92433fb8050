import { AckPolicy, type ConsumerConfig, DeliverPolicy, nanos, ReplayPolicy } from 'nats';
import { REQUEST_DEADLINE_MS, type StreamConnection } from './connection.ts';
import { type PulledMessage, Puller } from './pull.ts';
import { type Continuity, continuity, lastMessage, type StreamPosition, streamState } from './state.ts';
import type { StreamName } from './streams.ts';

export interface TailMessage {
  readonly sequence: number;
  readonly created: string;
  readonly storedAt: string;
  readonly subject: string;
  readonly data: Uint8Array;
}

export interface TailOptions {
  /** The stream is another than before, or lost its end: everything it holds comes (again) from its first message. */
  readonly onReset?: (why: Exclude<Continuity, 'continues'>) => void;
  /** Something went wrong and is tried again: the handler failed, or the broker. */
  readonly onError?: (error: unknown) => void;
  /** Messages that may be delivered and not handled yet. */
  readonly capacity?: number;
}

export interface Tail {
  /** The last message handled, or where it started; null before anything. */
  position(): StreamPosition | null;
  /** Resolves when everything the stream held at the time of the call has been handled; rejects where it is stopped. */
  caughtUp(): Promise<void>;
  /** After the handler that runs now. */
  stop(): Promise<void>;
}

export type TailHandler = (messages: readonly TailMessage[]) => void | Promise<void>;

const CAPACITY = 512;
const RETRY_MS = 100;
const HANDLER_RETRY_MS = 500;
/** After this the broker forgets the consumer of a process that went away. */
const INACTIVE_MS = 30_000;

/**
 * Follows a stream in its order, for ever: across lost connections, a killed broker, a stream that was created anew
 * or rolled back. Messages come in groups, as they arrive; the next group waits for the handler. A handler that fails
 * gets the same group again. Messages may come twice, never out of order but for a reset.
 */
export function tail(
  conn: StreamConnection,
  stream: StreamName,
  subjectFilter: string,
  from: StreamPosition | null,
  onMessages: TailHandler,
  options: TailOptions = {},
): Tail {
  const follower = new Follower(conn, stream, subjectFilter, from, onMessages, options);
  void follower.run();
  return follower;
}

interface Waiter {
  readonly sequence: number;
  readonly created: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class Follower implements Tail {
  private readonly conn: StreamConnection;
  private readonly stream: StreamName;
  private readonly filter: string;
  private readonly onMessages: TailHandler;
  private readonly options: TailOptions;
  private at: StreamPosition | null;
  private created = '';
  private puller: Puller | null = null;
  private nextConsumerSequence = 1;
  private buffer: PulledMessage[] = [];
  private handling: Promise<void> | null = null;
  private stopped = false;
  private wake: () => void = () => undefined;
  private waiters: Waiter[] = [];

  constructor(
    conn: StreamConnection,
    stream: StreamName,
    filter: string,
    from: StreamPosition | null,
    onMessages: TailHandler,
    options: TailOptions,
  ) {
    this.conn = conn;
    this.stream = stream;
    this.filter = filter;
    this.at = from;
    this.onMessages = onMessages;
    this.options = options;
  }

  position(): StreamPosition | null {
    return this.at;
  }

  async caughtUp(): Promise<void> {
    const { created } = await streamState(this.conn, this.stream);
    const sequence = (await lastMessage(this.conn, this.stream, this.filter))?.sequence ?? 0;
    return new Promise((resolve, reject) => {
      this.waiters.push({ sequence, created, resolve, reject });
      this.answerWaiters();
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.puller?.stop();
    this.buffer = [];
    this.wake();
    await this.handling;
    for (const { reject } of this.waiters.splice(0)) reject(new Error('the tail was stopped'));
  }

  /** One round per consumer: it lasts until the consumer is lost. */
  async run(): Promise<void> {
    while (!this.stopped && !this.conn.closed()) {
      try {
        if (!(await this.conn.ready(REQUEST_DEADLINE_MS))) continue;
        const lost = await this.open();
        if (this.stopped) this.puller?.stop();
        else await lost;
        await this.handling;
      } catch (error) {
        this.options.onError?.(error);
      }
      this.puller = null;
      if (!this.stopped) await this.pause(RETRY_MS);
    }
  }

  /** Finds out where to go on, and starts a consumer there. */
  private async open(): Promise<Promise<void>> {
    await this.compare();
    const manager = await this.conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
    const { name } = await manager.consumers.add(this.stream, this.consumerConfig());
    this.nextConsumerSequence = 1;
    this.buffer = [];
    return new Promise((resolve) => {
      this.wake = resolve;
      this.puller = new Puller(this.conn, {
        stream: this.stream,
        consumer: name,
        capacity: this.options.capacity ?? CAPACITY,
        onMessage: (message) => this.receive(message),
        onLost: () => resolve(),
      });
    });
  }

  private async compare(): Promise<void> {
    if (this.at === null) {
      this.created = (await streamState(this.conn, this.stream)).created;
      this.at = { created: this.created, sequence: 0 };
      return;
    }
    const { continuity: how, state } = await continuity(this.conn, this.stream, this.at);
    this.created = state.created;
    if (how !== 'continues') {
      this.at = { created: state.created, sequence: 0 };
      this.options.onReset?.(how);
      for (const { resolve, reject } of this.waiters.splice(0)) this.caughtUp().then(resolve, reject);
    }
    this.answerWaiters();
  }

  private consumerConfig(): Partial<ConsumerConfig> {
    const from = (this.at?.sequence ?? 0) + 1;
    return {
      ack_policy: AckPolicy.None,
      replay_policy: ReplayPolicy.Instant,
      filter_subject: this.filter,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      inactive_threshold: nanos(INACTIVE_MS),
      mem_storage: true,
      num_replicas: 1,
    };
  }

  private receive(message: PulledMessage): void {
    if (message.consumerSequence !== this.nextConsumerSequence) {
      // Something was lost on the way: start again behind the last one handled.
      this.puller?.stop();
      this.wake();
      return;
    }
    this.nextConsumerSequence++;
    this.buffer.push(message);
    this.handling ??= this.handle();
  }

  private async handle(): Promise<void> {
    await Promise.resolve();
    while (this.buffer.length > 0 && !this.stopped) {
      const group = this.buffer;
      this.buffer = [];
      await this.handleGroup(group);
    }
    this.handling = null;
  }

  private async handleGroup(group: readonly PulledMessage[]): Promise<void> {
    const puller = this.puller;
    const { created } = this;
    const messages = group.map(({ sequence, storedAt, subject, data }) => {
      return { sequence, created, storedAt, subject, data };
    });
    while (!this.stopped) {
      try {
        await this.onMessages(messages);
        break;
      } catch (error) {
        this.options.onError?.(error);
        await this.pause(HANDLER_RETRY_MS);
      }
    }
    const last = messages.at(-1);
    if (this.stopped || last === undefined) return;
    this.at = { created, sequence: last.sequence, storedAt: last.storedAt };
    this.answerWaiters();
    puller?.release(group.length);
  }

  private answerWaiters(): void {
    const reached = this.at;
    if (reached === null || this.waiters.length === 0) return;
    const done = this.waiters.filter(
      ({ sequence, created }) => reached.created !== created || reached.sequence >= sequence,
    );
    this.waiters = this.waiters.filter((waiter) => !done.includes(waiter));
    for (const { resolve } of done) resolve();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}
