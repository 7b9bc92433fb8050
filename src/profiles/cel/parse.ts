import { parse as parseCel } from '@bufbuild/cel';
import { TEXTS_REMEMBERED } from '../../limits.ts';
import { remembered } from '../remembered.ts';
import type { Problem, Span } from './api.ts';
import { type Token, tokenize } from './tokens.ts';

/** Text → the standard syntax tree, with macros as they were written, and where every node stands. */

export type SyntaxTree = ReturnType<typeof parseCel>['expr'];
export type SyntaxCall = Extract<SyntaxTree['exprKind'], { case: 'callExpr' }>['value'];

export interface Parsed {
  readonly text: string;
  readonly root: SyntaxTree;
  /** The call as written of a macro that the parser has expanded; null for any other node. */
  macroCall(node: SyntaxTree): SyntaxCall | null;
  span(node: SyntaxTree): Span;
}

export type ParseResult = { readonly parsed: Parsed } | { readonly problem: Problem };

export const parse = remembered(TEXTS_REMEMBERED, parseNow);

function parseNow(text: string): ParseResult {
  try {
    const { expr, sourceInfo } = parseCel(text);
    const macroCalls = sourceInfo?.macroCalls ?? {};
    const positions = sourceInfo?.positions ?? {};
    const macroCall = (node: SyntaxTree): SyntaxCall | null => {
      const kind = macroCalls[node.id.toString()]?.exprKind;
      return kind?.case === 'callExpr' ? kind.value : null;
    };
    const spans = new Spans(tokenize(text), (node) => positions[node.id.toString()] ?? 0, macroCall);
    return { parsed: { text, root: expr, macroCall, span: (node) => spans.of(node) } };
  } catch (error) {
    return { problem: parseProblem(text, error) };
  }
}

/** Line and column (from 1) of an offset. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

function parseProblem(text: string, error: unknown): Problem {
  if (error instanceof RangeError) return { line: 1, column: 1, message: 'the expression is nested too deeply' };
  const { rawMessage, location } = error as { rawMessage?: string; location?: { start?: { offset?: number } } };
  const open = unclosed(tokenize(text));
  if (open !== null) return { ...placeOf(text, open.start), message: `syntax: this '${open.text}' is never closed` };
  const message = rawMessage ?? (error instanceof Error ? error.message : String(error));
  return { ...placeOf(text, location?.start?.offset ?? 0), message: `syntax: ${message}` };
}

/** The last bracket that nothing closes; null where all are closed, or one is closed too often. */
function unclosed(tokens: readonly Token[]): Token | null {
  const open: Token[] = [];
  for (const token of tokens) {
    if ('([{'.includes(token.text)) open.push(token);
    else if (')]}'.includes(token.text) && open.pop() === undefined) return null;
  }
  return open.at(-1) ?? null;
}

const OPERATOR = /^(_[^\w].*|@in|!_|-_)$/;

/** The parser keeps one position per node; start and end come from the tokens around it. */
class Spans {
  readonly #tokens: readonly Token[];
  readonly #position: (node: SyntaxTree) => number;
  readonly #macroCall: (node: SyntaxTree) => SyntaxCall | null;
  readonly #known = new Map<bigint, Span>();

  constructor(
    tokens: readonly Token[],
    position: (node: SyntaxTree) => number,
    macroCall: (node: SyntaxTree) => SyntaxCall | null,
  ) {
    this.#tokens = tokens;
    this.#position = position;
    this.#macroCall = macroCall;
  }

  of(node: SyntaxTree): Span {
    let span = this.#known.get(node.id);
    if (span === undefined) {
      span = Object.freeze(this.#find(node));
      this.#known.set(node.id, span);
    }
    return span;
  }

  #find(node: SyntaxTree): Span {
    const kind = node.exprKind;
    const macro = this.#macroCall(node);
    if (macro !== null) return this.#call(node, macro);
    switch (kind.case) {
      case 'callExpr':
        return this.#call(node, kind.value);
      case 'selectExpr': {
        if (kind.value.operand === undefined) break;
        const operand = this.of(kind.value.operand);
        const dot = this.#next(operand.end, '.');
        return { start: this.#opened(operand, dot), end: this.#tokens[dot + 1]?.end ?? operand.end };
      }
      case 'listExpr':
      case 'structExpr':
        return this.#bracketed(this.#at(this.#position(node)));
    }
    const first = this.#tokens[this.#at(this.#position(node))];
    if (first === undefined) return { start: 0, end: 0 };
    const sign = first.text === '-' ? this.#tokens[this.#at(first.end)] : undefined;
    return { start: first.start, end: sign?.end ?? first.end };
  }

  #call(node: SyntaxTree, call: SyntaxCall): Span {
    if (call.target !== undefined) {
      const target = this.of(call.target);
      const dot = this.#next(target.end, '.');
      return { start: this.#opened(target, dot), end: this.#bracketed(dot + 2).end };
    }
    const args = call.args.map((arg) => this.of(arg));
    const [first, last] = [args[0], args.at(-1)];
    if (first === undefined || last === undefined || !OPERATOR.test(call.function)) {
      const name = this.#at(this.#position(node));
      const open = this.#next(this.#tokens[name]?.start ?? 0, '(');
      return { start: this.#tokens[name]?.start ?? 0, end: this.#bracketed(open).end };
    }
    if (call.function === '_[_]') {
      const open = this.#next(first.end, '[');
      return { start: this.#opened(first, open), end: this.#bracketed(open).end };
    }
    const start = args.length === 1 ? Math.min(this.#position(node), first.start) : first.start;
    return this.#balanced({ start, end: last.end });
  }

  /** Index of the token that stands at an offset or first after it. */
  #at(offset: number): number {
    const index = this.#tokens.findIndex((token) => token.end > offset);
    return index < 0 ? this.#tokens.length : index;
  }

  #next(offset: number, text: string): number {
    let index = this.#at(offset);
    while (index < this.#tokens.length && this.#tokens[index]?.text !== text) index++;
    return index;
  }

  /** From an opening bracket to the one that closes it. */
  #bracketed(open: number): Span {
    const start = this.#tokens[open]?.start ?? 0;
    let depth = 0;
    for (let index = open; index < this.#tokens.length; index++) {
      const token = this.#tokens[index];
      if (token === undefined) break;
      if ('([{'.includes(token.text)) depth++;
      if (')]}'.includes(token.text) && --depth === 0) return { start, end: token.end };
    }
    return { start, end: this.#tokens.at(-1)?.end ?? start };
  }

  /** Start of an operand with the parentheses that close before token `until`. */
  #opened(operand: Span, until: number): number {
    const end = this.#tokens[until]?.start ?? operand.end;
    return this.#balanced({ start: operand.start, end }).start;
  }

  /** Widens a span over parentheses, until those inside it match. */
  #balanced(span: Span): Span {
    let { start, end } = span;
    let [first, open, missing] = [this.#at(start), 0, 0];
    for (let index = first; index < this.#tokens.length; index++) {
      const token = this.#tokens[index];
      if (token === undefined || token.start >= end) break;
      if (token.text === '(') open++;
      if (token.text === ')' && --open < 0) [open, missing] = [0, missing + 1];
    }
    for (; missing > 0 && first > 0; missing--) start = this.#tokens[--first]?.start ?? start;
    for (; open > 0; open--) end = this.#tokens[this.#next(end, ')')]?.end ?? end;
    return { start, end };
  }
}
