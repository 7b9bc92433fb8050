import type { Ledger, LedgerEntry } from '../state/ledger.ts';
import type { DecisionEntry } from '../wire/envelope.ts';
import { identityKey } from '../wire/identity.ts';

/** Entries looked at before other work gets its turn. */
const SCAN_SLICE = 512;

/**
 * Which entries of the ledger a stream still holds. It is fed with what the tail delivers from some point on, and
 * then names the entries behind that point that were not among it. One bit per entry of the ledger.
 */
export class Comparison {
  /** Entries of earlier commits need no looking at: the stream is known to hold them. */
  private readonly fromCommit: number;
  private readonly ledger: Pick<Ledger, 'entries' | 'get' | 'numberOf'>;
  private readonly seen = new BitSet();
  /** Another content came first under the same identity: only a restored entry can put that right. */
  private readonly contradicted = new BitSet();
  /** Seen before the ledger had them: they came into it by this very message. */
  private readonly fresh = new Set<string>();

  constructor(ledger: Pick<Ledger, 'entries' | 'get' | 'numberOf'>, fromCommit: number) {
    this.ledger = ledger;
    this.fromCommit = fromCommit;
  }

  /** Takes one entry as the stream holds it. */
  see(entry: DecisionEntry): void {
    const number = this.ledger.numberOf(entry);
    if (number === null) {
      this.fresh.add(identityKey(entry));
      return;
    }
    const kept = this.ledger.get(entry);
    const equal = kept !== null && Buffer.compare(kept.record, entry.record) === 0;
    if (equal && (entry.restored || !this.contradicted.has(number))) this.seen.add(number);
    if (!equal && !this.seen.has(number)) this.contradicted.add(number);
  }

  /**
   * What the ledger has and the stream has not, in the ledger's order. `done` marks an entry as there again.
   * @param settled Entries of commits up to this one are left out: the stream has let them go.
   */
  async *missing(settled: number): AsyncGenerator<{ readonly entry: LedgerEntry; readonly done: () => void }> {
    let looked = 0;
    for (const { number, entry } of this.ledger.entries(Math.max(this.fromCommit, settled + 1))) {
      if (++looked % SCAN_SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
      if (this.seen.has(number) || this.fresh.has(identityKey(entry.identity))) continue;
      yield { entry, done: () => this.seen.add(number) };
    }
  }
}

class BitSet {
  private words = new Uint32Array(1024);

  add(index: number): void {
    const word = index >>> 5;
    if (word >= this.words.length) {
      const larger = new Uint32Array(Math.max(word + 1, this.words.length * 2));
      larger.set(this.words);
      this.words = larger;
    }
    this.words[word] = (this.words[word] ?? 0) | (1 << (index & 31));
  }

  has(index: number): boolean {
    return ((this.words[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;
  }
}
