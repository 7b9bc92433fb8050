/**
 * Whole words in free text. A word is a run of letters, digits and marks of any script; everything else parts words.
 * Text is compared in NFKC, lower case, so that width, ligatures and case make no difference.
 */
const WORD = /[\p{L}\p{N}\p{M}]+/gu;

export function wordsOf(text: string): readonly string[] {
  return text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
}

/** A list of phrases, found in a text by the first word of each. */
export class PhraseMatcher<Row> {
  private readonly byFirstWord = new Map<string, { readonly words: readonly string[]; readonly row: Row }[]>();

  add(words: readonly string[], row: Row): void {
    const [first = ''] = words;
    const known = this.byFirstWord.get(first);
    if (known === undefined) this.byFirstWord.set(first, [{ words, row }]);
    else known.push({ words, row });
  }

  /** The row of the first phrase in the text, among those that `accept` takes; null where there is none. */
  find(text: readonly string[], accept: (row: Row) => boolean): Row | null {
    for (let at = 0; at < text.length; at++) {
      const phrases = this.byFirstWord.get(text[at] as string);
      if (phrases === undefined) continue;
      for (const { words, row } of phrases) if (standsAt(text, at, words) && accept(row)) return row;
    }
    return null;
  }
}

function standsAt(text: readonly string[], at: number, words: readonly string[]): boolean {
  if (at + words.length > text.length) return false;
  for (let i = 1; i < words.length; i++) if (text[at + i] !== words[i]) return false;
  return true;
}
