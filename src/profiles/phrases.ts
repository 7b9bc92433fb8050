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

/**
 * Latin, Greek and Cyrillic: what a code unit becomes as a letter of a word; 0: it parts words; STRANGE: look closer.
 * Beyond them only dashes and quotation marks are known, which part words.
 */
const STRANGE = 0xffff;
const PLAIN = Uint16Array.from({ length: 0x530 }, (_, code) => plain(String.fromCharCode(code)));

function codeOf(unit: number): number {
  if (unit < PLAIN.length) return PLAIN[unit] as number;
  return (unit >= 0x2010 && unit <= 0x2015) || (unit >= 0x2018 && unit <= 0x201f) ? 0 : STRANGE;
}

function plain(char: string): number {
  // Marks join the letter before them, and a final sigma looks at its neighbours.
  if (/\p{M}|Σ/u.test(char)) return STRANGE;
  const [word = ''] = wordsOf(char);
  if (word === '') return char.normalize('NFKC') === char ? 0 : STRANGE;
  return word.length === 1 && char.normalize('NFKC').length === 1 ? word.charCodeAt(0) : STRANGE;
}

const FILTER_MASK = 0xfff;

/** Place in the filter of words that start like this one. */
function startOf(codes: Uint16Array, start: number): number {
  return (Math.imul(codes[start] as number, 61) + (codes[start + 1] as number)) & FILTER_MASK;
}

/** FNV-1a of the word that starts here. */
function hashOf(codes: Uint16Array, start: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; codes[i] !== 0; i++) hash = Math.imul(hash ^ (codes[i] as number), 0x01000193);
  return hash;
}

/**
 * The phrases of all lists of a policy. Several lists are asked about the same text, one after the other: it is read
 * once for all of them, and a word is looked at again only if a phrase starts with its first two letters. Makes no
 * objects for text in plain Latin, Greek or Cyrillic.
 */
export class PhraseIndex {
  private readonly byFirstWord = new Map<number, Phrase[]>();
  /** Whether any phrase starts like this. */
  private readonly filter = new Uint8Array(FILTER_MASK + 1);
  /** By list: the reading that last found a phrase of it. */
  private readonly found: number[] = [];
  private reading = 0;
  private text: string | null = null;
  private at = 0;
  private codes = new Uint16Array(512);
  /** Where the words start that a phrase may start with: the first `starts` of these. */
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
    const hash = hashOf(codes, 0);
    this.filter[startOf(codes, 0)] = 1;
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
    for (let i = 0; i < this.starts; i++) this.lookUp(this.likely[i] as number, length);
  }

  private lookUp(start: number, length: number): void {
    const phrases = this.byFirstWord.get(hashOf(this.codes, start));
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
    const { length } = text;
    let end = 0;
    let start = 0;
    for (let i = 0; i <= length; i++) {
      const code = i < length ? codeOf(text.charCodeAt(i)) : 0;
      if (code === STRANGE) return this.spellStrange(text);
      if (code !== 0) {
        codes[end++] = code;
      } else if (end > start) {
        codes[end++] = 0;
        this.closeWord(start);
        start = end;
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
      const start = end;
      for (let i = 0; i < word.length; i++) this.codes[end++] = word.charCodeAt(i);
      this.codes[end++] = 0;
      this.closeWord(start);
    }
    return length;
  }

  private closeWord(start: number): void {
    if (this.filter[startOf(this.codes, start)] === 1) this.likely[this.starts++] = start;
  }
}
