import type { TypedExpr } from './cel/api.ts';
import { children } from './cel/cost.ts';

/** The first place where `list("name")` stands other than behind `in`; null where there is none. */
export function strayList(expr: TypedExpr): TypedExpr | null {
  for (const child of children(expr)) {
    const behindIn = expr.kind === 'in' && child === expr.container;
    const stray = isList(child) && !behindIn ? child : strayList(child);
    if (stray !== null) return stray;
  }
  return null;
}

function isList(expr: TypedExpr): boolean {
  return expr.kind === 'call' && expr.name === 'list';
}
