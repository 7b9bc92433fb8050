/**
 * Rows of one table, decoded: each is read once while it stays, changed in memory, and written once a transaction.
 * Rows that were not asked for lately leave; those that changed stay until they are written.
 */
export class RowCache<T> {
  readonly #rows = new Map<string, T>();
  readonly #changed = new Map<string, T>();
  readonly #read: (key: string) => T;
  readonly #rowsMax: number;

  constructor(rowsMax: number, read: (key: string) => T) {
    this.#rowsMax = rowsMax;
    this.#read = read;
  }

  get(key: string): T {
    return this.#changed.get(key) ?? this.#rows.get(key) ?? this.#read(key);
  }

  /** The row, to be changed by the caller. */
  change(key: string): T {
    const changed = this.#changed.get(key);
    if (changed !== undefined) return changed;
    const row = this.get(key);
    this.#changed.set(key, row);
    return row;
  }

  /** Hands over what has changed, to be written. */
  flush(write: (key: string, row: T) => void): void {
    for (const [key, row] of this.#changed) {
      write(key, row);
      this.#rows.delete(key);
      this.#rows.set(key, row);
    }
    this.#changed.clear();
    for (const oldest of this.#rows.keys()) {
      if (this.#rows.size <= this.#rowsMax) break;
      this.#rows.delete(oldest);
    }
  }

  /** What was changed and not written is no more. */
  clear(): void {
    this.#rows.clear();
    this.#changed.clear();
  }
}
