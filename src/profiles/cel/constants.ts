import { RE2JS } from '@bufbuild/re2';
import type { TypedExpr } from './api.ts';
import { ExpressionError } from './errors.ts';
import { durationOf, timestampOf } from './time.ts';

/** Calls whose result is known at compile time: patterns, timestamps, durations. */

export interface Pattern {
  test(text: string): boolean;
}

const PATTERN_LENGTH_MAX = 1000;

/** RE2: time linear in the text, whatever the pattern. */
export function compilePattern(pattern: string): Pattern {
  if (pattern.length > PATTERN_LENGTH_MAX) {
    throw new ExpressionError(
      `expected a pattern of at most ${PATTERN_LENGTH_MAX} characters, found ${pattern.length}`,
    );
  }
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw new ExpressionError(`'${pattern}' is not a pattern of RE2: ${String((cause as Error).message)}`, { cause });
  }
}

/** The value of a literal string argument; null where it is not one. */
function literalText(expr: TypedExpr | undefined): string | null {
  return expr?.kind === 'literal' && typeof expr.value === 'string' ? expr.value : null;
}

type Builtin = TypedExpr & { kind: 'builtin' };

const known = new WeakMap<Builtin, { readonly value: unknown }>();

/** As `constantOf`, computed once; null where there is no constant or where making it fails. */
export function constantIn(expr: Builtin): { readonly value: unknown } | null {
  const found = known.get(expr);
  if (found !== undefined) return found;
  try {
    const value = constantOf(expr);
    if (value === undefined) return null;
    const constant = { value };
    known.set(expr, constant);
    return constant;
  } catch {
    return null;
  }
}

/** The value of `timestamp('…')` and `duration('…')`, the pattern of `x.matches('…')`; undefined for other calls. */
function constantOf(expr: Builtin): unknown {
  const text = literalText(expr.args.at(-1));
  if (text === null) return undefined;
  if (expr.name === 'matches') return compilePattern(text);
  if (expr.name === 'timestamp') return timestampOf(text);
  return expr.name === 'duration' ? durationOf(text) : undefined;
}

/** Profile mode: what would always fail, and patterns that are not known in advance, are refused at once. */
export function constantProblem(expr: TypedExpr): string | null {
  if (expr.kind !== 'builtin') return null;
  if (expr.name === 'matches' && literalText(expr.args[1]) === null) return 'expected a literal pattern';
  try {
    const value = constantOf(expr);
    if (value !== undefined) known.set(expr, { value });
    return null;
  } catch (error) {
    return error instanceof ExpressionError ? error.message : String(error);
  }
}
