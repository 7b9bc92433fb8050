import { setTimeout as delay } from 'node:timers/promises';

/** What waits for a commit: `bytes` counts towards the size of one. */
export interface Weighed {
  readonly bytes: number;
}

export interface GroupCommitBounds {
  readonly itemsMax: number;
  readonly bytesMax: number;
  /** After a commit that was not full: what arrives in this time shares the next, and the cost of one. Default: 0. */
  readonly pauseMs?: number;
}

interface Waiting<T> {
  readonly key: string | null;
  readonly item: T;
  readonly resolve: (item: T) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Natural group commit: one commit in flight; what arrives meanwhile forms the next. Alone, nothing ever waits.
 *
 *   add ─┐               ┌─ resolve
 *   add ─┼─► commit(n) ──┼─ resolve
 *   add ─┘      ▲        └─ resolve
 *               └── what is added during commit n waits for n + 1
 *
 * Bounded by its callers: an ingress holds IN_FLIGHT_MAX declarations at most, a tail one batch.
 */
export class GroupCommit<T extends Weighed> {
  readonly #commit: (batch: readonly T[]) => Promise<void>;
  readonly #bounds: GroupCommitBounds;
  /** Key of what waits or is being committed → its promise. */
  readonly #underway = new Map<string, Promise<T>>();
  #waiting: Waiting<T>[] = [];
  #running: Promise<void> | null = null;
  #added = 0;
  #committed = 0;

  constructor(commit: (batch: readonly T[]) => Promise<void>, bounds: GroupCommitBounds) {
    this.#commit = commit;
    this.#bounds = bounds;
  }

  /** Items ever added. */
  get added(): number {
    return this.#added;
  }

  /** Items ever committed. */
  get committed(): number {
    return this.#committed;
  }

  /** Resolves with the item when it is committed; a key, if there is one, that is under way already shares its promise. */
  add(key: string | null, item: () => T): Promise<T> {
    const underway = key === null ? undefined : this.#underway.get(key);
    if (underway !== undefined) return underway;
    const made = item();
    const promise = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ key, item: made, resolve, reject });
    });
    if (key !== null) this.#underway.set(key, promise);
    this.#added += 1;
    this.#running ??= Promise.resolve().then(() => this.#run());
    return promise;
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    const { itemsMax, pauseMs = 0 } = this.#bounds;
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        await this.#commit(batch.map(({ item }) => item));
      } catch (error) {
        for (const { key, reject } of batch) {
          if (key !== null) this.#underway.delete(key);
          reject(error as Error);
        }
        continue;
      }
      this.#committed += batch.length;
      for (const { key, item, resolve } of batch) {
        if (key !== null) this.#underway.delete(key);
        resolve(item);
      }
      if (pauseMs > 0 && batch.length < itemsMax) await delay(pauseMs);
    }
    this.#running = null;
  }

  #take(): Waiting<T>[] {
    let bytes = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      bytes += item.bytes;
      if (count > 0 && (bytes > this.#bounds.bytesMax || count >= this.#bounds.itemsMax)) break;
      count += 1;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return batch;
  }
}
