import { ExpressionError } from './errors.ts';

/** The string extension. Positions count code points, as in CEL; texts without surrogates take the short way. */

const SURROGATE = /[\ud800-\udfff]/;

export function sizeOfString(text: string): number {
  return SURROGATE.test(text) ? [...text].length : text.length;
}

/** By code points: `<` of JavaScript goes by UTF-16 units, which order U+E000 to U+FFFF after the rest. */
export function compareStrings(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [[...a], [...b]];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const difference = (left[index]?.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function outOfRange(index: number): never {
  throw new ExpressionError(`index out of range: ${index}`);
}

/** UTF-16 offset of a code point's index, which may be the length. */
function unitOffset(text: string, index: number): number {
  if (index < 0) outOfRange(index);
  if (!SURROGATE.test(text)) return index <= text.length ? index : outOfRange(index);
  let offset = 0;
  for (let count = 0; count < index; count++) {
    const point = text.codePointAt(offset);
    if (point === undefined) outOfRange(index);
    offset += point > 0xffff ? 2 : 1;
  }
  return offset;
}

/** Index in code points of a UTF-16 offset; -1 stays. */
function pointIndex(text: string, offset: number): number {
  return offset <= 0 || !SURROGATE.test(text) ? offset : sizeOfString(text.slice(0, offset));
}

export function charAt(text: string, index: number): string {
  const offset = unitOffset(text, index);
  const point = text.codePointAt(offset);
  return point === undefined ? '' : String.fromCodePoint(point);
}

export function indexOf(text: string, part: string, from = 0): number {
  return pointIndex(text, text.indexOf(part, unitOffset(text, from)));
}

export function lastIndexOf(text: string, part: string, from?: number): number {
  const start = from === undefined ? Number.POSITIVE_INFINITY : unitOffset(text, from);
  return pointIndex(text, text.lastIndexOf(part, start));
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

export function lowerAscii(text: string): string {
  return isAscii(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Brands and codes are put into capitals again and again: the same string then, whose hash is known. */
const capitals = new Map<string, string>();
const CAPITALS_MAX = 1024;
const CAPITALS_LENGTH_MAX = 64;

export function upperAscii(text: string): string {
  let upper = capitals.get(text);
  if (upper !== undefined) return upper;
  // Beyond ASCII, toUpperCase() would change more than letters of ASCII.
  upper = isAscii(text) ? text.toUpperCase() : text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
  if (text.length > CAPITALS_LENGTH_MAX) return upper;
  if (capitals.size >= CAPITALS_MAX) capitals.clear();
  capitals.set(text, upper);
  return upper;
}

/** Characters of one result; beyond it an expression builds texts to fill memory. */
const RESULT_LENGTH_MAX = 1_000_000;

/** A negative limit means all. */
export function replace(text: string, part: string, by: string, limit = -1): string {
  const most = limit < 0 ? Number.POSITIVE_INFINITY : limit;
  const pieces = part === '' ? [...text] : text.split(part);
  if (text.length + Math.min(pieces.length + 1, most) * by.length > RESULT_LENGTH_MAX) {
    throw new ExpressionError('the text grows too long');
  }
  if (part === '') return replaceBetween(pieces, by, most);
  const replaced = pieces.slice(0, most + 1).join(by);
  return (
    replaced +
    pieces
      .slice(most + 1)
      .map((piece) => part + piece)
      .join('')
  );
}

/** Before each character and at the end, at most `limit` times. */
function replaceBetween(characters: readonly string[], by: string, limit: number): string {
  const inner = characters.map((character, index) => (index < limit ? by + character : character)).join('');
  return characters.length < limit ? inner + by : inner;
}

export function split(text: string, separator: string, limit = -1): string[] {
  if (limit === 0) return [];
  if (limit === 1) return [text];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

export function substring(text: string, start: number, end?: number): string {
  const from = unitOffset(text, start);
  if (end === undefined) return text.slice(from);
  const to = unitOffset(text, end);
  if (start > end) throw new ExpressionError(`invalid substring range: ${start} to ${end}`);
  return text.slice(from, to);
}

/** White space of Unicode, which differs from what JavaScript trims by U+0085 and U+FEFF. */
const SPACE = String.raw`[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const LEADING = new RegExp(`^${SPACE}+`);

export function trim(text: string): string {
  const rest = text.replace(LEADING, '');
  let end = rest.length;
  while (end > 0 && LEADING.test(rest[end - 1] ?? '')) end--;
  return rest.slice(0, end);
}

export function reverse(text: string): string {
  return [...text].reverse().join('');
}

export function join(texts: readonly string[], separator = ''): string {
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  if (length > RESULT_LENGTH_MAX) throw new ExpressionError('the text grows too long');
  return texts.join(separator);
}

export function concatenate(a: string, b: string): string {
  if (a.length + b.length > RESULT_LENGTH_MAX) throw new ExpressionError('the text grows too long');
  return a + b;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

export function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to escape
  return `"${text.toWellFormed().replace(/[\x07-\r"\\]/g, (character) => ESCAPES[character] ?? character)}"`;
}
