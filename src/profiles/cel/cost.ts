import { LIST_LENGTH_MAX } from '../../limits.ts';
import type { TypedExpr } from './api.ts';

/** Static estimates over checked expressions: steps of one evaluation, levels of nesting. */

/** How long a list whose length is not known is taken to be. */
const LENGTH_ESTIMATE = LIST_LENGTH_MAX;
const CALL_COST = 10;
const BUILTIN_COST: Readonly<Record<string, number>> = { matches: 100, format: 50, replace: 20, split: 20, join: 20 };

/** The parts of an expression that stand directly below it. */
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

export function costOf(expr: TypedExpr): number {
  if (expr.kind === 'macro') {
    const body = (expr.condition ? costOf(expr.condition) : 0) + (expr.transform ? costOf(expr.transform) : 0);
    return 1 + costOf(expr.range) + lengthOf(expr.range) * (1 + body);
  }
  const own = children(expr).reduce((sum, child) => sum + costOf(child), 1);
  if (expr.kind === 'call') return own + (expr.declaration.cost ?? CALL_COST);
  if (expr.kind === 'builtin') return own + (BUILTIN_COST[expr.name] ?? 2);
  const searched = expr.kind === 'in' && expr.container.kind !== 'list' && expr.container.type.kind === 'list';
  if (searched) return own + lengthOf(expr.container);
  return own;
}

function lengthOf(expr: TypedExpr): number {
  if (expr.kind === 'list') return expr.elements.length;
  if (expr.kind === 'map') return expr.entries.length;
  if (expr.kind === 'macro') return lengthOf(expr.range);
  return LENGTH_ESTIMATE;
}

export function depthOf(expr: TypedExpr): number {
  return 1 + children(expr).reduce((deepest, child) => Math.max(deepest, depthOf(child)), 0);
}
