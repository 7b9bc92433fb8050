/**
 * A set of profile numbers that gives its members back in ascending order without sorting: bits, with a bit for each
 * word that is not empty above them, and so on up to a single word. Adding and taking cost the number of levels (four
 * for 100,000 profiles), whatever the number of profiles. Makes no objects.
 */
export class CandidateSet {
  private readonly levels: readonly Uint32Array[];

  constructor(size: number) {
    const levels: Uint32Array[] = [];
    let words = Math.max(1, Math.ceil(size / 32));
    levels.push(new Uint32Array(words));
    while (words > 1) {
      words = Math.ceil(words / 32);
      levels.push(new Uint32Array(words));
    }
    this.levels = levels;
  }

  add(member: number): void {
    let at = member;
    for (let i = 0; i < this.levels.length; i++) {
      const level = this.levels[i] as Uint32Array;
      const word = at >>> 5;
      const before = level[word] as number;
      level[word] = before | (1 << (at & 31));
      if (before !== 0) return;
      at = word;
    }
  }

  addAll(members: Int32Array): void {
    for (let i = 0; i < members.length; i++) this.add(members[i] as number);
  }

  /** Removes and gives the least member; −1 where the set is empty. */
  take(): number {
    const { levels } = this;
    let word = 0;
    for (let i = levels.length - 1; i >= 0; i--) {
      const bits = (levels[i] as Uint32Array)[word] as number;
      if (bits === 0) return -1;
      word = word * 32 + (31 - Math.clz32(bits & -bits));
    }
    this.remove(word);
    return word;
  }

  clear(): void {
    for (let i = 0; i < this.levels.length; i++) (this.levels[i] as Uint32Array).fill(0);
  }

  private remove(member: number): void {
    let at = member;
    for (let i = 0; i < this.levels.length; i++) {
      const level = this.levels[i] as Uint32Array;
      const word = at >>> 5;
      level[word] = (level[word] as number) & ~(1 << (at & 31));
      if (level[word] !== 0) return;
      at = word;
    }
  }
}
