import { existsSync } from 'node:fs';
import type { HeadEntry } from '../wire/envelope.ts';
import {
  type Commit,
  DIGEST_BYTES,
  decodeCommit,
  decodeKept,
  digestOf,
  hashOf,
  type Kept,
  sameBytes,
  sealOf,
} from './chain.ts';
import { CHAIN_START, type ChainStart, isCheckpointSigned } from './checkpoint.ts';
import { isSigned, keyFileOf, type LedgerKey, readLedgerKey } from './ledger-key.ts';
import {
  entryNumberOf,
  type LedgerStore,
  openLedgerStore,
  policyNumberOf,
  readCheckpoint,
  readHead,
} from './ledger-store.ts';

export interface LedgerProblem {
  readonly commit: number;
  /** Number of the entry; absent where the commit itself is meant. */
  readonly entry?: number;
  readonly message: string;
}

export interface Verification {
  readonly ok: boolean;
  /** The commit that the chain follows: 0, or that of the checkpoint where older ones have left. */
  readonly start: number;
  /** Number of the last commit. */
  readonly commits: number;
  /** Number of the last entry. */
  readonly entries: number;
  /** The first PROBLEMS_MAX of them. */
  readonly problems: readonly LedgerProblem[];
}

const PROBLEMS_MAX = 1000;

/**
 * Checks a ledger from end to end, one entry in memory at a time, also beside a running service: the checkpoint that it
 * begins at, every entry against its digest, every commit against the one before, every seal, the rows that lead to
 * entries, the end against the stored head.
 * @param heads Heads that have left the machine: against them even a chain rewritten with its own key does not stand.
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
    const key = existsSync(keyFile) ? readLedgerKey(keyFile) : null;
    return new Verifier(store, key, heads).run();
  } finally {
    void store.root.close();
  }
}

class Verifier {
  readonly #store: LedgerStore;
  readonly #key: LedgerKey | null;
  readonly #heads: readonly HeadEntry[];
  readonly #problems: LedgerProblem[] = [];
  #start: ChainStart = CHAIN_START;
  #hash: Uint8Array = CHAIN_START.hash;
  #commits = 0;
  #entries = 0;
  #decisions = 0;
  /** Versions of policies met so far → the commit and entry of a row that leads to a later copy, else null. */
  readonly #policies = new Map<string, { readonly commit: number; readonly entry: number } | null>();

  constructor(store: LedgerStore, key: LedgerKey | null, heads: readonly HeadEntry[]) {
    this.#store = store;
    this.#key = key;
    this.#heads = heads;
  }

  run(): Verification {
    if (this.#key === null) this.#report(0, 'the key file is missing: seals cannot be checked');
    this.#beginAtCheckpoint();
    const published = this.#publishedHeads();
    this.#compareHeads(published, this.#start.commit);
    for (const { key: number, value } of this.#store.commits.getRange()) {
      if (number <= this.#start.commit) {
        this.#report(number, 'stands before the start that the checkpoint names');
        continue;
      }
      this.#checkGap(number);
      this.#checkCommit(number, value);
      this.#compareHeads(published, number);
    }
    for (const number of published.keys()) {
      if (number > this.#start.commit) this.#report(number, 'was signed and published, and is missing: cut off');
    }
    for (const superseded of this.#policies.values()) {
      if (superseded !== null) this.#report(superseded.commit, 'its policy row is wrong', superseded.entry);
    }
    this.#checkEnd();
    this.#checkStrays();
    return {
      ok: this.#problems.length === 0,
      start: this.#start.commit,
      commits: this.#commits,
      entries: this.#entries,
      problems: this.#problems,
    };
  }

  #compareHeads(published: Map<number, HeadEntry[]>, number: number): void {
    for (const { hash } of published.get(number) ?? []) {
      if (!sameBytes(hash, this.#hash)) this.#report(number, 'its hash is not the one that was signed and published');
    }
    published.delete(number);
  }

  #beginAtCheckpoint(): void {
    const checkpoint = readCheckpoint(this.#store);
    if (this.#store.departed.getCount() !== (checkpoint?.departed ?? 0)) {
      this.#report(0, 'identities that left the ledger are not those that its checkpoint counts');
    }
    if (checkpoint === null) return;
    this.#start = checkpoint;
    this.#hash = checkpoint.hash;
    this.#commits = checkpoint.commit;
    this.#entries = checkpoint.next - 1;
    if (!isCheckpointSigned(checkpoint, this.#key?.publicKey ?? null)) {
      this.#report(checkpoint.commit, 'is where the ledger begins, with a signature that does not fit');
    }
  }

  /** Commits that are missing before this one. */
  #checkGap(number: number): void {
    const expected = this.#commits + 1;
    if (number === expected) return;
    this.#report(expected, number - expected === 1 ? 'is missing' : `is missing, and all up to ${number - 1}`);
    this.#commits = number - 1;
  }

  #checkCommit(number: number, bytes: Uint8Array): void {
    this.#commits = number;
    const commit = this.#decodeCommit(number, bytes);
    if (commit === null) return;
    const { first, digests, previous, hash, seal } = commit;
    if (commit.number !== number) this.#report(number, `is commit ${commit.number} in its place`);
    if (first !== this.#entries + 1) this.#report(number, `begins at entry ${first}, not ${this.#entries + 1}`);
    if (!sameBytes(previous, this.#hash)) this.#report(number, 'does not follow the commit before it');
    if (!sameBytes(hash, hashOf(previous, commit.number, first, digests))) {
      this.#report(number, 'its hash does not cover what it holds');
    }
    if (this.#key !== null && !sameBytes(seal, sealOf(hash, this.#key.sealKey))) {
      this.#report(number, 'its seal is not this ledger’s: the ledger did not write it');
    }
    const count = digests.length / DIGEST_BYTES;
    for (let index = 0; index < count; index++) {
      this.#checkEntry(number, first + index, digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES));
    }
    this.#hash = hash;
    this.#entries = first + count - 1;
  }

  #decodeCommit(number: number, bytes: Uint8Array): Commit | null {
    try {
      return decodeCommit(bytes);
    } catch {
      this.#report(number, 'cannot be read');
      return null;
    }
  }

  #checkEntry(commit: number, number: number, digest: Uint8Array): void {
    const bytes = this.#store.entries.get(number);
    if (bytes === undefined) {
      this.#report(commit, 'is missing', number);
      return;
    }
    if (!sameBytes(digestOf(bytes), digest)) {
      this.#report(commit, 'is not what was committed', number);
      return;
    }
    this.#checkWayTo(commit, number, decodeKept(bytes));
  }

  /** The rows through which an entry is found: pointing elsewhere would hide it or show another. */
  #checkWayTo(commit: number, number: number, kept: Kept): void {
    if (kept.kind === 'policy') {
      const row = policyNumberOf(this.#store, kept.version) ?? 0;
      // It may have been appended again before an older copy leaves.
      this.#policies.set(kept.version, row > number ? { commit, entry: number } : null);
      if (row < number) this.#report(commit, 'its policy row is wrong', number);
      return;
    }
    this.#decisions += 1;
    const { identity } = kept.entry;
    if (entryNumberOf(this.#store, identity) !== number) this.#report(commit, 'its identity row is wrong', number);
  }

  #checkEnd(): void {
    const head = readHead(this.#store);
    if (head.number > this.#commits) {
      this.#report(this.#commits + 1, `is missing, and all up to ${head.number}: the ledger is cut off`);
    } else if (head.number < this.#commits) {
      this.#report(head.number + 1, 'stands after the end that the head names: appended');
    } else if (!sameBytes(head.hash, this.#hash)) {
      this.#report(this.#commits, 'is not the one that the head names');
    }
  }

  /** Rows that no commit covers. */
  #checkStrays(): void {
    for (const range of [{ start: this.#entries + 1 }, { end: this.#start.next }]) {
      for (const number of this.#store.entries.getKeys(range))
        this.#report(this.#commits, 'belongs to no commit', number);
    }
    if (this.#problems.length > 0) return;
    if (this.#store.identities.getCount() !== this.#decisions) this.#report(0, 'identity rows lead to no entry');
    if (this.#store.policies.getCount() !== this.#policies.size) this.#report(0, 'policy rows lead to no entry');
  }

  /** Heads of this ledger by commit; a head that its key did not sign is a problem of its own. */
  #publishedHeads(): Map<number, HeadEntry[]> {
    const byCommit = new Map<number, HeadEntry[]>();
    for (const head of this.#heads) {
      if (this.#key !== null && !sameBytes(head.publicKey, this.#key.publicKey)) continue;
      if (!isSigned(head)) {
        this.#report(head.commit, 'a published head names it with a signature that does not fit');
        continue;
      }
      if (head.commit === 0) continue;
      byCommit.set(head.commit, [...(byCommit.get(head.commit) ?? []), head]);
    }
    return byCommit;
  }

  #report(commit: number, message: string, entry?: number): void {
    if (this.#problems.length >= PROBLEMS_MAX) return;
    this.#problems.push(entry === undefined ? { commit, message } : { commit, entry, message });
  }
}
