import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PhraseIndex, wordsOf } from '../../src/profiles/phrases.ts';

const ALWAYS = { validFrom: Number.NEGATIVE_INFINITY, validUntil: Number.POSITIVE_INFINITY };

/** Whether the words of the phrase stand in the text, one behind the other. */
function stands(phrase: string, text: string): boolean {
  return `\0${wordsOf(text).join('\0')}\0`.includes(`\0${wordsOf(phrase).join('\0')}\0`);
}

// Few letters, so that words come again; among them such as change with their neighbours, with case, or in NFKC.
const LETTERS = ['a', 'B', 'ß', 'Σ', 'σ', 'б', 'Б', 'İ', 'e\u0301', '\u0301', 'ﬁ', '７', '7', '日', '\u1100', '\u1161'];
const PARTING = [' ', '-', ', ', '–', '’', '\u2011', '\u2026', '№', '\u2017', '½'];
const word = fc.array(fc.constantFrom(...LETTERS), { minLength: 1, maxLength: 2 }).map((letters) => letters.join(''));
const text = fc
  .array(fc.tuple(word, fc.constantFrom(...PARTING)), { maxLength: 12 })
  .map((parts) => parts.flat().join(''));
const phrase = fc.array(word, { minLength: 1, maxLength: 2 }).map((words) => words.join(' '));

it('an index of phrases finds in each list what comparing words finds', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), phrase), { maxLength: 12 }), fc.array(text), (phrases, texts) => {
      const index = new PhraseIndex();
      const lists = [index.addList(), index.addList(), index.addList()];
      const usable = phrases.filter(([, each]) => wordsOf(each).length > 0);
      for (const [list, each] of usable) index.add(list, wordsOf(each), ALWAYS);
      for (const each of [...texts, ...usable.map(([, of]) => of)]) {
        const expected = lists.map((list) => usable.some(([of, words]) => of === list && stands(words, each)));
        expect(lists.map((list) => index.mentions(list, 0, each))).toEqual(expected);
      }
    }),
    { numRuns: 2000 },
  );
});

it('a phrase is found only while it holds', () => {
  const index = new PhraseIndex();
  const list = index.addList();
  index.add(list, ['spare', 'parts'], { validFrom: 10, validUntil: 20 });
  expect([9, 10, 19, 20].map((at) => index.mentions(list, at, 'Spare-parts, new'))).toEqual([false, true, true, false]);
});

it('a text longer than any before is read to its end', () => {
  const index = new PhraseIndex();
  const list = index.addList();
  index.add(list, ['needle'], ALWAYS);
  for (const hay of ['hay ', 'сено ', '日 ']) {
    expect(index.mentions(list, 0, `${hay.repeat(3000)}needle`)).toBe(true);
    expect(index.mentions(list, 0, hay.repeat(3000))).toBe(false);
  }
});
