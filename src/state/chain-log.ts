import { CorridorError } from '../errors.ts';
import { COMMIT_BYTES_MAX, COMMIT_ENTRIES_MAX } from '../limits.ts';
import type { ChainName, HeadEntry } from '../wire/envelope.ts';
import { encodeCommit, makeCommit } from './chain.ts';
import { type ChainStore, checkedHead, encodeHead, readHead, type StoredHead } from './chain-store.ts';
import { durable } from './durable.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { GroupCommit, type Weighed } from './group-commit.ts';
import { keyFileOf, type LedgerKey, openLedgerKey, readLedgerKey } from './ledger-key.ts';

/** What waits for the next commit: entries of the chain, or rows beside it alone. */
export interface ChainChange extends Weighed {
  readonly entries: readonly Uint8Array[];
}

export interface ChainOptions {
  /** For tools beside a running service: takes no lock and writes nothing. */
  readonly readOnly?: boolean;
  /** Default: `keys/ledger.json` beside the chain's folder. */
  readonly keyFile?: string;
  /** Called once, when the disk fails or is full; nothing is accepted from then on. */
  readonly onFault?: (error: Error) => void;
  /** Called after each commit: its entries, and how long its sync took. */
  readonly onCommit?: (entries: number, tookMs: number) => void;
}

/** A chain's folder, open; the lock is null where it is only read. */
export interface OpenChain<S extends ChainStore> {
  readonly store: S;
  readonly key: () => LedgerKey;
  readonly lock: FolderLock | null;
  readonly options: ChainOptions;
}

/** What the owner of a chain keeps beside it. */
export interface Beside<C> {
  /** Puts rows, in the transaction of these changes; the first entry among them, if any, gets the number `first`. */
  readonly put: (changes: readonly C[], head: StoredHead, first: number) => void;
  /** They are on disk. */
  readonly stored?: () => void;
}

/**
 * Opens the chain in `dir`, and creates it where there is none.
 * @throws where another process holds it, or where its last commit is not the one that its head names.
 */
export function openChain<S extends ChainStore, T>(
  dir: string,
  name: ChainName,
  options: ChainOptions,
  openStore: (readOnly: boolean) => S,
  make: (opened: OpenChain<S>) => T,
): T {
  const lock = options.readOnly === true ? null : lockFolder(dir);
  const keyFile = options.keyFile ?? keyFileOf(dir);
  try {
    const key = lock === null ? null : openLedgerKey(keyFile, name);
    return make({ store: openStore(lock === null), key: () => key ?? readLedgerKey(keyFile, name), lock, options });
  } catch (error) {
    lock?.release();
    throw error;
  }
}

/** Appends to a chain: what waits shares one commit, which is on disk before anybody hears of it. */
export class ChainLog<C extends ChainChange> {
  readonly #opened: OpenChain<ChainStore>;
  readonly #beside: Beside<C>;
  readonly #queue: GroupCommit<C>;
  #head: StoredHead;
  #fault: Error | null = null;
  #closed: Promise<void> | null = null;

  /** @param pauseMs See `GroupCommitBounds`. */
  constructor(opened: OpenChain<ChainStore>, beside: Beside<C>, pauseMs = 0) {
    this.#opened = opened;
    this.#beside = beside;
    this.#queue = new GroupCommit((batch) => this.#commit(batch), {
      itemsMax: COMMIT_ENTRIES_MAX,
      bytesMax: COMMIT_BYTES_MAX,
      pauseMs,
    });
    this.#head = checkedHead(opened.store);
  }

  /** Of the last commit on disk. */
  get head(): StoredHead {
    return this.#head;
  }

  get fault(): Error | null {
    return this.#fault;
  }

  /** Changes ever added, and ever committed. */
  get added(): number {
    return this.#queue.added;
  }

  get committed(): number {
    return this.#queue.committed;
  }

  signedHead(): HeadEntry {
    return this.#opened.key().signHead(this.#head.number, this.#head.hash);
  }

  /** Resolves with the change when it is on disk; see `GroupCommit.add` for the key. */
  add(key: string | null, change: () => C): Promise<C> {
    return this.#queue.add(key, change);
  }

  /** One LMDB transaction beside the queue; resolves after its sync. */
  async write(puts: () => void): Promise<void> {
    this.#mustWork();
    try {
      await durable(this.#opened.store.root.batch(puts));
    } catch (error) {
      this.#fail(error as Error);
      throw this.#unwritable(error);
    }
  }

  mustAccept(): void {
    this.#mustWork();
    if (this.#closed === null && this.#opened.lock !== null) return;
    throw new CorridorError('not_ready', `the ${this.#opened.store.name} is not open for writing`);
  }

  /** Commits what waits, and what `last` adds, then closes. */
  close(last: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    this.#closed ??= this.#end(last);
    return this.#closed;
  }

  async #end(last: () => Promise<unknown>): Promise<void> {
    await this.#queue.idle();
    await last().catch(() => undefined);
    await this.#opened.store.root.close();
    this.#opened.lock?.release();
  }

  async #commit(batch: readonly C[]): Promise<void> {
    const started = performance.now();
    const entries = batch.length === 1 ? (batch[0] as C).entries : batch.flatMap((change) => change.entries);
    let head = this.#head;
    const first = head.next;
    await this.write(() => {
      if (entries.length > 0) head = this.#writeCommit(entries);
      this.#beside.put(batch, head, first);
    });
    this.#head = head;
    this.#beside.stored?.();
    this.#opened.options.onCommit?.(entries.length, performance.now() - started);
  }

  #writeCommit(entries: readonly Uint8Array[]): StoredHead {
    const { store, key } = this.#opened;
    const commit = makeCommit(this.#head, entries, key().sealKey);
    entries.forEach((bytes, index) => {
      store.entries.put(commit.first + index, bytes);
    });
    const head = { number: commit.number, hash: commit.hash, next: commit.first + entries.length };
    store.commits.put(commit.number, encodeCommit(commit));
    store.meta.put('head', encodeHead(head));
    return head;
  }

  #mustWork(): void {
    if (this.#fault !== null) throw this.#unwritable(this.#fault);
  }

  #unwritable(cause: unknown): CorridorError {
    return new CorridorError('not_ready', `the ${this.#opened.store.name} cannot be written`, { cause });
  }

  /**
   * After a failed write or sync nothing more is accepted: the kernel may have dropped the pages that it could not
   * write, so that a later sync would lie. What "failed" may be on disk all the same: the head is read anew.
   */
  #fail(error: Error): void {
    const { store, options } = this.#opened;
    this.#fault = error;
    try {
      store.root.resetReadTxn();
      this.#head = readHead(store);
    } catch {
      // Reading fails too: the head known before stays, and nothing is built on it.
    }
    options.onFault?.(error);
  }
}
