import { descend, HsTrie } from './hs-trie.ts';
import type { ListColumn, ListRow, ListSource, ListValue } from './list-file.ts';
import { PhraseIndex, wordsOf } from './phrases.ts';

/** Rows of one key, or, for lists of several keys, what the next key leads to. */
interface Branch {
  readonly rows: ListRow[];
  readonly next: Map<string, Branch>;
}

const newBranch = (): Branch => ({ rows: [], next: new Map() });

/**
 * A list compiled for look-ups: a trie over the digits of an HS key (the longest prefix with a row that holds wins),
 * a map for every other key, words for phrases. A look-up makes no objects.
 */
export class RuleList {
  readonly name: string;
  /** Keys in the order of the file. */
  readonly keys: readonly ListColumn[];
  readonly columns: readonly ListColumn[];
  readonly rows: readonly ListRow[];
  /** Which of the keys is an HS prefix; −1: none. */
  readonly hsKey: number;
  readonly isPhrases: boolean;
  private readonly trie = new HsTrie<Branch>();
  private readonly root: Branch = newBranch();
  private readonly phrases: PhraseIndex;
  /** Number of this list in `phrases`; −1: it is no list of phrases. */
  private readonly number: number;
  /** Which of the keys, in order, the maps are nested by: all but HS. */
  private readonly mapped: readonly number[];

  /** `phrases`: shared by the lists of a policy, so that a text is read once for all of them. */
  constructor(source: ListSource, phrases: PhraseIndex = new PhraseIndex()) {
    this.name = source.name;
    this.keys = source.keys;
    this.columns = source.columns;
    this.rows = source.rows;
    this.hsKey = source.keys.findIndex(({ type }) => type === 'hs');
    this.isPhrases = source.keys[0]?.type === 'phrase';
    this.phrases = phrases;
    this.number = this.isPhrases ? phrases.addList() : -1;
    this.mapped = source.keys.map((_, index) => index).filter((index) => index !== this.hsKey);
    for (const row of source.rows) this.insert(row);
  }

  private insert(row: ListRow): void {
    if (this.isPhrases) {
      this.phrases.add(this.number, wordsOf(row.keys[0] ?? ''), row);
      return;
    }
    let branch = this.hsKey < 0 ? this.root : this.trie.at(row.keys[this.hsKey] ?? '', newBranch);
    for (const index of this.mapped) {
      const key = row.keys[index] ?? '';
      let next = branch.next.get(key);
      if (next === undefined) {
        next = newBranch();
        branch.next.set(key, next);
      }
      branch = next;
    }
    branch.rows.push(row);
  }

  /** The row of these keys that holds at this instant; null where there is none. */
  find(at: number, a: string, b: string, c: string, d: string): ListRow | null {
    if (this.hsKey < 0) return this.findIn(this.root, at, a, b, c, d);
    const code = keyAt(this.hsKey, a, b, c, d);
    let found: ListRow | null = null;
    let node = descend(this.trie.start, code, 0);
    for (let i = 1; node !== undefined; i++) {
      if (node.value !== null) found = this.findIn(node.value, at, a, b, c, d) ?? found;
      node = i < code.length ? descend(node, code, i) : undefined;
    }
    return found;
  }

  private findIn(start: Branch, at: number, a: string, b: string, c: string, d: string): ListRow | null {
    let branch = start;
    for (let i = 0; i < this.mapped.length; i++) {
      const next = branch.next.get(keyAt(this.mapped[i] as number, a, b, c, d));
      if (next === undefined) return null;
      branch = next;
    }
    for (let i = 0; i < branch.rows.length; i++) {
      const row = branch.rows[i] as ListRow;
      if (holds(row, at)) return row;
    }
    return null;
  }

  has(at: number, a: string, b = '', c = '', d = ''): boolean {
    return this.find(at, a, b, c, d) !== null;
  }

  /** The value of a column; null where no row holds or its cell is empty. */
  lookup(column: number, at: number, a: string, b = '', c = '', d = ''): ListValue {
    return this.find(at, a, b, c, d)?.values[column] ?? null;
  }

  /** Whether any phrase of the list that holds stands in the text. */
  hasPhrase(at: number, text: string): boolean {
    return this.phrases.mentions(this.number, at, text);
  }
}

function keyAt(index: number, a: string, b: string, c: string, d: string): string {
  return index === 0 ? a : index === 1 ? b : index === 2 ? c : d;
}

function holds(row: ListRow, at: number): boolean {
  return at >= row.validFrom && at < row.validUntil;
}
