import type { Identity } from '../wire/identity.ts';
import { CHAIN_START, type ChainStart, type Checkpoint, encodeCheckpoint, signCheckpoint } from './checkpoint.ts';
import type { Kept } from './ledger-entry.ts';
import type { LedgerKey } from './ledger-key.ts';
import { departedVersion, readSlice, removeSlice } from './ledger-retention.ts';
import { type LedgerStore, policyNumberOf, readCheckpoint } from './ledger-store.ts';

interface Writer {
  readonly key: () => LedgerKey;
  /** One transaction; resolves after its sync. @throws where the ledger is not open for writing. */
  readonly write: (puts: () => void) => Promise<void>;
  /** Appends a policy that is kept already. */
  readonly keepPolicy: (kept: Extract<Kept, { kind: 'policy' }>) => Promise<void>;
}

/** The part of a ledger that has left it: where the chain begins, and which identities stay known. */
export class LedgerPast {
  readonly #store: LedgerStore;
  readonly #writer: Writer;
  #checkpoint: Checkpoint | null;

  constructor(store: LedgerStore, writer: Writer) {
    this.#store = store;
    this.#writer = writer;
    this.#checkpoint = readCheckpoint(store);
  }

  /** The commit that the chain follows. */
  start(): ChainStart {
    return this.#checkpoint ?? CHAIN_START;
  }

  /** Highest version of a declaration whose decision has left; 0 where none has. */
  version(submitter: string, id: string): number {
    return this.#checkpoint === null ? 0 : departedVersion(this.#store, submitter, id);
  }

  includes({ submitter, id, version }: Identity): boolean {
    return this.version(submitter, id) >= version;
  }

  /**
   * Lets the next slice of whole commits up to this one leave, behind a new checkpoint; policies among them are kept
   * anew. Between slices the caller leaves others their turn. @returns whether there was anything to leave.
   */
  async dropSlice(through: number): Promise<boolean> {
    const slice = readSlice(this.#store, this.start(), through);
    if (slice === null) return false;
    for (const { number, kept } of slice.entries) {
      const isOnlyCopy = kept.kind === 'policy' && policyNumberOf(this.#store, kept.version) === number;
      if (isOnlyCopy) await this.#writer.keepPolicy(kept);
    }
    const departed = (this.#checkpoint?.departed ?? 0) + slice.newlyDeparted;
    const checkpoint = signCheckpoint({ ...slice.start, at: Date.now(), departed }, this.#writer.key());
    await this.#writer.write(() => {
      removeSlice(this.#store, slice);
      this.#store.meta.put('checkpoint', encodeCheckpoint(checkpoint));
    });
    this.#checkpoint = checkpoint;
    return true;
  }
}
