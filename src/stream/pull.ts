import type { Msg, Subscription } from 'nats';
import type { StreamConnection } from './connection.ts';

/** One message of a stream, delivered to a pull consumer. */
export interface PulledMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly sequence: number;
  /** When the broker stored it, in nanoseconds since 1970. */
  readonly storedAt: string;
  /** 1 for the first delivery of this consumer, counting up over all its messages. */
  readonly consumerSequence: number;
  /** How often this message has been delivered. */
  readonly deliveries: number;
  /** Messages that the consumer has still to deliver. */
  readonly pending: number;
  header(name: string): string | null;
  acknowledge(): void;
  /** Asks for the same message again, by anybody, at once. */
  refuse(): void;
  /** Never again, to nobody. */
  terminate(): void;
  /** Asks the broker for another `ack_wait`. */
  working(): void;
}

export interface PullOptions {
  readonly stream: string;
  readonly consumer: string;
  /** Messages that may be delivered and not released yet. */
  readonly capacity: number;
  readonly onMessage: (message: PulledMessage) => void;
  /** Nothing comes any more from here: the consumer is gone, the broker silent, or the connection lost. */
  readonly onLost: (reason: string) => void;
}

const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 1000;
const SILENCE_MS = 3 * HEARTBEAT_MS;

const ACK = new TextEncoder().encode('+ACK');
const NAK = new TextEncoder().encode('-NAK');
const TERM = new TextEncoder().encode('+TERM');
const WORKING = new TextEncoder().encode('+WPI');

/**
 * Pulls from one consumer, with one request under way at a time, for as much as there is room for. It ends at the
 * first sign of trouble and says so; its owner decides how to go on, with a new one.
 */
export class Puller {
  private readonly conn: StreamConnection;
  private readonly options: PullOptions;
  private readonly inbox: string;
  private readonly subscription: Subscription;
  private readonly stopListening: () => void;
  private readonly heartbeat: NodeJS.Timeout;
  private request = 0;
  /** Messages that the request under way may still bring. */
  private wanted = 0;
  private held = 0;
  private heardAt = Date.now();
  private open = true;

  constructor(conn: StreamConnection, options: PullOptions) {
    this.conn = conn;
    this.options = options;
    this.inbox = conn.newInbox();
    this.subscription = conn.nats.subscribe(`${this.inbox}.*`, { callback: (error, msg) => this.receive(error, msg) });
    this.stopListening = conn.onDisconnect(() => this.lose('the connection was lost'));
    this.heartbeat = setInterval(() => this.listen(), HEARTBEAT_MS);
    this.pull();
  }

  /** Says that this many messages are done with, and makes room for others. */
  release(count: number): void {
    this.held -= count;
    this.pull();
  }

  stop(): void {
    if (!this.open) return;
    this.open = false;
    clearInterval(this.heartbeat);
    this.stopListening();
    this.subscription.unsubscribe();
  }

  private pull(): void {
    const room = this.options.capacity - this.held;
    if (!this.open || this.wanted > 0 || room <= 0) return;
    this.wanted = room;
    this.heardAt = Date.now();
    const { stream, consumer } = this.options;
    const request = { batch: room, expires: EXPIRES_MS * 1e6, idle_heartbeat: HEARTBEAT_MS * 1e6 };
    this.conn.nats.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), {
      reply: `${this.inbox}.${++this.request}`,
    });
  }

  private receive(error: Error | null, msg: Msg): void {
    if (!this.open) return;
    this.heardAt = Date.now();
    if (error !== null) this.lose(error.message);
    else if (msg.subject.startsWith(this.inbox)) this.hear(msg);
    else this.deliver(msg);
  }

  private deliver(msg: Msg): void {
    this.wanted = Math.max(0, this.wanted - 1);
    this.held++;
    this.options.onMessage(messageOf(msg));
    this.pull();
  }

  /** The broker talks about the request rather than delivering a message. */
  private hear(msg: Msg): void {
    const code = msg.headers?.code ?? 503;
    if (code === 100 || msg.subject !== `${this.inbox}.${this.request}`) return;
    if (code === 404 || code === 408) {
      this.wanted = 0;
      this.pull();
    } else {
      this.lose(`${code} ${msg.headers?.description ?? 'nobody answers'}`);
    }
  }

  private listen(): void {
    if (this.wanted > 0 && Date.now() - this.heardAt > SILENCE_MS) this.lose('the broker is silent');
  }

  private lose(reason: string): void {
    if (!this.open) return;
    this.stop();
    this.options.onLost(reason);
  }
}

/**
 * The reply subject of a delivered message tells all about it:
 * `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<stored>.<pending>[.…]`.
 */
function messageOf(msg: Msg): PulledMessage {
  const tokens = (msg.reply ?? '').split('.');
  const at = tokens.length === 9 ? 4 : 6;
  return {
    subject: msg.subject,
    data: msg.data,
    deliveries: Number(tokens[at]),
    sequence: Number(tokens[at + 1]),
    consumerSequence: Number(tokens[at + 2]),
    storedAt: tokens[at + 3] ?? '',
    pending: Number(tokens[at + 4]),
    header: (name) => (msg.headers?.has(name) ? msg.headers.get(name) : null),
    acknowledge: () => void msg.respond(ACK),
    refuse: () => void msg.respond(NAK),
    terminate: () => void msg.respond(TERM),
    working: () => void msg.respond(WORKING),
  };
}
