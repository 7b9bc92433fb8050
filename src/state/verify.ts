import type { HeadEntry } from '../wire/envelope.ts';
import { ChainCheck, keyIfThere, type Verification } from './chain-verify.ts';
import { CHAIN_START, type ChainStart, isCheckpointSigned } from './checkpoint.ts';
import { decodeKept } from './ledger-entry.ts';
import { keyFileOf, type LedgerKey } from './ledger-key.ts';
import { entryNumberOf, type LedgerStore, openLedgerStore, policyNumberOf, readCheckpoint } from './ledger-store.ts';

/**
 * Checks a ledger from end to end, also beside a running service: its chain (see `ChainCheck`), the checkpoint that it
 * begins at, the rows that lead to entries.
 * @param heads Heads of it that have left the machine.
 * @throws where `dir` holds no ledger.
 */
export function verifyLedger(
  dir: string,
  heads: readonly HeadEntry[] = [],
  keyFile: string = keyFileOf(dir),
): Verification {
  const store = openLedgerStore(dir, true);
  try {
    // No event turn until the end, hence one snapshot.
    return new LedgerCheck(store, keyIfThere(keyFile, 'ledger'), heads).run();
  } finally {
    void store.root.close();
  }
}

class LedgerCheck {
  readonly #store: LedgerStore;
  readonly #key: LedgerKey | null;
  readonly #chain: ChainCheck;
  #decisions = 0;
  /** Versions of policies met so far → the commit and entry of a row that leads to a later copy, else null. */
  readonly #policies = new Map<string, { readonly commit: number; readonly entry: number } | null>();

  constructor(store: LedgerStore, key: LedgerKey | null, heads: readonly HeadEntry[]) {
    this.#store = store;
    this.#key = key;
    this.#chain = new ChainCheck(store, key, heads);
  }

  run(): Verification {
    this.#chain.run(this.#checkpoint(), (commit, number, bytes) => this.#checkWayTo(commit, number, bytes));
    for (const superseded of this.#policies.values()) {
      if (superseded !== null) this.#chain.report(superseded.commit, 'its policy row is wrong', superseded.entry);
    }
    if (this.#chain.sound) this.#checkCounts();
    return this.#chain.result();
  }

  #checkpoint(): ChainStart {
    const checkpoint = readCheckpoint(this.#store);
    if (this.#store.departed.getCount() !== (checkpoint?.departed ?? 0)) {
      this.#chain.report(0, 'identities that left the ledger are not those that its checkpoint counts');
    }
    if (checkpoint === null) return CHAIN_START;
    if (!isCheckpointSigned(checkpoint, this.#key?.publicKey ?? null)) {
      this.#chain.report(checkpoint.commit, 'is where the ledger begins, with a signature that does not fit');
    }
    return checkpoint;
  }

  /** The rows through which an entry is found: pointing elsewhere would hide it or show another. */
  #checkWayTo(commit: number, number: number, bytes: Uint8Array): void {
    const kept = decodeKept(bytes);
    if (kept.kind === 'policy') {
      const row = policyNumberOf(this.#store, kept.version) ?? 0;
      // It may have been appended again before an older copy leaves.
      this.#policies.set(kept.version, row > number ? { commit, entry: number } : null);
      if (row < number) this.#chain.report(commit, 'its policy row is wrong', number);
      return;
    }
    this.#decisions += 1;
    const row = entryNumberOf(this.#store, kept.entry.identity);
    if (row !== number) this.#chain.report(commit, 'its identity row is wrong', number);
  }

  #checkCounts(): void {
    if (this.#store.identities.getCount() !== this.#decisions) this.#chain.report(0, 'identity rows lead to no entry');
    if (this.#store.policies.getCount() !== this.#policies.size) this.#chain.report(0, 'policy rows lead to no entry');
  }
}
