interface TrieNode<T> {
  readonly children: (TrieNode<T> | undefined)[];
  value: T | null;
}

/** Values by HS prefix. Walking a code down the trie meets the values of all its prefixes, and makes no objects. */
export class HsTrie<T> {
  private readonly root: TrieNode<T> = { children: [], value: null };
  private nodes = 1;

  get isEmpty(): boolean {
    return this.nodes === 1;
  }

  /** The value of this prefix of digits, made by `create` where there is none yet. */
  at(prefix: string, create: () => T): T {
    let node = this.root;
    for (let i = 0; i < prefix.length; i++) {
      const digit = prefix.charCodeAt(i) - 48;
      while (node.children.length <= digit) node.children.push(undefined);
      let child = node.children[digit];
      if (child === undefined) {
        child = { children: [], value: null };
        node.children[digit] = child;
        this.nodes++;
      }
      node = child;
    }
    node.value ??= create();
    return node.value;
  }

  /** Start of a walk. */
  get start(): TrieNode<T> {
    return this.root;
  }
}

/** One digit further down; undefined where no prefix goes on that way. */
export function descend<T>(node: TrieNode<T>, code: string, at: number): TrieNode<T> | undefined {
  return node.children[code.charCodeAt(at) - 48];
}
