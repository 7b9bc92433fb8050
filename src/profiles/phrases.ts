/**
 * Whole words in free text. A word is a run of letters, digits and marks of any script; everything else parts words.
 * Text is compared in NFKC, lower case, so that width, ligatures and case make no difference.
 */
const WORD = /[\p{L}\p{N}\p{M}]+/gu;

export function wordsOf(text: string): readonly string[] {
  return text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
}

/** From when (inclusive) until when (exclusive) a phrase counts. */
interface Validity {
  readonly validFrom: number;
  readonly validUntil: number;
}

interface Phrase {
  readonly list: number;
  /** Its words, each closed by a 0. */
  readonly codes: Uint16Array;
  readonly validity: Validity;
}

/** Latin, Greek and Cyrillic: what a code unit becomes as a letter of a word; 0: it parts words; STRANGE: look closer. */
const STRANGE = 0xffff;
const PLAIN = Uint16Array.from({ length: 0x530 }, (_, code) => plain(String.fromCharCode(code)));

function plain(char: string): number {
  // Marks join the letter before them, and a final sigma looks at its neighbours.
  if (/\p{M}|Σ/u.test(char)) return STRANGE;
  const [word = ''] = wordsOf(char);
  if (word === '') return char.normalize('NFKC') === char ? 0 : STRANGE;
  return word.length === 1 && char.normalize('NFKC').length === 1 ? word.charCodeAt(0) : STRANGE;
}

const SPACE = 0x20;
const HASH_START = 0x811c9dc5;
const hashed = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193);
const FILTER_MASK = 0xfff;

/**
 * The phrases of all lists of a policy. Several lists are asked about the same text, one after the other: it is read
 * once for all of them, and a word costs a hash and a bit unless a phrase starts with it. Makes no objects for text
 * in plain Latin, Greek or Cyrillic.
 */
export class PhraseIndex {
  private readonly byFirstWord = new Map<number, Phrase[]>();
  /** Whether any phrase's first word has these low bits of hash. */
  private readonly filter = new Uint8Array(FILTER_MASK + 1);
  /** By list: the reading that last found a phrase of it. */
  private readonly found: number[] = [];
  private reading = 0;
  private text: string | null = null;
  private at = 0;
  private codes = new Uint16Array(512);
  /** Hash and start of each word that a phrase may start with: `starts` numbers. */
  private readonly likely: number[] = [];
  private starts = 0;

  /** A new list; gives its number. */
  addList(): number {
    return this.found.push(0) - 1;
  }

  add(list: number, words: readonly string[], validity: Validity): void {
    const codes = new Uint16Array(words.reduce((sum, word) => sum + word.length + 1, 0));
    let end = 0;
    for (const word of words) {
      for (let i = 0; i < word.length; i++) codes[end++] = word.charCodeAt(i);
      end++;
    }
    let hash = HASH_START;
    for (let i = 0; codes[i] !== 0; i++) hash = hashed(hash, codes[i] as number);
    this.filter[hash & FILTER_MASK] = 1;
    const phrases = this.byFirstWord.get(hash);
    if (phrases === undefined) this.byFirstWord.set(hash, [{ list, codes, validity }]);
    else phrases.push({ list, codes, validity });
    this.text = null;
  }

  /** Whether any phrase of the list that counts at this instant stands in the text. */
  mentions(list: number, at: number, text: string): boolean {
    if (text !== this.text || at !== this.at) this.read(text, at);
    return this.found[list] === this.reading;
  }

  private read(text: string, at: number): void {
    this.reading++;
    this.text = text;
    this.at = at;
    this.starts = 0;
    const length = this.spell(text);
    for (let i = 0; i < this.starts; i += 2) {
      this.lookUp(this.likely[i] as number, this.likely[i + 1] as number, length);
    }
  }

  private lookUp(hash: number, start: number, length: number): void {
    const phrases = this.byFirstWord.get(hash);
    if (phrases === undefined) return;
    for (const { list, codes, validity } of phrases) {
      if (this.at < validity.validFrom || this.at >= validity.validUntil) continue;
      if (this.found[list] !== this.reading && this.standsAt(start, length, codes)) this.found[list] = this.reading;
    }
  }

  private standsAt(start: number, length: number, phrase: Uint16Array): boolean {
    if (start + phrase.length > length) return false;
    for (let i = 0; i < phrase.length; i++) if (this.codes[start + i] !== phrase[i]) return false;
    return true;
  }

  /** Writes the words of the text into `codes`, each closed by a 0, and those that may start a phrase into `likely`. */
  private spell(text: string): number {
    if (this.codes.length <= text.length) this.codes = new Uint16Array(text.length * 2);
    const { codes } = this;
    let end = 0;
    let start = 0;
    let hash = HASH_START;
    for (let i = 0; i <= text.length; i++) {
      const unit = i < text.length ? text.charCodeAt(i) : SPACE;
      const code = unit < PLAIN.length ? (PLAIN[unit] as number) : STRANGE;
      if (code === STRANGE) return this.spellStrange(text);
      if (code !== 0) {
        codes[end++] = code;
        hash = hashed(hash, code);
      } else if (end > start) {
        this.closeWord(hash, start);
        codes[end++] = 0;
        start = end;
        hash = HASH_START;
      }
    }
    return end;
  }

  private spellStrange(text: string): number {
    this.starts = 0;
    const words = wordsOf(text);
    const length = words.reduce((sum, word) => sum + word.length + 1, 0);
    if (this.codes.length < length) this.codes = new Uint16Array(length * 2);
    let end = 0;
    for (const word of words) {
      let hash = HASH_START;
      const start = end;
      for (let i = 0; i < word.length; i++) {
        const code = word.charCodeAt(i);
        this.codes[end++] = code;
        hash = hashed(hash, code);
      }
      this.codes[end++] = 0;
      this.closeWord(hash, start);
    }
    return length;
  }

  private closeWord(hash: number, start: number): void {
    if (this.filter[hash & FILTER_MASK] !== 1) return;
    this.likely[this.starts++] = hash;
    this.likely[this.starts++] = start;
  }
}
