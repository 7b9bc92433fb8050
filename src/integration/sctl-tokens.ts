/** Lines and columns count from 1. */
export interface SctlPlace {
  readonly line: number;
  readonly column: number;
}

export interface SctlToken {
  /** `bad`: no token at all; its text says why. */
  readonly kind: 'text' | 'number' | 'name' | 'sign' | 'end' | 'bad';
  /** A text without its quotes. */
  readonly text: string;
  /** Keyword or operator that it is, in one spelling; null for everything else. */
  readonly word: string | null;
  readonly place: SctlPlace;
}

/** Keywords and operators → their one spelling; in texts they are written in any case. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ...['criteria', 'if', 'then', 'else', 'endif', 'and', 'or', 'not', 'is'].map((word) => [word, word] as const),
  ...['=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/'].map((sign) => [sign, sign] as const),
  ...Object.entries({ ':=': 'is', eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' }),
  ...Object.entries({ plus: '+', minus: '-', mul: '*', div: '/' }),
]);

/** One token. Texts stand in plain or typographic quotes, on one line. */
const TOKEN =
  /"([^"\n]*)"|“([^“”\n]*)”|(\d+(?:\.\d+)?(?![\p{L}\p{N}_]))|([\p{L}_][\p{L}\p{N}_]*)|(:=|<>|<=|>=|[=<>+\-*/();,])/uy;

/** Ends with a token of kind `end`. */
export function sctlTokens(text: string): SctlToken[] {
  const tokens: SctlToken[] = [];
  const places = new Places(text);
  for (let at = 0; ; ) {
    at = behindSpace(text, at);
    const place = places.of(at);
    if (at >= text.length) return [...tokens, { kind: 'end', text: 'the end', word: null, place }];
    TOKEN.lastIndex = at;
    const isOpen = text.startsWith('/*', at);
    const match = isOpen ? null : TOKEN.exec(text);
    tokens.push(match === null ? bad(text, at, place) : tokenOf(match, place));
    at = isOpen ? text.length : at + (match?.[0].length ?? 1);
  }
}

/** Behind blanks and remarks; in front of a remark that is never closed. */
function behindSpace(text: string, from: number): number {
  const blank = /\s*/uy;
  for (let at = from; ; ) {
    blank.lastIndex = at;
    at += blank.exec(text)?.[0].length ?? 0;
    const isLine = text.startsWith('//', at);
    if (!isLine && !text.startsWith('/*', at)) return at;
    const end = text.indexOf(isLine ? '\n' : '*/', at + 2);
    if (end < 0) return isLine ? text.length : at;
    at = isLine ? end : end + 2;
  }
}

function tokenOf(match: RegExpExecArray, place: SctlPlace): SctlToken {
  const [, plain, curly, number, name, sign] = match;
  const quoted = plain ?? curly;
  if (quoted !== undefined) return { kind: 'text', text: quoted, word: null, place };
  if (number !== undefined) return { kind: 'number', text: number, word: null, place };
  const text = name ?? sign ?? '';
  const word = WORDS.get(text.toLowerCase()) ?? null;
  return { kind: name === undefined ? 'sign' : 'name', text, word, place };
}

function bad(text: string, at: number, place: SctlPlace): SctlToken {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const reason = '"“'.includes(character) ? 'this text is never closed' : `${character} is not expected`;
  const remark = text.startsWith('/*', at) ? 'this remark is never closed' : reason;
  return { kind: 'bad', text: remark, word: null, place };
}

/** Lines and columns of offsets that are asked for in ascending order. */
class Places {
  readonly #text: string;
  #line = 1;
  #lineStart = 0;
  #lineEnd: number;

  constructor(text: string) {
    this.#text = text;
    this.#lineEnd = this.#endFrom(0);
  }

  of(at: number): SctlPlace {
    while (this.#lineEnd < at) {
      this.#line++;
      this.#lineStart = this.#lineEnd + 1;
      this.#lineEnd = this.#endFrom(this.#lineStart);
    }
    return { line: this.#line, column: at - this.#lineStart + 1 };
  }

  #endFrom(at: number): number {
    const end = this.#text.indexOf('\n', at);
    return end < 0 ? this.#text.length : end;
  }
}
