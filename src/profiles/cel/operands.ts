import type { TypedExpr } from './api.ts';
import { children } from './cost.ts';

/** The operands of leaf comparisons: their values say why an expression was true. */
export function operandsOf(expr: TypedExpr): TypedExpr[] {
  const found = new Map<string, TypedExpr>();
  collect(expr, found);
  return [...found.values()];
}

function collect(expr: TypedExpr, found: Map<string, TypedExpr>): void {
  const note = (operand: TypedExpr): void => {
    if (tells(operand)) found.set(`${operand.span.start}-${operand.span.end}`, operand);
  };
  switch (expr.kind) {
    case 'and':
    case 'or':
    case 'not':
    case 'conditional':
      for (const child of children(expr)) collect(child, found);
      return;
    case 'compare':
    case 'in':
      for (const child of children(expr)) {
        if (child.type.kind === 'bool') collect(child, found);
        else note(child);
      }
      return;
    case 'builtin':
    case 'call':
      expr.args.forEach(note);
      if (expr.kind === 'call') note(expr);
      return;
    default:
      note(expr);
  }
}

function varies(expr: TypedExpr): boolean {
  return expr.kind === 'variable' || expr.kind === 'call' || children(expr).some(varies);
}

/** What is the same for every declaration says nothing; objects and lists of objects cannot be shown. */
function tells(expr: TypedExpr): boolean {
  if (!varies(expr)) return false;
  const { type } = expr;
  if (type.kind === 'list') return expr.kind !== 'list' && type.element.kind !== 'object';
  return type.kind !== 'object' && type.kind !== 'map';
}
