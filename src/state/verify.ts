import { existsSync } from 'node:fs';
import type { HeadEntry } from '../wire/envelope.ts';
import {
  type Commit,
  DIGEST_BYTES,
  decodeCommit,
  decodeKept,
  digestOf,
  GENESIS,
  hashOf,
  type Kept,
  sameBytes,
  sealOf,
} from './chain.ts';
import { isSigned, keyFileOf, type LedgerKey, readLedgerKey } from './ledger-key.ts';
import { decodeNumber, entryNumberOf, type LedgerStore, openLedgerStore, readHead } from './ledger-store.ts';

export interface LedgerProblem {
  readonly commit: number;
  /** Number of the entry; absent where the commit itself is meant. */
  readonly entry?: number;
  readonly message: string;
}

export interface Verification {
  readonly ok: boolean;
  readonly commits: number;
  readonly entries: number;
  /** The first PROBLEMS_MAX of them. */
  readonly problems: readonly LedgerProblem[];
}

const PROBLEMS_MAX = 1000;

/**
 * Checks a ledger from end to end, one entry in memory at a time, also beside a running service: every entry against
 * its digest, every commit against the one before, every seal, the rows that lead to entries, the end against the
 * stored head.
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
  #hash: Uint8Array = GENESIS;
  #commits = 0;
  #entries = 0;
  #decisions = 0;
  #policies = 0;

  constructor(store: LedgerStore, key: LedgerKey | null, heads: readonly HeadEntry[]) {
    this.#store = store;
    this.#key = key;
    this.#heads = heads;
  }

  run(): Verification {
    if (this.#key === null) this.#report(0, 'the key file is missing: seals cannot be checked');
    const published = this.#publishedHeads();
    for (const { key: number, value } of this.#store.commits.getRange()) {
      this.#checkGap(number);
      this.#checkCommit(number, value);
      for (const { hash } of published.get(number) ?? []) {
        if (!sameBytes(hash, this.#hash)) this.#report(number, 'its hash is not the one that was signed and published');
      }
      published.delete(number);
    }
    for (const number of published.keys()) this.#report(number, 'was signed and published, and is missing: cut off');
    this.#checkEnd();
    this.#checkStrays();
    return {
      ok: this.#problems.length === 0,
      commits: this.#commits,
      entries: this.#entries,
      problems: this.#problems,
    };
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
      this.#policies += 1;
      const row = this.#store.policies.get(kept.version);
      if (row === undefined || decodeNumber(row) !== number) this.#report(commit, 'its policy row is wrong', number);
      return;
    }
    this.#decisions += 1;
    const { identity } = kept.entry;
    if (entryNumberOf(this.#store, identity) !== number) this.#report(commit, 'its identity row is wrong', number);
    if (!this.#store.submitters.doesExist([identity.id, identity.submitter])) {
      this.#report(commit, 'its submitter row is missing', number);
    }
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
    for (const number of this.#store.entries.getKeys({ start: this.#entries + 1 })) {
      this.#report(this.#commits, 'belongs to no commit', number);
    }
    if (this.#problems.length > 0) return;
    if (this.#store.identities.getCount() !== this.#decisions) this.#report(0, 'identity rows lead to no entry');
    if (this.#store.policies.getCount() !== this.#policies) this.#report(0, 'policy rows lead to no entry');
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
