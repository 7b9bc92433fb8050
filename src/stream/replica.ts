import { CorridorError } from '../errors.ts';
import type { StreamConnection } from './connection.ts';
import { isOvertaken, publish } from './publish.ts';
import { purgeSubject } from './purge.ts';
import type { StreamName } from './streams.ts';
import { type Tail, type TailMessage, tail } from './tail.ts';

/** Port: where a node keeps what it was told. */
export interface ReplicaStore {
  entries(): Iterable<readonly [key: string, bytes: Uint8Array]>;
  get(key: string): Uint8Array | null;
  /** Resolves when it is on disk. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface ReplicaOptions<T, Held = T> {
  readonly conn: StreamConnection;
  readonly store: ReplicaStore;
  readonly stream: StreamName;
  /** Of all its subjects. */
  readonly filter: string;
  readonly subjectOf: (entry: T) => string;
  readonly keyOf: (entry: T) => string;
  /** Message of the stream ⇄ entry. `open` throws where it cannot be read. */
  readonly seal: (entry: T) => Uint8Array;
  readonly open: (data: Uint8Array) => T;
  /** Counts up with every change of an entry. */
  readonly revisionOf: (entry: T) => number;
  /** What stays in memory of it. */
  readonly held: (entry: T) => Held;
  /** An entry is new here, or has changed; `before` is null where it is new. */
  readonly onTaken?: (entry: T, before: Held | null) => Promise<void> | void;
  readonly onError: (error: unknown) => void;
}

interface Known<Held> {
  readonly held: Held;
  readonly revision: number;
}

/**
 * Entries that every node knows: told by a stream, kept by each node on its own disk as well, so that a broker that
 * loses its streams makes nobody forget: what the stream lacks of what is kept here is published again.
 *
 *   put ─► stream ─► tail of every node ─► its disk ─► its memory
 *
 * Two who change one entry at once: the stream takes the first, the other is told so.
 */
export class Replica<T, Held = T> {
  readonly #options: ReplicaOptions<T, Held>;
  readonly #known = new Map<string, Known<Held>>();
  /** Keys of entries that the stream has shown since it was last followed from its beginning. */
  readonly #streamed = new Set<string>();
  /** Subject → sequence of its last message. */
  readonly #sequences = new Map<string, number>();
  /** Entries are taken one after another, from the tail and from here. */
  #turn: Promise<unknown> = Promise.resolve();
  #tail: Tail | null = null;

  private constructor(options: ReplicaOptions<T, Held>) {
    this.#options = options;
    for (const [key, bytes] of options.store.entries()) this.#remember(key, options.open(bytes));
  }

  /** Resolves when everything that the stream holds is known. */
  static async start<T, Held = T>(options: ReplicaOptions<T, Held>): Promise<Replica<T, Held>> {
    const replica = new Replica(options);
    await replica.#follow();
    return replica;
  }

  async #follow(): Promise<void> {
    const { conn, stream, filter, onError } = this.#options;
    this.#tail = tail(conn, stream, filter, null, (messages) => this.#apply(messages), {
      onError,
      onReset: () => {
        this.#streamed.clear();
        this.#sequences.clear();
        void this.#restore().catch(onError);
      },
    });
    await this.#restore();
  }

  /** In the order of keys, so that what counts up is told in its order. */
  async #restore(): Promise<void> {
    await this.#tail?.caughtUp();
    for (const key of [...this.#known.keys()].sort()) {
      const entry = this.#streamed.has(key) ? null : this.read(key);
      if (entry !== null) await publish(this.#options.conn, this.#options.subjectOf(entry), this.#options.seal(entry));
    }
  }

  async #apply(messages: readonly TailMessage[]): Promise<void> {
    for (const { data, sequence, subject } of messages) {
      let entry: T;
      try {
        entry = this.#options.open(data);
      } catch {
        this.#options.onError(new Error(`message ${sequence} of ${this.#options.stream} cannot be read`));
        this.#reached(subject, sequence);
        continue;
      }
      await this.#take(entry, subject, sequence);
    }
  }

  #take(entry: T, subject: string, sequence: number): Promise<void> {
    const taken = this.#turn.then(() => this.#takeNow(entry)).then(() => this.#reached(subject, sequence));
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  /** Only now: whoever puts on top of this sequence has to have seen what it says. */
  #reached(subject: string, sequence: number): void {
    this.#sequences.set(subject, Math.max(sequence, this.#sequences.get(subject) ?? 0));
  }

  async #takeNow(entry: T): Promise<void> {
    const { keyOf, revisionOf, store, seal, onTaken } = this.#options;
    const key = keyOf(entry);
    const before = this.#known.get(key) ?? null;
    // An older one on the stream is put right by what is kept here: it does not count as shown.
    if (before !== null && revisionOf(entry) < before.revision) return;
    this.#streamed.add(key);
    if (before !== null && revisionOf(entry) === before.revision) return;
    await store.put(key, seal(entry));
    this.#remember(key, entry);
    await onTaken?.(entry, before?.held ?? null);
  }

  #remember(key: string, entry: T): void {
    this.#known.set(key, { held: this.#options.held(entry), revision: this.#options.revisionOf(entry) });
  }

  get(key: string): Held | null {
    return this.#known.get(key)?.held ?? null;
  }

  /** In ascending order of keys. */
  all(): Held[] {
    return [...this.#known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { held }]) => held);
  }

  /** The whole entry, from disk. */
  read(key: string): T | null {
    const bytes = this.#options.store.get(key);
    return bytes === null ? null : this.#options.open(bytes);
  }

  /**
   * Known here when this resolves, elsewhere within a moment. It follows what is known at the call: whoever changes an
   * entry calls this in the same turn in which it was read.
   * @throws CorridorError `changed_meanwhile` where another node was first; `overloaded`, `not_ready`.
   */
  async put(entry: T): Promise<void> {
    const { conn, subjectOf, seal } = this.#options;
    const subject = subjectOf(entry);
    const lastSubjectSequence = this.#sequences.get(subject) ?? 0;
    const { sequence } = await publish(conn, subject, seal(entry), { lastSubjectSequence }).catch((error: unknown) => {
      if (!isOvertaken(error)) throw error;
      throw new CorridorError('changed_meanwhile', 'Somebody changed it meanwhile; look again', { cause: error });
    });
    await this.#take(entry, subject, sequence);
  }

  /** Takes an entry off this node and off the stream; a node that has it still may tell of it again. */
  async forget(key: string): Promise<void> {
    const { conn, stream, store, subjectOf } = this.#options;
    const entry = this.read(key);
    if (entry === null) return;
    await purgeSubject(conn, stream, subjectOf(entry));
    await store.remove(key);
    this.#known.delete(key);
    this.#streamed.delete(key);
    this.#sequences.delete(subjectOf(entry));
  }

  /** Resolves when everything is known that the stream held at the time of the call. */
  async caughtUp(): Promise<void> {
    await this.#tail?.caughtUp();
  }

  async stop(): Promise<void> {
    await this.#tail?.stop();
    await this.#turn;
  }
}
