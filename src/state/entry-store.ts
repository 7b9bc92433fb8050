import { type Database, open, type RootDatabase } from 'lmdb';
import { durable } from './durable.ts';

const MAP_BYTES = 16 * 1024 ** 3;

/** Entries by key, on disk, of several kinds in one folder: what a stream tells every node, and a broker may lose. */
export class EntryStores {
  readonly #root: RootDatabase<Uint8Array, string>;

  constructor(dir: string) {
    this.#root = open<Uint8Array, string>({
      path: dir,
      maxDbs: 16,
      mapSize: MAP_BYTES,
      encoding: 'binary',
      noSubdir: false,
      overlappingSync: false,
    });
  }

  of(kind: string): EntryStore {
    return new EntryStore(this.#root, this.#root.openDB<Uint8Array, string>({ name: kind, encoding: 'binary' }));
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}

export class EntryStore {
  readonly #root: RootDatabase<Uint8Array, string>;
  readonly #entries: Database<Uint8Array, string>;

  constructor(root: RootDatabase<Uint8Array, string>, entries: Database<Uint8Array, string>) {
    this.#root = root;
    this.#entries = entries;
  }

  /** In the order of their keys. The bytes are a copy. */
  *entries(): Iterable<readonly [string, Uint8Array]> {
    for (const { key, value } of this.#entries.getRange()) yield [key, value];
  }

  get(key: string): Uint8Array | null {
    return this.#entries.get(key) ?? null;
  }

  /** Resolves when it is on disk. */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    await durable(this.#entries.put(key, bytes));
    await this.#root.flushed;
  }

  async remove(key: string): Promise<void> {
    await durable(this.#entries.remove(key));
  }
}
