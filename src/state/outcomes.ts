import type { OutcomeEntry } from '../wire/envelope.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { EntryStores } from './entry-store.ts';

/** An outcome, and when it was told. */
export interface KeptOutcome extends OutcomeEntry {
  readonly recordedAt: number;
  readonly by: string;
}

/** What controls found, by declaration, on disk: written by one process, read by any thread. */
export class OutcomeStore {
  readonly #stores: EntryStores;
  readonly #outcomes;

  constructor(dir: string) {
    this.#stores = new EntryStores(dir);
    this.#outcomes = this.#stores.of('by-declaration');
  }

  /** The stores that lie beside it. */
  get stores(): EntryStores {
    return this.#stores;
  }

  get(submitter: string, id: string): KeptOutcome | null {
    const bytes = this.#outcomes.get(`${submitter}\n${id}`);
    return bytes === null ? null : (decode(bytes) as KeptOutcome);
  }

  /** The one told last stays. */
  async put(outcome: KeptOutcome): Promise<void> {
    const known = this.get(outcome.submitter, outcome.id);
    if (known !== null && known.recordedAt > outcome.recordedAt) return;
    await this.#outcomes.put(`${outcome.submitter}\n${outcome.id}`, encode(outcome));
  }

  *all(): Iterable<KeptOutcome> {
    for (const [, bytes] of this.#outcomes.entries()) yield decode(bytes) as KeptOutcome;
  }

  async close(): Promise<void> {
    await this.#stores.close();
  }
}
