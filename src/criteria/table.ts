import { CELL_LENGTH_MAX } from '../limits.ts';
import type { Comparison } from '../profiles/cel/api.ts';
import type { Condition, Literal, TextTest, Value } from './ast.ts';
import { allOf, anyOf, isSame, notOf } from './groups.ts';

/**
 * Cells of a decision table: unary tests (after DMN) of one value, as text and as a condition.
 *
 *   "CN", "HK"         is one of            [1..5]  (1..5)     within, ends included or not
 *   > 100   != "US"    compared             not("US")          none of the tests within
 *   startsWith("61")   endsWith contains matches               list("dual_use")   mentions("vague")
 *   true   false       of a flag            null   not(null)   absent, stated
 *   -                  anything (as an empty cell)
 *
 * Tests behind commas: any of them. In a column of texts a plain word needs no quotes.
 */

export type CellType = 'text' | 'number' | 'integer' | 'boolean' | 'date';

export interface TableColumn {
  readonly value: Value;
  readonly type: CellType;
}

/** `at`: offset in the text of the cell, from 0. */
export interface CellProblem {
  readonly at: number;
  readonly message: string;
}

/** Null as condition: anything will do. */
export type CellReading = { readonly condition: Condition | null } | { readonly problem: CellProblem };

/** What is no cell; never thrown to a caller. */
class Fault extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const ANYTHING = /^\s*(-|–|—)?\s*$/;

export function readCell(text: string, column: TableColumn): CellReading {
  if (text.length > CELL_LENGTH_MAX) {
    return { problem: { at: CELL_LENGTH_MAX, message: `a cell has ${CELL_LENGTH_MAX} characters at most` } };
  }
  if (ANYTHING.test(text)) return { condition: null };
  try {
    return { condition: new CellReader(text, column).read() };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { problem: { at: fault.at, message: fault.message } };
  }
}

/** The text of a condition in a column; null where it has none there, so that it is shown some other way. */
export function cellOf(condition: Condition, column: TableColumn): string | null {
  const text = textOf(condition, column.value);
  if (text === null) return null;
  const reading = readCell(text, column);
  return 'condition' in reading && isSame(reading.condition, condition) ? text : null;
}

const COMPARED: readonly Comparison[] = ['<=', '>=', '!=', '==', '<', '>'];
const TEXT_TESTS: readonly TextTest[] = ['startsWith', 'endsWith', 'contains', 'matches'];

const TOKENS =
  /\s*(?:("(?:[^"\\]|\\.)*")|(\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?)|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?(?![\p{L}\p{N}_]))|(<=|>=|!=|<>|==|\.\.|[<>=,()[\]])|([\p{L}\p{N}_](?:(?!\.\.)[\p{L}\p{N}_./-])*))/uy;

interface Token {
  readonly kind: 'text' | 'date' | 'number' | 'sign' | 'word' | 'end';
  readonly text: string;
  readonly at: number;
}

const KINDS = ['text', 'date', 'number', 'sign', 'word'] as const;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKENS);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    const group = match === null ? -1 : match.slice(1).findIndex((each) => each !== undefined);
    const kind = KINDS[group];
    if (match === null || kind === undefined) {
      const at = from + (text.slice(from).length - text.slice(from).trimStart().length);
      throw new Fault(at, text[at] === '"' ? 'this text is never closed' : `${text[at]} is not expected`);
    }
    const own = match[group + 1] ?? '';
    tokens.push({ kind, text: own, at: pattern.lastIndex - own.length });
  }
  return [...tokens, { kind: 'end', text: '', at: end }];
}

class CellReader {
  readonly #tokens: readonly Token[];
  readonly #column: TableColumn;
  #next = 0;

  constructor(text: string, column: TableColumn) {
    this.#tokens = tokensOf(text);
    this.#column = column;
  }

  read(): Condition {
    const condition = this.#tests();
    const { kind, text, at } = this.#peek();
    if (kind !== 'end') throw new Fault(at, `${text} is not expected: tests are parted by commas`);
    return condition;
  }

  /** Literals alone are one membership; otherwise each test stands for itself. */
  #tests(): Condition {
    const parts = [this.#test()];
    while (this.#takes(',')) parts.push(this.#test());
    const literals = parts.filter((part) => !isCondition(part));
    if (literals.length === parts.length && literals.length > 1) {
      return { kind: 'oneOf', value: this.#column.value, literals };
    }
    return anyOf(parts.map((part) => (isCondition(part) ? part : this.#equals(part))));
  }

  #equals(literal: Literal): Condition {
    const { value } = this.#column;
    if (literal.type !== 'boolean') return { kind: 'compare', left: value, operator: '==', right: literal };
    const flag: Condition = { kind: 'flag', value };
    return literal.value ? flag : notOf(flag);
  }

  #test(): Condition | Literal {
    const token = this.#peek();
    const { value } = this.#column;
    if (token.text === '[' || token.text === '(' || token.text === ']') return this.#range();
    const operator = COMPARED.find((each) => each === token.text) ?? SPELLINGS[token.text];
    if (operator !== undefined && token.kind === 'sign') {
      this.#next++;
      return { kind: 'compare', left: value, operator, right: this.#literal() };
    }
    if (token.kind === 'word' && this.#tokens[this.#next + 1]?.text === '(') return this.#called(token);
    if (token.kind === 'word' && token.text === 'null') {
      this.#next++;
      return { kind: 'not', condition: { kind: 'present', value } };
    }
    return this.#literal();
  }

  #called({ text: name, at }: Token): Condition {
    this.#next += 2;
    if (name === 'not') {
      const inner = this.#tests();
      this.#expect(')');
      return notOf(inner);
    }
    const test = TEXT_TESTS.find((each) => each === name);
    const { value } = this.#column;
    if (test === undefined && name !== 'list' && name !== 'mentions') {
      throw new Fault(at, `${name} is not known: not, ${TEXT_TESTS.join(', ')}, list and mentions are`);
    }
    const args = [this.#text()];
    while (test !== undefined && this.#takes(',')) args.push(this.#text());
    this.#expect(')');
    return anyOf(
      args.map((text): Condition => {
        if (name === 'list') return { kind: 'listed', list: text.value, keys: [value] };
        if (test === undefined) return { kind: 'mentions', value, list: text.value };
        return { kind: 'text', operator: test, value, argument: text };
      }),
    );
  }

  #range(): Condition {
    const open = this.#take();
    const low = this.#literal();
    this.#expect('..');
    const high = this.#literal();
    const close = this.#take();
    if (!'[])'.includes(close.text) || close.text === '') throw new Fault(close.at, 'a range ends with ] or )');
    const { value: left } = this.#column;
    return allOf([
      { kind: 'compare', left, operator: open.text === '[' ? '>=' : '>', right: low },
      { kind: 'compare', left, operator: close.text === ']' ? '<=' : '<', right: high },
    ]);
  }

  #text(): Literal & { readonly type: 'text' } {
    const token = this.#take();
    if (token.kind !== 'text') throw new Fault(token.at, 'a text in quotes is expected');
    return { kind: 'literal', type: 'text', value: unquoted(token) };
  }

  #literal(): Literal {
    const token = this.#take();
    const literal = literalOf(token, this.#column.type);
    if (literal === null) throw new Fault(token.at, `${EXPECTED[this.#column.type]} is expected`);
    return literal;
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind === 'end') throw new Fault(token.at, 'the test is not finished');
    this.#next++;
    return token;
  }

  #takes(sign: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.#next++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#takes(sign)) throw new Fault(this.#peek().at, `${sign} is expected`);
  }
}

const SPELLINGS: Readonly<Record<string, Comparison>> = { '=': '==', '<>': '!=' };

const EXPECTED: Readonly<Record<CellType, string>> = {
  text: 'a text, like "CN",',
  number: 'a number, like 12.5,',
  integer: 'a whole number, like 12,',
  boolean: 'true or false',
  date: 'a day, like 2026-01-31,',
};

function isCondition(part: Condition | Literal): part is Condition {
  return part.kind !== 'literal';
}

/** Null where the token is no value of the column's type. */
function literalOf(token: Token, type: CellType): Literal | null {
  const { kind, text } = token;
  const literal = 'literal';
  switch (type) {
    case 'text':
      if (kind === 'text') return { kind: literal, type, value: unquoted(token) };
      return kind === 'sign' ? null : { kind: literal, type, value: text };
    case 'date':
      if (kind !== 'date' || !isDay(text)) return null;
      return { kind: literal, type, value: text.includes('T') ? text : `${text}T00:00:00Z` };
    case 'boolean':
      return text === 'true' || text === 'false' ? { kind: literal, type, value: text === 'true' } : null;
    default:
      return kind === 'number' ? numberOf(text, type) : null;
  }
}

/** 2026-02-31 would roll over into March: no such day. */
function isDay(text: string): boolean {
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(Date.parse(text)) && day.toISOString().startsWith(text.slice(0, 10));
}

/** As in CEL: with a point or an exponent a double, otherwise whole. */
function numberOf(text: string, type: 'number' | 'integer'): Literal | null {
  const value = Number(text) + 0;
  if (/[.e]/i.test(text)) {
    return type === 'number' && Number.isFinite(value) ? { kind: 'literal', type: 'number', value } : null;
  }
  return Number.isSafeInteger(value) ? { kind: 'literal', type: 'integer', value } : null;
}

function unquoted({ text, at }: Token): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw new Fault(at, 'this text has an escape that is not known, or a line break');
  }
}

/** Null where a condition is none of this value, or has no text in a cell. */
function textOf(condition: Condition, value: Value): string | null {
  switch (condition.kind) {
    case 'compare': {
      if (!isSame(condition.left, value) || condition.right.kind !== 'literal') return null;
      const text = literalText(condition.right);
      return condition.operator === '==' ? text : `${condition.operator} ${text}`;
    }
    case 'oneOf':
      return isSame(condition.value, value) ? condition.literals.map(literalText).join(', ') : null;
    case 'listed':
      return isSame(condition.keys, [value]) ? `list(${JSON.stringify(condition.list)})` : null;
    case 'mentions':
      return isSame(condition.value, value) ? `mentions(${JSON.stringify(condition.list)})` : null;
    case 'text': {
      const { argument, operator } = condition;
      if (!isSame(condition.value, value) || argument.kind !== 'literal' || argument.type !== 'text') return null;
      return `${operator}(${literalText(argument)})`;
    }
    case 'flag':
      return isSame(condition.value, value) ? 'true' : null;
    case 'present':
      return isSame(condition.value, value) ? 'not(null)' : null;
    case 'not':
      return negationText(condition.condition, value);
    case 'group':
      return condition.of === 'all' ? rangeText(condition.conditions, value) : choiceText(condition.conditions, value);
    default:
      return null;
  }
}

function negationText(inner: Condition, value: Value): string | null {
  if (inner.kind === 'flag') return isSame(inner.value, value) ? 'false' : null;
  if (inner.kind === 'present') return isSame(inner.value, value) ? 'null' : null;
  const text = textOf(inner, value);
  return text === null ? null : `not(${text})`;
}

function choiceText(conditions: readonly Condition[], value: Value): string | null {
  const texts = conditions.map((each) => textOf(each, value));
  return texts.includes(null) ? null : texts.join(', ');
}

const LOWER: Readonly<Partial<Record<Comparison, string>>> = { '>=': '[', '>': '(' };
const UPPER: Readonly<Partial<Record<Comparison, string>>> = { '<=': ']', '<': ')' };

function rangeText(conditions: readonly Condition[], value: Value): string | null {
  const [low, high] = conditions;
  if (conditions.length !== 2 || low?.kind !== 'compare' || high?.kind !== 'compare') return null;
  const [open, close] = [LOWER[low.operator], UPPER[high.operator]];
  if (open === undefined || close === undefined || !isSame(low.left, value) || !isSame(high.left, value)) return null;
  if (low.right.kind !== 'literal' || high.right.kind !== 'literal') return null;
  return `${open}${literalText(low.right)}..${literalText(high.right)}${close}`;
}

function literalText(literal: Literal): string {
  switch (literal.type) {
    case 'text':
    case 'duration':
      return JSON.stringify(literal.value);
    case 'date':
      return literal.value.replace(/T00:00:00Z$/, '');
    case 'number':
      return /[.e]/.test(String(literal.value)) ? String(literal.value) : `${literal.value}.0`;
    default:
      return String(literal.value);
  }
}
