import { existsSync } from 'node:fs';
import type { ChainName, HeadEntry } from '../wire/envelope.ts';
import {
  type Commit,
  countOf,
  DIGEST_BYTES,
  decodeCommit,
  digestOf,
  encodeCommit,
  hashOf,
  sameBytes,
  sealOf,
} from './chain.ts';
import { type ChainStore, encodeHead, readHead } from './chain-store.ts';
import { CHAIN_START, type ChainStart } from './checkpoint.ts';
import { isSigned, type LedgerKey, readLedgerKey } from './ledger-key.ts';

export interface ChainProblem {
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
  /** The last commit whose head is known to have left the machine; null where none is. */
  readonly published: number | null;
  /** The first PROBLEMS_MAX of them. */
  readonly problems: readonly ChainProblem[];
}

const PROBLEMS_MAX = 1000;

/**
 * What a verification cannot know, in words: beyond the last head that left the machine, whoever holds machine and key
 * can write a chain that stands. Null where nothing is beyond it.
 */
export function unknowable({ start, commits, published }: Verification): string | null {
  if (published !== null && (commits === start || published >= commits)) return null;
  const rewritten = 'whoever holds machine and key could have rewritten them';
  if (commits === start) return 'no head that left this machine is at hand: there may have been commits that are gone';
  if (published === null) {
    return `no head that left this machine is at hand: commits ${start + 1} to ${commits} are sealed, but ${rewritten}`;
  }
  const first = Math.max(start, published) + 1;
  return `commits ${first} to ${commits} are sealed but their head has not left this machine: ${rewritten}`;
}

/** The key of a chain; null where its file is missing. */
export function keyIfThere(keyFile: string, chain: ChainName): LedgerKey | null {
  return existsSync(keyFile) ? readLedgerKey(keyFile, chain) : null;
}

/**
 * Checks a chain from end to end, one entry in memory at a time: every entry against its digest, every commit against
 * the one before, every seal, the end against the stored head, all against heads that have left the machine. What its
 * owner keeps beside it, the owner checks, and reports here.
 */
export class ChainCheck {
  readonly #store: ChainStore;
  readonly #key: LedgerKey | null;
  readonly #published: Map<number, HeadEntry[]>;
  readonly #lastPublished: number | null;
  readonly #problems: ChainProblem[] = [];
  #start: ChainStart = CHAIN_START;
  #hash: Uint8Array = CHAIN_START.hash;
  #commits = 0;
  #entries = 0;

  /** @param heads Of this chain, as they left the machine: even one rewritten with its own key does not stand against them. */
  constructor(store: ChainStore, key: LedgerKey | null, heads: readonly HeadEntry[]) {
    this.#store = store;
    this.#key = key;
    if (key === null) this.report(0, 'the key file is missing: seals cannot be checked');
    this.#published = this.#byCommit(heads);
    this.#lastPublished = this.#published.size === 0 ? null : Math.max(...this.#published.keys());
  }

  get sound(): boolean {
    return this.#problems.length === 0;
  }

  report(commit: number, message: string, entry?: number): void {
    if (this.#problems.length >= PROBLEMS_MAX) return;
    this.#problems.push(entry === undefined ? { commit, message } : { commit, entry, message });
  }

  /** @param onEntry Gets every entry that is what was committed; what it throws is reported. */
  run(start: ChainStart, onEntry: (commit: number, number: number, bytes: Uint8Array) => void): void {
    this.#start = start;
    this.#hash = start.hash;
    this.#commits = start.commit;
    this.#entries = start.next - 1;
    this.#compareHeads(start.commit);
    for (const { key: number, value } of this.#store.commits.getRange()) {
      if (number <= start.commit) {
        this.report(number, 'stands before the start that the checkpoint names');
        continue;
      }
      this.#checkGap(number);
      this.#checkCommit(number, value, onEntry);
      this.#compareHeads(number);
    }
    for (const number of this.#published.keys()) {
      if (number > start.commit) this.report(number, 'was signed and published, and is missing: cut off');
    }
    this.#checkEnd();
    this.#checkStrays();
  }

  result(): Verification {
    return {
      ok: this.sound,
      start: this.#start.commit,
      commits: this.#commits,
      entries: this.#entries,
      published: this.#lastPublished,
      problems: this.#problems,
    };
  }

  #compareHeads(number: number): void {
    for (const { hash } of this.#published.get(number) ?? []) {
      if (!sameBytes(hash, this.#hash)) this.report(number, 'its hash is not the one that was signed and published');
    }
    this.#published.delete(number);
  }

  /** Commits that are missing before this one. */
  #checkGap(number: number): void {
    const expected = this.#commits + 1;
    if (number === expected) return;
    this.report(expected, number - expected === 1 ? 'is missing' : `is missing, and all up to ${number - 1}`);
    this.#commits = number - 1;
  }

  #checkCommit(number: number, bytes: Uint8Array, onEntry: Parameters<ChainCheck['run']>[1]): void {
    this.#commits = number;
    const commit = this.#decodeCommit(number, bytes);
    if (commit === null) return;
    const { first, digests, previous, hash, seal } = commit;
    if (commit.number !== number) this.report(number, `is commit ${commit.number} in its place`);
    if (first !== this.#entries + 1) this.report(number, `begins at entry ${first}, not ${this.#entries + 1}`);
    if (!sameBytes(previous, this.#hash)) this.report(number, 'does not follow the commit before it');
    if (!sameBytes(hash, hashOf(previous, commit.number, first, digests))) {
      this.report(number, 'its hash does not cover what it holds');
    }
    if (this.#key !== null && !sameBytes(seal, sealOf(hash, this.#key.sealKey))) {
      const { name } = this.#store;
      this.report(number, `its seal is not this ${name}’s: the ${name} did not write it`);
    }
    const count = countOf(commit);
    for (let index = 0; index < count; index++) {
      const digest = digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
      this.#checkEntry(number, first + index, digest, onEntry);
    }
    this.#hash = hash;
    this.#entries = first + count - 1;
  }

  /** Bytes that say the same in another way are not what was written either. */
  #decodeCommit(number: number, bytes: Uint8Array): Commit | null {
    try {
      const commit = decodeCommit(bytes);
      if (sameBytes(encodeCommit(commit), bytes)) return commit;
    } catch {
      // Said below.
    }
    this.report(number, 'cannot be read');
    return null;
  }

  #checkEntry(commit: number, number: number, digest: Uint8Array, onEntry: Parameters<ChainCheck['run']>[1]): void {
    const bytes = this.#store.entries.get(number);
    if (bytes === undefined) {
      this.report(commit, 'is missing', number);
      return;
    }
    if (!sameBytes(digestOf(bytes), digest)) {
      this.report(commit, 'is not what was committed', number);
      return;
    }
    try {
      onEntry(commit, number, bytes);
    } catch {
      this.report(commit, 'cannot be read', number);
    }
  }

  #checkEnd(): void {
    const head = this.#readHead();
    if (head === null) this.report(this.#commits, 'is the last, and the head that names it cannot be read');
    else if (head.number > this.#commits) {
      const { name } = this.#store;
      this.report(this.#commits + 1, `is missing, and all up to ${head.number}: the ${name} is cut off`);
    } else if (head.number < this.#commits) {
      this.report(head.number + 1, 'stands after the end that the head names: appended');
    } else if (!sameBytes(head.hash, this.#hash) || (this.#commits > 0 && head.next !== this.#entries + 1)) {
      this.report(this.#commits, 'is not the one that the head names');
    }
  }

  #readHead(): ReturnType<typeof readHead> | null {
    try {
      const head = readHead(this.#store);
      const bytes = this.#store.meta.get('head');
      return bytes === undefined || sameBytes(encodeHead(head), bytes) ? head : null;
    } catch {
      return null;
    }
  }

  /** Entries that no commit covers. */
  #checkStrays(): void {
    for (const range of [{ start: this.#entries + 1 }, { end: this.#start.next }]) {
      for (const number of this.#store.entries.getKeys(range)) {
        this.report(this.#commits, 'belongs to no commit', number);
      }
    }
  }

  /** A head that the chain's own key did not sign is a problem of its own. */
  #byCommit(heads: readonly HeadEntry[]): Map<number, HeadEntry[]> {
    const byCommit = new Map<number, HeadEntry[]>();
    for (const head of heads) {
      if (this.#key !== null && !sameBytes(head.publicKey, this.#key.publicKey)) {
        this.report(head.commit, 'a head was published for it that is signed with another key than this machine’s');
      } else if (!isSigned(head, this.#store.name)) {
        this.report(head.commit, 'a published head names it with a signature that does not fit');
      } else if (head.commit > 0) {
        byCommit.set(head.commit, [...(byCommit.get(head.commit) ?? []), head]);
      }
    }
    return byCommit;
  }
}
