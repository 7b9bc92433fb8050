import { type Database, open, type RootDatabase } from 'lmdb';
import { durable } from '../state/durable.ts';
import type { AccessEntry } from '../wire/envelope.ts';
import { decode, encode } from '../wire/messagepack.ts';

const MAP_BYTES = 4 * 1024 ** 3;

/** Keys, revocations and the last seen roles of each subject, on disk: what a broker loses is not forgotten. */
export class DirectoryStore {
  readonly #root: RootDatabase<Uint8Array, string>;
  readonly #entries: Database<Uint8Array, string>;
  readonly #subjects: Database<Uint8Array, string>;

  constructor(dir: string) {
    this.#root = open<Uint8Array, string>({
      path: dir,
      maxDbs: 4,
      mapSize: MAP_BYTES,
      encoding: 'binary',
      noSubdir: false,
      overlappingSync: false,
    });
    this.#entries = this.#root.openDB<Uint8Array, string>({ name: 'entries', encoding: 'binary' });
    this.#subjects = this.#root.openDB<Uint8Array, string>({ name: 'subjects', encoding: 'binary' });
  }

  *entries(): Iterable<AccessEntry> {
    for (const { value } of this.#entries.getRange()) yield decode(value) as AccessEntry;
  }

  /** Resolves when it is on disk. */
  async put(key: string, entry: AccessEntry): Promise<void> {
    await durable(this.#entries.put(key, encode(entry)));
    await this.#root.flushed;
  }

  async remove(key: string): Promise<void> {
    await durable(this.#entries.remove(key));
  }

  /** What a subject was allowed when it was last seen; null for one that is new. */
  subject(name: string): string | null {
    const bytes = this.#subjects.get(name);
    return bytes === undefined ? null : (decode(bytes) as string);
  }

  async putSubject(name: string, rights: string): Promise<void> {
    await durable(this.#subjects.put(name, encode(rights)));
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}
