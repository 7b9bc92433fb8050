import type { Arithmetic, Comparison, Span, Type, TypedExpr } from './api.ts';
import { type Checking, joinTypes, node } from './checking.ts';
import { ARITHMETIC, COMPARISONS } from './operators.ts';
import type { SyntaxCall, SyntaxTree } from './parse.ts';
import { BOOL, DOUBLE, DURATION, DYN, hasDyn, INT, isNumber, MONEY, sameType, TIMESTAMP, typeName } from './types.ts';

/** Operators: which operand types they take, what they give. */

/** The checked operator; null where the call is of a function. */
export function checkOperator(checking: Checking, tree: SyntaxTree, call: SyntaxCall): TypedExpr | null {
  const name = call.function;
  if (name === '_&&_' || name === '_||_') return checkLogic(checking, tree, name);
  const span = checking.parsed.span(tree);
  const comparison = COMPARISONS[name];
  const arithmetic = ARITHMETIC[name];
  const unary = name === '!_' || name === '-_';
  if (comparison === undefined && arithmetic === undefined && !unary && !['@in', '_[_]', '_?_:_'].includes(name)) {
    return null;
  }
  const [first, second, third] = call.args.map(checking.visit);
  if (first === undefined) return null;
  if (name === '!_')
    return node({ kind: 'not', operand: checking.requireBool(first), type: BOOL, optional: false, span });
  if (name === '-_') return checkNegation(checking, first, span);
  if (second === undefined) return null;
  if (name === '_?_:_') return third === undefined ? null : checkConditional(checking, [first, second, third], span);
  if (first.kind === 'fail' || second.kind === 'fail') return first.kind === 'fail' ? first : second;
  if (comparison !== undefined) return checkComparison(checking, comparison, first, second, span);
  if (arithmetic !== undefined) return checkArithmetic(checking, arithmetic, first, second, span);
  return name === '@in' ? checkIn(checking, first, second, span) : checkIndex(checking, first, second, span);
}

/** The parser balances `a && b && c` into a tree; here it is one node with three operands. */
function checkLogic(checking: Checking, tree: SyntaxTree, name: '_&&_' | '_||_'): TypedExpr {
  const operands: TypedExpr[] = [];
  const collect = (part: SyntaxTree): void => {
    const kind = part.exprKind;
    if (kind.case === 'callExpr' && kind.value.function === name) kind.value.args.forEach(collect);
    else operands.push(checking.requireBool(checking.visit(part)));
  };
  collect(tree);
  const span = checking.parsed.span(tree);
  return node({ kind: name === '_&&_' ? 'and' : 'or', operands, type: BOOL, optional: false, span });
}

function checkNegation(checking: Checking, operand: TypedExpr, span: Span): TypedExpr {
  if (operand.kind === 'fail') return operand;
  const { type, optional } = operand;
  if (operand.kind === 'literal' && typeof operand.value === 'number') {
    return node({ ...operand, value: type.kind === 'int' ? 0 - operand.value : -operand.value, span });
  }
  const takes = isNumber(type) || type.kind === 'money' || (type.kind === 'dyn' && !checking.profile);
  if (!takes) return checking.expected(operand, 'a number');
  return node({ kind: 'negate', operand, type, optional, span });
}

function checkConditional(
  checking: Checking,
  [test, yes, no]: readonly [TypedExpr, TypedExpr, TypedExpr],
  span: Span,
): TypedExpr {
  const condition = checking.requireBool(test);
  const type = joinTypes(checking, yes, no);
  if (type === null) return checking.expected(no, typeName(yes.type));
  const then = checking.coerce(yes, type) ?? yes;
  const otherwise = checking.coerce(no, type) ?? no;
  const optional = then.optional || otherwise.optional;
  return node({ kind: 'conditional', condition, then, otherwise, type, optional, span });
}

const ORDERED = ['bool', 'int', 'double', 'string', 'timestamp', 'duration', 'money', 'dyn'];

function checkComparison(checking: Checking, operator: Comparison, a: TypedExpr, b: TypedExpr, span: Span): TypedExpr {
  const ordering = operator !== '==' && operator !== '!=';
  for (const operand of [a, b]) {
    if (ordering && !ORDERED.includes(operand.type.kind)) return checking.expected(operand, 'a value with an order');
  }
  const pair = comparable(checking, a, b, ordering);
  if (pair === null) return checking.problem(b.span, `expected ${typeName(a.type)}, found ${typeName(b.type)}`);
  const [left, right] = pair;
  return node({ kind: 'compare', operator, left, right, type: BOOL, optional: false, span });
}

/** Both sides in representations that can be compared; null where their types cannot. */
function comparable(checking: Checking, a: TypedExpr, b: TypedExpr, ordering: boolean): [TypedExpr, TypedExpr] | null {
  if (sameType(a.type, b.type)) return [a, b];
  if (checking.profile) {
    const [widerA, widerB] = [checking.coerce(a, b.type), checking.coerce(b, a.type)];
    if (widerB !== null) return [a, widerB];
    if (widerA !== null) return [widerA, b];
    const amounts = [a.type, b.type].every((type) => type.kind === 'money' || isNumber(type));
    return amounts ? [a, b] : null;
  }
  if (isNumber(a.type) && isNumber(b.type) && (ordering || checking.unchecked)) return [a, b];
  if (hasDyn(a.type) || hasDyn(b.type) || (checking.unchecked && !ordering)) return asDyn(checking, a, b);
  const [narrowA, narrowB] = [checking.coerce(a, b.type), checking.coerce(b, a.type)];
  if (narrowB !== null) return [a, narrowB];
  return narrowA === null ? null : [narrowA, b];
}

function asDyn(checking: Checking, a: TypedExpr, b: TypedExpr): [TypedExpr, TypedExpr] {
  return [checking.require(a, DYN), checking.require(b, DYN)];
}

function checkArithmetic(checking: Checking, operator: Arithmetic, a: TypedExpr, b: TypedExpr, span: Span): TypedExpr {
  const optional = a.optional || b.optional;
  const make = (left: TypedExpr, right: TypedExpr, type: Type): TypedExpr =>
    node({ kind: 'arithmetic', operator, left, right, type, optional, span });
  if (!checking.profile && (a.type.kind === 'dyn' || b.type.kind === 'dyn')) {
    const [left, right] = asDyn(checking, a, b);
    return make(left, right, DYN);
  }
  const [left, right] = widened(checking, operator, a, b);
  const type = resultOf(checking, operator, left, right);
  if (type !== null) {
    const inType = (expr: TypedExpr) => (type.kind === 'list' ? checking.require(expr, type) : expr);
    return fineMoney(checking, left, right) ?? make(inType(left), inType(right), type);
  }
  const message = `no operator ${typeName(a.type)} ${operator} ${typeName(b.type)}${hintFor(operator, a.type, b.type)}`;
  return checking.problem(span, message);
}

function hintFor(operator: Arithmetic, a: Type, b: Type): string {
  const kinds = [a.kind, b.kind];
  if (kinds.includes('int') && kinds.includes('double')) return '; expected both double: use double(…)';
  if (kinds.includes('money'))
    return `; expected ${operator === '+' || operator === '-' ? 'money' : 'a number'} beside money`;
  return `; expected ${typeName(a)} on both sides`;
}

/** Profile mode: a literal takes the type of the other side; beside money only in sums. */
function widened(checking: Checking, operator: Arithmetic, a: TypedExpr, b: TypedExpr): [TypedExpr, TypedExpr] {
  const money = a.type.kind === 'money' || b.type.kind === 'money';
  if (!checking.profile || (money && operator !== '+' && operator !== '-')) return [a, b];
  return [checking.coerce(a, b.type) ?? a, checking.coerce(b, a.type) ?? b];
}

/** Sums of money are exact, so a literal in one must be a whole number of tiyn. */
function fineMoney(checking: Checking, ...operands: TypedExpr[]): TypedExpr | null {
  for (const operand of operands) {
    if (operand.kind !== 'literal' || operand.type.kind !== 'money' || Number.isInteger(operand.value)) continue;
    return checking.problem(operand.span, 'expected an amount with at most two decimals');
  }
  return null;
}

function resultOf(
  checking: Checking,
  operator: Arithmetic,
  { type: a }: TypedExpr,
  { type: b }: TypedExpr,
): Type | null {
  if (a.kind === 'money' || b.kind === 'money') return moneyResult(operator, a, b);
  if (a.kind === 'int' && b.kind === 'int') return INT;
  if (a.kind === 'double' && b.kind === 'double') return operator === '%' ? null : DOUBLE;
  if (operator === '+') return sumResult(checking, a, b);
  if (operator !== '-') return null;
  if (a.kind === 'timestamp' && b.kind === 'timestamp') return DURATION;
  if (a.kind === 'timestamp' && b.kind === 'duration') return TIMESTAMP;
  return a.kind === 'duration' && b.kind === 'duration' ? DURATION : null;
}

function moneyResult(operator: Arithmetic, a: Type, b: Type): Type | null {
  const both = a.kind === b.kind;
  if (operator === '+' || operator === '-') return both ? MONEY : null;
  if (operator === '*') return isNumber(a) || isNumber(b) ? DOUBLE : null;
  return operator === '/' && a.kind === 'money' && (both || isNumber(b)) ? DOUBLE : null;
}

function sumResult(checking: Checking, a: Type, b: Type): Type | null {
  if (a.kind === 'string' && b.kind === 'string') return a;
  if (a.kind === 'timestamp' && b.kind === 'duration') return TIMESTAMP;
  if (a.kind === 'duration' && b.kind === 'timestamp') return TIMESTAMP;
  if (a.kind === 'duration' && b.kind === 'duration') return DURATION;
  if (a.kind !== 'list' || b.kind !== 'list') return null;
  if (sameType(a, b) || hasDyn(a)) return a;
  if (hasDyn(b)) return b;
  return checking.unchecked ? { kind: 'list', element: DYN } : null;
}

function checkIn(checking: Checking, element: TypedExpr, container: TypedExpr, span: Span): TypedExpr {
  const make = (a: TypedExpr, b: TypedExpr): TypedExpr =>
    node({ kind: 'in', element: a, container: b, type: BOOL, optional: false, span });
  const { type } = container;
  if (type.kind === 'dyn' && !checking.profile) return make(checking.require(element, DYN), container);
  const inner = type.kind === 'list' ? type.element : type.kind === 'map' ? type.key : null;
  if (inner === null) return checking.expected(container, 'a list or a map');
  if (sameType(element.type, inner)) return make(element, container);
  const wider = checking.profile ? checking.coerce(container, listLike(type, element.type)) : null;
  if (wider !== null) return make(element, wider);
  const coerced = checking.profile || inner.kind === 'dyn' ? checking.coerce(element, inner) : null;
  if (coerced !== null) return make(coerced, container);
  if (!checking.profile && (element.type.kind === 'dyn' || hasDyn(type) || checking.unchecked)) {
    return make(checking.require(element, DYN), checking.require(container, DYN));
  }
  return checking.problem(element.span, `expected ${typeName(inner)}, found ${typeName(element.type)}`);
}

function listLike(type: Type, element: Type): Type {
  return type.kind === 'list' ? { kind: 'list', element } : type;
}

function checkIndex(checking: Checking, operand: TypedExpr, index: TypedExpr, span: Span): TypedExpr {
  const optional = operand.optional || index.optional;
  const make = (a: TypedExpr, b: TypedExpr, type: Type): TypedExpr =>
    node({ kind: 'index', operand: a, index: b, type, optional, span });
  const { type } = operand;
  if (type.kind === 'list') {
    return index.type.kind === 'dyn' && !checking.profile
      ? make(operand, index, type.element)
      : make(operand, checking.require(index, INT), type.element);
  }
  if (type.kind === 'map') {
    if (index.type.kind === 'dyn') return make(checking.require(operand, DYN), index, DYN);
    if (checking.unchecked && checking.coerce(index, type.key) === null) {
      return make(checking.require(operand, DYN), checking.require(index, DYN), DYN);
    }
    return make(operand, checking.require(index, type.key), type.value);
  }
  if (type.kind === 'dyn' && !checking.profile) return make(operand, checking.require(index, DYN), DYN);
  return checking.expected(operand, 'a list or a map');
}
