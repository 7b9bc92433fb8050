import { CorridorError } from '../errors.ts';
import { LEASE_MS } from '../limits.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { type Tail, tail } from '../stream/tail.ts';
import { type NodeEntry, open } from '../wire/envelope.ts';

/** A node that decides, as it was heard of last. */
export interface Lease extends NodeEntry {
  /** When its last word came here, epoch milliseconds. */
  readonly contactAt: number;
}

export interface LeasesDeps {
  readonly conn: StreamConnection;
  readonly onError: (error: unknown) => void;
  /** Clock of the wall. */
  readonly now?: () => number;
}

/** Who decides now: every node that has said so on NODES within the last moments. */
export class Leases {
  readonly #now: () => number;
  readonly #heard = new Map<string, Lease>();
  readonly #listeners = new Set<() => void>();
  readonly #tail: Tail;

  private constructor({ conn, onError, now = Date.now }: LeasesDeps) {
    this.#now = now;
    this.#tail = tail(
      conn,
      'NODES',
      'nodes.>',
      null,
      (messages) => {
        for (const { subject, data } of messages) this.#hear(subject, data, onError);
        for (const listener of [...this.#listeners]) listener();
      },
      { onError },
    );
  }

  /** Resolves when everybody is known who has been heard of by now. */
  static async start(deps: LeasesDeps): Promise<Leases> {
    const leases = new Leases(deps);
    await leases.caughtUp();
    return leases;
  }

  #hear(subject: string, data: Uint8Array, onError: (error: unknown) => void): void {
    try {
      const entry = open('nodes.told', data).body;
      if (entry.leaving) this.#heard.delete(subject);
      else this.#heard.set(subject, { ...entry, contactAt: this.#now() });
    } catch (error) {
      onError(error);
    }
  }

  /** In the order of their names. */
  live(): Lease[] {
    const since = this.#now() - LEASE_MS;
    for (const [subject, { contactAt }] of this.#heard) if (contactAt < since) this.#heard.delete(subject);
    return [...this.#heard.values()].sort((a, b) => (a.node < b.node ? -1 : 1));
  }

  /** Resolves with the first answer that is not null, asked anew whenever a node is heard of; null: the time is up. */
  async watch<T>(withinMs: number, ask: (live: readonly Lease[]) => T | null): Promise<T | null> {
    const until = this.#now() + withinMs;
    for (;;) {
      const answer = ask(this.live());
      if (answer !== null || this.#now() >= until) return answer;
      await this.#nextWord(Math.min(until - this.#now(), LOOK_MS));
    }
  }

  #nextWord(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#listeners.add(done);
    });
  }

  /** @throws CorridorError `not_ready` where the broker does not say who is there. */
  async caughtUp(): Promise<void> {
    await this.#tail.caughtUp().catch((cause: unknown) => {
      throw new CorridorError('not_ready', 'The message broker does not say which nodes live', { cause });
    });
  }

  async stop(): Promise<void> {
    await this.#tail.stop();
  }
}

/** Leases that end do so in silence. */
const LOOK_MS = 500;
