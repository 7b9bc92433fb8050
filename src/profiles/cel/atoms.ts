import type { Atom, TypedExpr } from './api.ts';

/** Conditions without which an expression cannot be true: what an index may ask before evaluating it. */
export function requiredAtoms(expr: TypedExpr): Atom[] {
  if (expr.kind === 'and') return expr.operands.flatMap(requiredAtoms);
  const atom = atomOf(expr);
  return atom === null ? [{ kind: 'expression', expr }] : [atom];
}

function atomOf(expr: TypedExpr): Atom | null {
  switch (expr.kind) {
    case 'compare':
      return expr.operator === '==' ? (equality(expr.left, expr.right) ?? equality(expr.right, expr.left)) : null;
    case 'in':
      return expr.container.kind === 'list' ? membership(expr.element, expr.container.elements) : null;
    case 'builtin':
      return expr.name === 'startsWith' ? prefix(expr.args) : null;
    case 'or':
      return alternatives(expr.operands.map(atomOf));
    default:
      return null;
  }
}

type Value = string | number | boolean;

function equality(operand: TypedExpr, value: TypedExpr): Atom | null {
  return membership(operand, [value]);
}

function membership(operand: TypedExpr, elements: readonly TypedExpr[]): Atom | null {
  const path = pathOf(operand);
  const values: Value[] = [];
  for (const element of elements) {
    if (element.kind !== 'literal' || element.value === null) return null;
    values.push(element.value);
  }
  return path === null ? null : { kind: 'equals', path, values };
}

function prefix([text, start]: readonly TypedExpr[]): Atom | null {
  const path = text === undefined ? null : pathOf(text);
  if (path === null || start?.kind !== 'literal' || typeof start.value !== 'string') return null;
  return { kind: 'prefix', path, prefixes: [start.value] };
}

/** `a == x || a == y` is `a in [x, y]`; the same for prefixes. */
function alternatives(atoms: readonly (Atom | null)[]): Atom | null {
  const [first] = atoms;
  if (first == null || first.kind === 'expression') return null;
  const values: Value[] = [];
  const prefixes: string[] = [];
  for (const atom of atoms) {
    if (atom === null || atom.kind !== first.kind || atom.path !== first.path) return null;
    if (atom.kind === 'equals') values.push(...atom.values);
    else prefixes.push(...atom.prefixes);
  }
  return first.kind === 'equals' ? { ...first, values } : { ...first, prefixes };
}

/** `item.originCountry`; null where the operand is not a field of a field … of a variable. */
export function pathOf(expr: TypedExpr): string | null {
  if (expr.kind === 'variable') return expr.name;
  if (expr.kind !== 'select') return null;
  const operand = pathOf(expr.operand);
  return operand === null ? null : `${operand}.${expr.field}`;
}
