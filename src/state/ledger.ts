import { CorridorError } from '../errors.ts';
import { LEDGER_COMMIT_BYTES_MAX, LEDGER_COMMIT_ENTRIES_MAX } from '../limits.ts';
import type { DeclarationEntry, HeadEntry } from '../wire/envelope.ts';
import { type Identity, identityKey } from '../wire/identity.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { decodeKept, encodeCommit, type Kept, type LedgerEntry, makeCommit, type PlacedEntry } from './chain.ts';
import { durable } from './durable.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { GroupCommit } from './group-commit.ts';
import { type Change, keptChange } from './ledger-change.ts';
import { keyFileOf, type LedgerKey, openLedgerKey, readLedgerKey } from './ledger-key.ts';
import { LedgerPast } from './ledger-past.ts';
import * as table from './ledger-store.ts';
import type { KeptPosition, StreamPosition } from './position.ts';
import { encodeMarks, type SettledMark, settledThrough, withMark } from './settled.ts';

export { asRestored, type LedgerEntry } from './chain.ts';

export interface LedgerOptions {
  /** For tools beside a running service: takes no lock and writes nothing. */
  readonly readOnly?: boolean;
  /** Default: `keys/ledger.json` beside the ledger's folder. */
  readonly keyFile?: string;
  /** Called once, when the disk fails or is full; nothing is accepted from then on. */
  readonly onFault?: (error: Error) => void;
  /** Called after each commit: its entries, and how long its sync took. */
  readonly onCommit?: (entries: number, tookMs: number) => void;
}

/** The truth for answered decisions: append-only, hash-chained, synced to disk before anything is answered. */
export interface Ledger {
  /**
   * Resolves when the entry is on disk. Idempotent by identity: the first stays, and is what this resolves with; null
   * where it has left the ledger.
   */
  append(entry: LedgerEntry): Promise<LedgerEntry | null>;
  get(identity: Identity): LedgerEntry | null;
  /** In ascending order of version. */
  versions(submitter: string, id: string): LedgerEntry[];
  /** 0 where there is none. */
  latestVersion(submitter: string, id: string): number;
  /** Every version that any submitter has under this id. */
  find(id: string): LedgerEntry[];
  /** Keeps a declaration that was answered with "pending", until its decision is appended. */
  keepPending(entry: DeclarationEntry): Promise<void>;
  pending(): Iterable<DeclarationEntry>;
  /** How far DECISIONS has been taken in: may lag behind, never leads. */
  position(): StreamPosition | null;
  /** The position on disk, and the commit that it came with. */
  keptPosition(): KeptPosition | null;
  /** Place of this identity among all entries, from 1; null where it is not there. */
  numberOf(identity: Identity): number | null;
  /** Everything up to here has been handed to `append`; stored with the commit that holds the last of it. */
  setPosition(position: StreamPosition): void;
  /** Puts the position on disk where no entry has come with it. */
  keepPosition(): Promise<void>;
  /** Remembers what DECISIONS has let go. */
  settle(mark: SettledMark): Promise<void>;
  /** Commits up to this one need not be in DECISIONS as it is. */
  settledThrough(state: { readonly created: string; readonly firstSequence: number }): number;
  entries(fromCommit?: number): Iterable<PlacedEntry>;
  /** What has left it. */
  readonly past: LedgerPast;
  head(): { readonly commit: number; readonly hash: Uint8Array };
  signedHead(): HeadEntry;
  putPolicy(version: string, bytes: Uint8Array): Promise<void>;
  policy(version: string): Uint8Array | null;
  policies(): string[];
  fault(): Error | null;
  /** Commits what waits, then closes. */
  close(): Promise<void>;
}

/**
 * Opens the ledger in `dir`, and creates it where there is none.
 * @throws where another process holds it, or where its last commit is not the one that its head names.
 */
export function openLedger(dir: string, options: LedgerOptions = {}): Ledger {
  const lock = options.readOnly === true ? null : lockFolder(dir);
  const keyFile = options.keyFile ?? keyFileOf(dir);
  try {
    const key = lock === null ? null : openLedgerKey(keyFile);
    const store = table.openLedgerStore(dir, lock === null);
    return new LmdbLedger(store, () => key ?? readLedgerKey(keyFile), lock, options);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

class LmdbLedger implements Ledger {
  readonly past: LedgerPast;
  readonly #store: table.LedgerStore;
  readonly #key: () => LedgerKey;
  readonly #lock: FolderLock | null;
  readonly #options: LedgerOptions;
  readonly #queue: GroupCommit<Change>;
  #head: table.StoredHead;
  #position: StreamPosition | null;
  /** Stored once everything that was queued before it is committed. */
  #nextPosition: { readonly position: StreamPosition; readonly after: number } | null = null;
  /** What lets go of a slice of the past, if anything does. */
  #dropping: Promise<void> = Promise.resolve();
  #fault: Error | null = null;
  #closed = false;

  constructor(store: table.LedgerStore, key: () => LedgerKey, lock: FolderLock | null, options: LedgerOptions) {
    this.#store = store;
    this.#key = key;
    this.#lock = lock;
    this.#options = options;
    this.#queue = new GroupCommit((batch) => this.#commit(batch), {
      itemsMax: LEDGER_COMMIT_ENTRIES_MAX,
      bytesMax: LEDGER_COMMIT_BYTES_MAX,
    });
    this.#head = table.checkedHead(store);
    this.#position = table.readPosition(store);
    this.past = new LedgerPast(store, {
      key,
      write: (puts) => {
        this.#mustAccept();
        this.#dropping = this.#write(puts);
        return this.#dropping;
      },
      keepPolicy: async (kept) => {
        this.#mustAccept();
        await this.#queue.add(`policy\n${kept.version}`, () => keptChange(kept));
      },
    });
  }

  async append(entry: LedgerEntry): Promise<LedgerEntry | null> {
    this.#mustAccept();
    const number = table.entryNumberOf(this.#store, entry.identity);
    if (number !== null) return table.readDecision(this.#store, number);
    if (this.past.includes(entry.identity)) return null;
    const kept: Kept = { kind: 'decision', entry };
    const change = await this.#queue.add(identityKey(entry.identity), () => keptChange(kept));
    return change.kind === 'kept' && change.kept.kind === 'decision' ? change.kept.entry : null;
  }

  async putPolicy(version: string, bytes: Uint8Array): Promise<void> {
    this.#mustAccept();
    if (this.#store.policies.doesExist(version)) return;
    await this.#queue.add(`policy\n${version}`, () => keptChange({ kind: 'policy', version, bytes }));
  }

  async keepPending(entry: DeclarationEntry): Promise<void> {
    this.#mustAccept();
    if (table.entryNumberOf(this.#store, entry) !== null) return;
    await this.#queue.add(`pending\n${identityKey(entry)}`, () => {
      const { submitter, id, version } = entry;
      const encoded = encode(entry);
      return { kind: 'pending', identity: { submitter, id, version }, encoded, bytes: encoded.length };
    });
  }

  get(identity: Identity): LedgerEntry | null {
    const number = table.entryNumberOf(this.#store, identity);
    return number === null ? null : table.readDecision(this.#store, number);
  }

  versions(submitter: string, id: string): LedgerEntry[] {
    return table.entryNumbers(this.#store, submitter, id).map((number) => table.readDecision(this.#store, number));
  }

  latestVersion(submitter: string, id: string): number {
    return table.latestVersion(this.#store, submitter, id);
  }

  find(id: string): LedgerEntry[] {
    return table.entryNumbersOf(this.#store, id).map((number) => table.readDecision(this.#store, number));
  }

  *pending(): Iterable<DeclarationEntry> {
    for (const bytes of table.pendingRows(this.#store)) yield decode(bytes) as DeclarationEntry;
  }

  position(): StreamPosition | null {
    return this.#nextPosition?.position ?? this.#position;
  }

  keptPosition(): KeptPosition | null {
    return table.readPosition(this.#store);
  }

  numberOf(identity: Identity): number | null {
    return table.entryNumberOf(this.#store, identity);
  }

  setPosition(position: StreamPosition): void {
    this.#nextPosition = { position, after: this.#queue.added };
  }

  async keepPosition(): Promise<void> {
    if (this.#nextPosition !== null) await this.#queue.add('position', () => ({ kind: 'position', bytes: 0 }));
  }

  async settle(mark: SettledMark): Promise<void> {
    const encoded = encodeMarks(withMark(table.readSettled(this.#store), mark));
    await this.#queue.add('settled', () => ({ kind: 'settled', encoded, bytes: 0 }));
  }

  settledThrough(state: { readonly created: string; readonly firstSequence: number }): number {
    return settledThrough(table.readSettled(this.#store), state);
  }

  *entries(fromCommit = 1): Iterable<PlacedEntry> {
    for (let commit = Math.max(1, fromCommit); commit <= this.#head.number; commit++) {
      // From the same snapshot as the commit: another process may let it go.
      commit = Math.max(commit, (table.readCheckpoint(this.#store)?.commit ?? 0) + 1);
      // At once: between two entries of it the commit may leave.
      for (const { number, kept } of [...table.keptOf(this.#store, commit)]) {
        if (kept.kind === 'decision') yield { commit, number, entry: kept.entry };
      }
    }
  }

  head(): { readonly commit: number; readonly hash: Uint8Array } {
    return { commit: this.#head.number, hash: this.#head.hash };
  }

  signedHead(): HeadEntry {
    return this.#key().signHead(this.#head.number, this.#head.hash);
  }

  policy(version: string): Uint8Array | null {
    const number = table.policyNumberOf(this.#store, version);
    if (number === null) return null;
    const kept = decodeKept(table.readEntry(this.#store, number));
    return kept.kind === 'policy' ? kept.bytes : null;
  }

  policies(): string[] {
    return [...this.#store.policies.getKeys()];
  }

  fault(): Error | null {
    return this.#fault;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.idle();
    await this.#dropping.catch(() => undefined);
    if (this.#fault === null && this.#nextPosition !== null) await this.#commit([]).catch(() => undefined);
    await this.#store.root.close();
    this.#lock?.release();
  }

  #mustAccept(): void {
    this.#mustWork();
    if (this.#closed || this.#lock === null) throw new CorridorError('not_ready', 'the ledger is not open for writing');
  }

  /** Pending rows go first, so that a decision takes its own away. */
  async #commit(batch: readonly Change[]): Promise<void> {
    const started = performance.now();
    const kept = batch.filter((change) => change.kind === 'kept');
    const position = this.#positionAfter(this.#queue.committed + batch.length);
    let head = this.#head;
    await this.#write(() => {
      for (const change of batch) {
        if (change.kind === 'pending') this.#writePending(change.identity, change.encoded);
        if (change.kind === 'settled') this.#store.meta.put('settled', change.encoded);
      }
      if (kept.length > 0) head = this.#writeCommit(kept);
      if (position !== null) table.putPosition(this.#store, { ...position, commit: head.number });
    });
    this.#head = head;
    if (position !== null) this.#positionStored(position);
    this.#options.onCommit?.(kept.length, performance.now() - started);
  }

  /** One LMDB transaction; resolves after its sync. */
  async #write(puts: () => void): Promise<void> {
    this.#mustWork();
    try {
      await durable(this.#store.root.batch(puts));
    } catch (error) {
      this.#fail(error as Error);
      throw new CorridorError('not_ready', 'the ledger cannot be written', { cause: error });
    }
  }

  #writeCommit(kept: readonly Extract<Change, { kind: 'kept' }>[]): table.StoredHead {
    const entries = kept.map(({ encoded }) => encoded);
    const commit = makeCommit(this.#head, entries, this.#key().sealKey);
    const store = this.#store;
    kept.forEach(({ kept: what, encoded }, index) => {
      table.putEntry(store, commit.first + index, what, encoded);
    });
    const head = { number: commit.number, hash: commit.hash, next: commit.first + kept.length };
    store.commits.put(commit.number, encodeCommit(commit));
    store.meta.put('head', table.encodeHead(head));
    return head;
  }

  #writePending({ submitter, id, version }: Identity, encoded: Uint8Array): void {
    if (table.entryNumberOf(this.#store, { submitter, id, version }) !== null) return;
    this.#store.pending.put([submitter, id, version], encoded);
  }

  #positionAfter(committed: number): StreamPosition | null {
    const next = this.#nextPosition;
    return next !== null && next.after <= committed ? next.position : null;
  }

  #positionStored(position: StreamPosition): void {
    this.#position = position;
    if (this.#nextPosition?.position === position) this.#nextPosition = null;
  }

  #mustWork(): void {
    if (this.#fault !== null) {
      throw new CorridorError('not_ready', 'the ledger cannot be written', { cause: this.#fault });
    }
  }

  /**
   * After a failed write or sync nothing more is accepted: the kernel may have dropped the pages that it could not
   * write, so that a later sync would lie. What "failed" may be on disk all the same: the head is read anew.
   */
  #fail(error: Error): void {
    this.#fault = error;
    try {
      this.#store.root.resetReadTxn();
      this.#head = table.readHead(this.#store);
    } catch {
      // Reading fails too: the head known before stays, and nothing is built on it.
    }
    this.#options.onFault?.(error);
  }
}
