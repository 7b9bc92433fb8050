import type { TypedExpr } from './cel/api.ts';

/** The expressions directly inside of one. */
export function children(expr: TypedExpr): readonly TypedExpr[] {
  switch (expr.kind) {
    case 'literal':
    case 'variable':
    case 'fail':
      return [];
    case 'select':
    case 'has':
    case 'not':
    case 'negate':
    case 'convert':
      return [expr.operand];
    case 'index':
      return [expr.operand, expr.index];
    case 'and':
    case 'or':
      return expr.operands;
    case 'compare':
    case 'arithmetic':
      return [expr.left, expr.right];
    case 'in':
      return [expr.element, expr.container];
    case 'conditional':
      return [expr.condition, expr.then, expr.otherwise];
    case 'list':
      return expr.elements;
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'builtin':
    case 'call':
      return expr.args;
    case 'macro':
      return [expr.range, expr.condition, expr.transform].filter((part) => part !== null);
  }
}

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
