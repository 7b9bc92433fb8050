import { DECLARATION_MEMORY_DAYS } from '../limits.ts';
import { decodeStatus } from '../state/models.ts';
import type { ModelsStore } from '../state/models-store.ts';
import type { DecisionEntry } from '../wire/envelope.ts';
import { decode, encode } from '../wire/messagepack.ts';
import type { Effects } from './effects.ts';

const MEMORY_MS = DECLARATION_MEMORY_DAYS * 86_400_000;
/** So many declarations at most are forgotten for each entry applied: however many fall due, no transaction is long. */
const FORGOTTEN_PER_ENTRY = 2;

/**
 * Keeps the read models bounded. Every version that is applied takes a place at the end of a queue; the place at its
 * head falls due when DECLARATION_MEMORY_DAYS lie between it and the entry that is applied now, and the declaration is
 * forgotten unless a later version has a place of its own. Time is that of the entries, so that streams applied again
 * in the same order forget the same. An entry dated wrong, in either direction, costs two declarations their place at
 * most, and cannot hold up the queue once its own date has passed by that span.
 */
export class Retention {
  readonly #store: ModelsStore;
  readonly #effects: Effects;
  readonly #queue: Queue;

  constructor(store: ModelsStore, effects: Effects) {
    this.#store = store;
    this.#effects = effects;
    this.#queue = new Queue(store);
  }

  applied({ submitter, id, receivedAt }: DecisionEntry): void {
    this.#queue.push([submitter, id, receivedAt]);
    for (let count = 0; count < FORGOTTEN_PER_ENTRY; count++) {
      const place = this.#queue.first();
      if (place === null || Math.abs(receivedAt - place[2]) <= MEMORY_MS) return;
      this.#queue.shift();
      this.#forget(place);
    }
  }

  flush(): void {
    this.#queue.flush();
  }

  /** The transaction was given up. */
  clear(): void {
    this.#queue.clear();
  }

  #forget([submitter, id, receivedAt]: Place): void {
    const key = `${submitter}\n${id}`;
    const row = this.#store.status.get(key);
    if (row === undefined) return;
    const versions = decodeStatus(row);
    const lastAt = Math.max(...versions.map(({ version }) => version.receivedAt));
    if (lastAt > receivedAt) return;
    this.#effects.forget({ submitter, id }, versions, lastAt);
    this.#store.status.remove(key);
  }
}

type Place = readonly [submitter: string, id: string, receivedAt: number];

/** Places in one row of the queue: few enough that taking one off its front is cheap. */
const ROW_PLACES = 32;

/** First in, first out; rows of places by ascending numbers. */
class Queue {
  readonly #rows: ModelsStore['queue'];
  /** The first row; null until it is looked up, and where nothing is stored. */
  #head: { readonly number: number; readonly places: Place[]; changed: boolean } | null = null;
  /** What this transaction adds, and how much of that it has taken away again. */
  #added: Place[] = [];
  #taken = 0;

  constructor({ queue }: ModelsStore) {
    this.#rows = queue;
  }

  push(place: Place): void {
    this.#added.push(place);
  }

  first(): Place | null {
    this.#head ??= this.#readHead();
    return this.#head?.places[0] ?? this.#added[this.#taken] ?? null;
  }

  shift(): void {
    if (this.#head === null) {
      this.#taken += 1;
      return;
    }
    this.#head.places.shift();
    this.#head.changed = true;
    if (this.#head.places.length > 0) return;
    this.#rows.remove(this.#head.number);
    this.#head = null;
  }

  flush(): void {
    if (this.#head?.changed) {
      this.#rows.put(this.#head.number, encode(this.#head.places));
      this.#head.changed = false;
    }
    if (this.#added.length > this.#taken) {
      let [last = 0] = this.#rows.getKeys({ reverse: true, limit: 1 });
      for (let at = this.#taken; at < this.#added.length; at += ROW_PLACES) {
        last += 1;
        this.#rows.put(last, encode(this.#added.slice(at, at + ROW_PLACES)));
      }
    }
    this.#added = [];
    this.#taken = 0;
  }

  clear(): void {
    this.#head = null;
    this.#added = [];
    this.#taken = 0;
  }

  #readHead(): { number: number; places: Place[]; changed: boolean } | null {
    for (const { key, value } of this.#rows.getRange({ limit: 1 })) {
      return { number: key, places: decode(value) as Place[], changed: false };
    }
    return null;
  }
}
