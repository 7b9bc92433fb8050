import type { DeclarationEntry, HeadEntry } from '../wire/envelope.ts';
import { type Identity, identityKey } from '../wire/identity.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { ChainLog, type ChainOptions, type OpenChain, openChain } from './chain-log.ts';
import { readEntry, type StoredHead } from './chain-store.ts';
import { type Change, keptChange } from './ledger-change.ts';
import { decodeKept, type Kept, type LedgerEntry, type PlacedEntry } from './ledger-entry.ts';
import { LedgerPast } from './ledger-past.ts';
import * as table from './ledger-store.ts';
import type { KeptPosition, StreamPosition } from './position.ts';
import { encodeMarks, type SettledMark, settledThrough, withMark } from './settled.ts';

export { asRestored, type LedgerEntry } from './ledger-entry.ts';

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
export function openLedger(dir: string, options: ChainOptions = {}): Ledger {
  const openStore = (readOnly: boolean) => table.openLedgerStore(dir, readOnly);
  return openChain(dir, 'ledger', options, openStore, (opened) => new LmdbLedger(opened));
}

class LmdbLedger implements Ledger {
  readonly past: LedgerPast;
  readonly #store: table.LedgerStore;
  readonly #log: ChainLog<Change>;
  #position: StreamPosition | null;
  /** Stored once everything that was queued before it is committed. */
  #nextPosition: { readonly position: StreamPosition; readonly after: number } | null = null;
  /** On its way to disk. */
  #storing: StreamPosition | null = null;
  /** What lets go of a slice of the past, if anything does. */
  #dropping: Promise<void> = Promise.resolve();

  constructor(opened: OpenChain<table.LedgerStore>) {
    const { store, key } = opened;
    this.#store = store;
    this.#log = new ChainLog<Change>(opened, {
      put: (changes, head, first) => this.#putBeside(changes, head, first),
      stored: () => this.#positionStored(),
    });
    this.#position = table.readPosition(store);
    this.past = new LedgerPast(store, {
      key,
      write: (puts) => {
        this.#log.mustAccept();
        this.#dropping = this.#log.write(puts);
        return this.#dropping;
      },
      keepPolicy: async (kept) => {
        this.#log.mustAccept();
        await this.#log.add(`policy\n${kept.version}`, () => keptChange(kept));
      },
    });
  }

  async append(entry: LedgerEntry): Promise<LedgerEntry | null> {
    this.#log.mustAccept();
    const number = table.entryNumberOf(this.#store, entry.identity);
    if (number !== null) return table.readDecision(this.#store, number);
    if (this.past.includes(entry.identity)) return null;
    const kept: Kept = { kind: 'decision', entry };
    const change = await this.#log.add(identityKey(entry.identity), () => keptChange(kept));
    return change.kind === 'kept' && change.kept.kind === 'decision' ? change.kept.entry : null;
  }

  async putPolicy(version: string, bytes: Uint8Array): Promise<void> {
    this.#log.mustAccept();
    if (this.#store.policies.doesExist(version)) return;
    await this.#log.add(`policy\n${version}`, () => keptChange({ kind: 'policy', version, bytes }));
  }

  async keepPending(entry: DeclarationEntry): Promise<void> {
    this.#log.mustAccept();
    if (table.entryNumberOf(this.#store, entry) !== null) return;
    await this.#log.add(`pending\n${identityKey(entry)}`, () => {
      const { submitter, id, version } = entry;
      const row = encode(entry);
      return { kind: 'pending', identity: { submitter, id, version }, row, entries: [], bytes: row.length };
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
    this.#nextPosition = { position, after: this.#log.added };
  }

  async keepPosition(): Promise<void> {
    if (this.#nextPosition !== null)
      await this.#log.add('position', () => ({ kind: 'position', entries: [], bytes: 0 }));
  }

  async settle(mark: SettledMark): Promise<void> {
    const row = encodeMarks(withMark(table.readSettled(this.#store), mark));
    await this.#log.add('settled', () => ({ kind: 'settled', row, entries: [], bytes: 0 }));
  }

  settledThrough(state: { readonly created: string; readonly firstSequence: number }): number {
    return settledThrough(table.readSettled(this.#store), state);
  }

  *entries(fromCommit = 1): Iterable<PlacedEntry> {
    for (let commit = Math.max(1, fromCommit); commit <= this.#log.head.number; commit++) {
      // From the same snapshot as the commit: another process may let it go.
      commit = Math.max(commit, (table.readCheckpoint(this.#store)?.commit ?? 0) + 1);
      // At once: between two entries of it the commit may leave.
      for (const { number, kept } of [...table.keptOf(this.#store, commit)]) {
        if (kept.kind === 'decision') yield { commit, number, entry: kept.entry };
      }
    }
  }

  head(): { readonly commit: number; readonly hash: Uint8Array } {
    const { number, hash } = this.#log.head;
    return { commit: number, hash };
  }

  signedHead(): HeadEntry {
    return this.#log.signedHead();
  }

  policy(version: string): Uint8Array | null {
    const number = table.policyNumberOf(this.#store, version);
    if (number === null) return null;
    const kept = decodeKept(readEntry(this.#store, number));
    return kept.kind === 'policy' ? kept.bytes : null;
  }

  policies(): string[] {
    return [...this.#store.policies.getKeys()];
  }

  fault(): Error | null {
    return this.#log.fault;
  }

  close(): Promise<void> {
    return this.#log.close(async () => {
      await this.#dropping.catch(() => undefined);
      await this.keepPosition();
    });
  }

  /** Pending rows go first, so that a decision takes its own away. */
  #putBeside(changes: readonly Change[], head: StoredHead, first: number): void {
    for (const change of changes) {
      if (change.kind === 'pending') this.#putPending(change.identity, change.row);
      if (change.kind === 'settled') this.#store.meta.put('settled', change.row);
    }
    let number = first;
    for (const change of changes) if (change.kind === 'kept') table.putWayTo(this.#store, number++, change.kept);
    this.#storing = this.#positionAfter(this.#log.committed + changes.length);
    if (this.#storing !== null) table.putPosition(this.#store, { ...this.#storing, commit: head.number });
  }

  #putPending({ submitter, id, version }: Identity, row: Uint8Array): void {
    if (table.entryNumberOf(this.#store, { submitter, id, version }) !== null) return;
    this.#store.pending.put([submitter, id, version], row);
  }

  #positionAfter(committed: number): StreamPosition | null {
    const next = this.#nextPosition;
    return next !== null && next.after <= committed ? next.position : null;
  }

  #positionStored(): void {
    const position = this.#storing;
    if (position === null) return;
    this.#position = position;
    if (this.#nextPosition?.position === position) this.#nextPosition = null;
  }
}
