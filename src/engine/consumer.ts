import { ACK_WAIT_MS, BATCH_DECLARATIONS_MAX } from '../limits.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { COUNT_HEADER } from '../stream/declarations.ts';
import { publish } from '../stream/publish.ts';
import { type PulledMessage, Puller } from '../stream/pull.ts';
import { continuity } from '../stream/state.ts';
import { ENGINE_CONSUMER } from '../stream/streams.ts';
import { ensureTopology } from '../stream/topology.ts';
import { seal } from '../wire/envelope.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { EngineObserver } from './observer.ts';
import type { HeldEntry, MessageAnswer } from './protocol.ts';

/** A message between its delivery and its acknowledgement. */
interface InHand {
  readonly message: PulledMessage;
  readonly puller: Puller;
  readonly epoch: number;
  readonly deliveredAt: number;
}

const RETRY_MS = 100;
const WORKING_INTERVAL_MS = Math.floor(ACK_WAIT_MS / 3);
const STOP_DEADLINE_MS = 5000;

/**
 *   DECLARATIONS ── pull ──► dispatcher ──► threads
 *                                             │ answers
 *   QUARANTINE ◄── 1 ── settle ◄──────────────┘
 *   DECISIONS  ◄── 2 ──   │
 *   DECLARATIONS ◄─ 3 ────┘ acknowledge
 *
 * After every lost connection the stream is compared with what is in hand. Where it was rolled back or created anew,
 * sequences mean other messages now: what is in hand is dropped, neither answered nor acknowledged.
 */
export class Consumer {
  private readonly conn: StreamConnection;
  private readonly dispatcher: Dispatcher;
  private readonly observer: EngineObserver;
  private readonly capacity: number;
  private readonly inHand = new Set<InHand>();
  private readonly working: NodeJS.Timeout;
  private readonly stopListening: () => void;
  private puller: Puller | null = null;
  private created = '';
  /** Everything received before this epoch is void. */
  private voidBefore = 0;
  /** Up to which epoch the stream has been compared. */
  private comparedEpoch = 0;
  private onCompared: (() => void)[] = [];
  private paused = false;
  private stopped = false;
  private wake: () => void = () => undefined;
  private readonly loop: Promise<void>;

  constructor(conn: StreamConnection, dispatcher: Dispatcher, observer: EngineObserver, capacity: number) {
    this.conn = conn;
    this.dispatcher = dispatcher;
    this.observer = observer;
    this.capacity = capacity;
    this.comparedEpoch = conn.epoch();
    this.stopListening = conn.onDisconnect(() => this.wake());
    this.working = setInterval(() => this.keepAlive(), WORKING_INTERVAL_MS).unref();
    this.loop = this.run();
  }

  /** Whether it takes declarations now. */
  consuming(): boolean {
    return this.puller !== null && !this.paused;
  }

  /** Takes nothing more, and starts nothing of what it has, until `resume`. */
  pause(): void {
    this.paused = true;
    this.dispatcher.hold();
    this.wake();
  }

  resume(): void {
    this.paused = false;
    this.dispatcher.resume();
    this.wake();
  }

  /** Gives back what has not begun, waits for the rest. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.loop;
    for (const job of this.dispatcher.drop()) job.abandon('the engine stops');
    const until = Date.now() + STOP_DEADLINE_MS;
    while (this.inHand.size > 0 && Date.now() < until) await sleep(10);
    clearInterval(this.working);
    this.stopListening();
  }

  /** One round per puller: until the connection is lost, the broker silent, or somebody pauses. */
  private async run(): Promise<void> {
    while (!this.stopped && !this.conn.closed()) {
      try {
        if (!(await this.conn.ready(1000))) continue;
        await ensureTopology(this.conn);
        await this.compare();
        if (this.stopped) break;
        // From here on, not before: a `resume` during the comparison would end the puller that is about to begin, and
        // what had been delivered to it would come again only after `ack_wait`.
        const woken = new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        if (!this.paused) this.pull();
        await woken;
      } catch (error) {
        this.observer.trouble({ where: 'consumer', error });
        await sleep(RETRY_MS);
      }
      this.puller?.stop();
      this.puller = null;
    }
  }

  private pull(): void {
    const puller: Puller = new Puller(this.conn, {
      stream: 'DECLARATIONS',
      consumer: ENGINE_CONSUMER,
      capacity: this.capacity,
      onMessage: (message) => this.receive(puller, message),
      onLost: (reason) => {
        if (this.conn.connected()) this.observer.trouble({ where: 'consumer', error: new Error(reason) });
        setTimeout(() => this.wake(), RETRY_MS);
      },
    });
    this.puller = puller;
  }

  /** Whether what is in hand from before a disconnect still stands for the same messages. */
  private async compare(): Promise<void> {
    const epoch = this.conn.epoch();
    const last = [...this.inHand].reduce<PulledMessage | null>(
      (most, { message }) => (most === null || message.sequence > most.sequence ? message : most),
      null,
    );
    const { sequence, storedAt } = last ?? { sequence: 0, storedAt: undefined };
    const { continuity: how, state } = await continuity(this.conn, 'DECLARATIONS', {
      created: this.created,
      sequence,
      storedAt,
    });
    if (epoch !== this.conn.epoch()) throw new Error('the connection was lost again');
    this.created = state.created;
    if (how !== 'continues') this.voidBefore = epoch;
    this.comparedEpoch = epoch;
    for (const resolve of this.onCompared.splice(0)) resolve();
  }

  /** Whether this may still be answered; waits until the stream has been compared after a disconnect. */
  private async stands({ epoch }: InHand): Promise<boolean> {
    while (this.comparedEpoch < this.conn.epoch() && !this.stopped) {
      await new Promise<void>((resolve) => this.onCompared.push(resolve));
    }
    return epoch >= this.voidBefore && this.comparedEpoch === this.conn.epoch();
  }

  private receive(puller: Puller, message: PulledMessage): void {
    const inHand: InHand = { message, puller, epoch: this.conn.epoch(), deliveredAt: Date.now() };
    this.inHand.add(inHand);
    this.dispatcher.add({
      data: message.data,
      sequence: message.sequence,
      count: countOf(message),
      settle: (answer) => void this.settle(inHand, answer),
      abandon: (reason) => this.abandon(inHand, reason),
    });
  }

  private async settle(inHand: InHand, answer: MessageAnswer): Promise<void> {
    const { message } = inHand;
    try {
      if (!(await this.stands(inHand))) return;
      if (answer.readable) {
        for (const held of answer.held) await this.quarantine(inHand, held);
        for (const [index, part] of answer.parts.entries()) await this.answer(inHand, part, index);
        if (await this.stands(inHand)) message.acknowledge();
      } else {
        await this.quarantine(inHand, { index: -1, reason: answer.reason, bytes: message.data });
        if (await this.stands(inHand)) message.terminate();
      }
    } catch (error) {
      // Unacknowledged, it is delivered again; what was published carries ids that make it the same.
      this.observer.trouble({ where: 'settle', error });
    } finally {
      this.done(inHand);
    }
  }

  private async answer(inHand: InHand, part: Uint8Array, index: number): Promise<void> {
    const { message } = inHand;
    const ingress = message.subject.slice(message.subject.indexOf('.') + 1);
    const begun = performance.now();
    const { duplicate } = await publish(this.conn, `decisions.${ingress}`, part, {
      msgId: index === 0 ? `D${originOf(message)}` : `D${originOf(message)}-${index}`,
      retry: () => this.stands(inHand),
    });
    this.observer.answered({ publishMs: performance.now() - begun, duplicate });
  }

  private async quarantine(inHand: InHand, { index, reason, bytes }: HeldEntry): Promise<void> {
    const { message } = inHand;
    const entry = { stream: 'DECLARATIONS', sequence: message.sequence, index, reason, bytes };
    const data = seal('quarantine.held', this.conn.name, Date.now(), '', entry);
    const { duplicate } = await publish(this.conn, 'quarantine.declarations', data, {
      msgId: `Q${originOf(message)}-${index}`,
      retry: () => this.stands(inHand),
    });
    if (!duplicate) this.observer.quarantined({ sequence: message.sequence, index, reason });
  }

  private abandon(inHand: InHand, reason: string): void {
    this.observer.abandoned({ sequence: inHand.message.sequence, reason });
    // Refusing brings it back at once; a message that nobody can decide had better come back after `ack_wait`.
    if (this.stopped && this.conn.connected()) inHand.message.refuse();
    this.done(inHand);
  }

  private done(inHand: InHand): void {
    if (!this.inHand.delete(inHand)) return;
    inHand.puller.release(1);
  }

  private keepAlive(): void {
    if (!this.conn.connected() || this.comparedEpoch !== this.conn.epoch()) return;
    const before = Date.now() - WORKING_INTERVAL_MS;
    for (const { message, deliveredAt, epoch } of this.inHand) {
      if (deliveredAt <= before && epoch >= this.voidBefore) message.working();
    }
  }
}

/** Names the message for all time, across a roll-back too: its sequence, and when the broker stored it. */
function originOf({ sequence, storedAt }: PulledMessage): string {
  return `${sequence}-${storedAt}`;
}

function countOf(message: PulledMessage): number {
  const count = Number(message.header(COUNT_HEADER));
  return Number.isInteger(count) && count > 0 ? count : BATCH_DECLARATIONS_MAX;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
