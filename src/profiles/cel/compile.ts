import type { Checked, Compiled, EmitScope, Operand, TypedExpr } from './api.ts';
import { emit } from './emit.ts';
import { Emitter } from './emitter.ts';
import { ExpressionError } from './errors.ts';
import { hasMacro, mayAbsorb, mayFail } from './fails.ts';
import { operandsOf } from './operands.ts';
import { createRuntime } from './runtime.ts';

/** Checked expression → JavaScript, alone or as part of a larger function. */

export function compileExpression(checked: Checked, scope: EmitScope): Compiled {
  const expr = exprOf(checked);
  return Object.freeze({
    type: expr.type,
    fast: emitted(checked, expr, scope, false),
    careful: mayAbsorb(expr) ? emitted(checked, expr, scope, true) : null,
    steps: hasMacro(expr),
    fails: mayFail(expr) || hasMacro(expr),
    optional: expr.optional && expr.type.kind !== 'bool',
  });
}

/** What to report when the expression is true: see `operands.ts`. */
export function explain(checked: Checked, scope: EmitScope): Operand[] {
  return operandsOf(exprOf(checked)).map((operand) => {
    const { start, end } = operand.span;
    const source = checked.text.slice(start, end).replace(/\s+/g, ' ').trim();
    const value = emitted(checked, operand, scope, true);
    return { source, js: operand.type.kind === 'money' ? `$.showMoney(${value})` : `$.show(${value})` };
  });
}

function exprOf(checked: Checked): TypedExpr {
  if (checked.expr !== null) return checked.expr;
  throw new ExpressionError(checked.problems[0]?.message ?? 'the expression was not checked');
}

function emitted(checked: Checked, expr: TypedExpr, scope: EmitScope, careful: boolean): string {
  const emitter = new Emitter(checked.mode, careful, scope, emit);
  return expr.type.kind === 'bool' ? emitter.truth(expr) : emitter.emit(expr);
}

/** A scope that collects; its names start with `prefix`. */
export function createScope(prefix = '_'): EmitScope & { constants: unknown[]; temporaries: string[] } {
  const constants: unknown[] = [];
  const temporaries: string[] = [];
  return {
    constants,
    temporaries,
    constant: (value) => {
      const known = constants.indexOf(value);
      return `${prefix}k[${known < 0 ? constants.push(value) - 1 : known}]`;
    },
    temporary: () => {
      const name = `${prefix}t${temporaries.length}`;
      temporaries.push(name);
      return name;
    },
  };
}

/** One expression as a function of its variables' values (named by their `js`), in the order given. Throws ExpressionError. */
export function evaluator(checked: Checked, variables: readonly string[]): (...values: unknown[]) => unknown {
  const scope = createScope();
  const { fast, careful } = compileExpression(checked, scope);
  const declare = scope.temporaries.length === 0 ? '' : `let ${scope.temporaries.join(', ')};`;
  const attempt = (js: string): string => `$.reset(); return ${js};`;
  const body =
    careful === null
      ? attempt(fast)
      : `try { ${attempt(fast)} } catch (error) { if ($.isFinal(error)) throw error; ${attempt(careful)} }`;
  const make = new Function('$', '_k', `"use strict"; return (${variables.join(', ')}) => { ${declare} ${body} };`);
  return make(createRuntime(), scope.constants);
}
