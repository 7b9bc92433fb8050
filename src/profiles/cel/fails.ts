import type { TypedExpr } from './api.ts';
import { BUILTINS, type Param } from './builtins.ts';
import { constantIn } from './constants.ts';
import { children } from './cost.ts';
import { sameType } from './types.ts';

/** Which expressions may throw, so that the others cost nothing. Running out of steps does not count: nothing absorbs that. */

const known = new WeakMap<TypedExpr, boolean>();

export function mayFail(expr: TypedExpr): boolean {
  let answer = known.get(expr);
  if (answer === undefined) {
    answer = failsItself(expr) || children(expr).some(mayFail);
    known.set(expr, answer);
  }
  return answer;
}

function failsItself(expr: TypedExpr): boolean {
  switch (expr.kind) {
    case 'fail':
    case 'index':
      return true;
    case 'arithmetic':
      return true;
    case 'select':
    case 'has':
      return expr.operand.type.kind === 'map' ? expr.kind === 'select' : expr.operand.type.kind === 'dyn';
    case 'negate':
      return expr.type.kind === 'dyn';
    case 'compare':
      return expr.left.type.kind === 'dyn' && expr.operator !== '==' && expr.operator !== '!=';
    case 'in':
      return expr.container.type.kind === 'dyn';
    case 'map':
      return expr.entries.length > 1;
    case 'builtin': {
      if (constantIn(expr) !== null) return false;
      const overload = BUILTINS.get(expr.name)?.overloads.find(
        ({ params }) =>
          params.length === expr.args.length && params.every((param, index) => fits(param, expr.args[index])),
      );
      return overload?.fails ?? true;
    }
    case 'call':
      return expr.declaration.fails ?? true;
    case 'convert':
      return expr.type.kind !== 'dyn';
    default:
      return false;
  }
}

export function fits(param: Param, arg: TypedExpr | undefined): boolean {
  if (arg === undefined) return false;
  return typeof param === 'string' ? arg.type.kind === param : sameType(param, arg.type);
}

/** An operand that may fail stands before another, which might decide. */
export function absorbs(operands: readonly TypedExpr[]): boolean {
  return operands.slice(0, -1).some(mayFail);
}

/** Has a part in which an error may be absorbed: && or || of several operands, `all`, `exists`. */
export function mayAbsorb(expr: TypedExpr): boolean {
  const here =
    ((expr.kind === 'and' || expr.kind === 'or') && absorbs(expr.operands)) ||
    (expr.kind === 'macro' &&
      (expr.macro === 'all' || expr.macro === 'exists') &&
      expr.condition !== null &&
      mayFail(expr.condition));
  return here || children(expr).some(mayAbsorb);
}

export function hasMacro(expr: TypedExpr): boolean {
  return expr.kind === 'macro' || children(expr).some(hasMacro);
}
