import { EXPRESSION_COST_MAX, EXPRESSION_DEPTH_MAX, EXPRESSION_LENGTH_MAX } from '../../limits.ts';
import type { Checked, CheckOptions, Environment, Problem, Type, TypedExpr } from './api.ts';
import { checkCall } from './check-calls.ts';
import { Checking, joinTypes, node } from './checking.ts';
import { costOf, depthOf } from './cost.ts';
import { parse, placeOf, type SyntaxCall, type SyntaxTree } from './parse.ts';
import { BOOL, DOUBLE, DYN, INT, listOf, mapOf, NULL, nearest, STRING, typeName } from './types.ts';

/** Text → checked expression: every name, type and overload resolved, or every problem found. */
export function check(text: string, env: Environment, options: CheckOptions): Checked {
  const refuse = (...problems: Problem[]): Checked => ({ text, mode: options.mode, expr: null, problems, cost: 0 });
  if (options.mode === 'profile' && text.length > EXPRESSION_LENGTH_MAX) {
    const message = `expected at most ${EXPRESSION_LENGTH_MAX} characters, found ${text.length}`;
    return refuse({ line: 1, column: 1, message });
  }
  const result = parse(text);
  if ('problem' in result) return refuse(result.problem);
  const checking = new Checking(result.parsed, env, options, visit);
  const expr = checkRoot(checking, result.parsed.root);
  if (checking.problems.length > 0) return refuse(...checking.problems.toSorted(byPlace));
  const cost = costOf(expr);
  const problem = options.mode === 'profile' ? limitProblem(text, expr, cost) : null;
  return problem === null ? { text, mode: options.mode, expr, problems: [], cost } : refuse(problem);
}

function checkRoot(checking: Checking, root: SyntaxTree): TypedExpr {
  const expr = checking.visit(root);
  const { expected } = checking.options;
  return expected === undefined ? expr : checking.require(expr, expected);
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}

function limitProblem(text: string, expr: TypedExpr, cost: number): Problem | null {
  const place = placeOf(text, expr.span.start);
  const depth = depthOf(expr);
  if (depth > EXPRESSION_DEPTH_MAX) {
    return { ...place, message: `expected at most ${EXPRESSION_DEPTH_MAX} levels of nesting, found ${depth}` };
  }
  if (cost > EXPRESSION_COST_MAX) {
    return {
      ...place,
      message: `expected a cost of at most ${EXPRESSION_COST_MAX} steps, estimated ${Math.round(cost)}`,
    };
  }
  return null;
}

function visit(checking: Checking, tree: SyntaxTree): TypedExpr {
  const macro = checking.parsed.macroCall(tree);
  if (macro !== null) return checkMacroCall(checking, tree, macro);
  const kind = tree.exprKind;
  switch (kind.case) {
    case 'constExpr':
      return checkLiteral(checking, tree);
    case 'identExpr':
      return checkName(checking, tree, kind.value.name);
    case 'selectExpr':
      return checkSelect(checking, tree, tree, kind.value.testOnly);
    case 'callExpr':
      return checkCall(checking, tree, kind.value);
    case 'listExpr':
      return checkList(checking, tree);
    case 'structExpr':
      return checkMap(checking, tree);
    default:
      return checking.problem(checking.parsed.span(tree), 'expected an expression');
  }
}

/** A macro inside another stands there without its expansion, so what counts is the call as written. */
function checkMacroCall(checking: Checking, tree: SyntaxTree, macro: SyntaxCall): TypedExpr {
  const [field] = macro.args;
  return macro.function === 'has' && macro.target === undefined && field !== undefined
    ? checkSelect(checking, tree, field, true)
    : checkCall(checking, tree, macro);
}

function checkLiteral(checking: Checking, tree: SyntaxTree): TypedExpr {
  const span = checking.parsed.span(tree);
  const constant = tree.exprKind.case === 'constExpr' ? tree.exprKind.value.constantKind : undefined;
  const literal = (type: Type, value: string | number | boolean | null): TypedExpr =>
    node({ kind: 'literal', type, value, optional: false, span });
  switch (constant?.case) {
    case 'boolValue':
      return literal(BOOL, constant.value);
    case 'stringValue':
      return literal(STRING, constant.value);
    case 'doubleValue':
      if (!Number.isFinite(constant.value)) return checking.problem(span, 'expected a finite double', DOUBLE);
      return literal(DOUBLE, constant.value);
    case 'int64Value': {
      const value = Number(constant.value);
      if (Number.isSafeInteger(value)) return literal(INT, value);
      return checking.problem(span, 'expected an int within ±(2^53 - 1)', INT);
    }
    case 'nullValue':
      if (checking.profile)
        return checking.problem(span, 'null is no value here; has(…) tests whether a field is present');
      return literal(NULL, null);
    case 'uint64Value':
      return checking.problem(span, 'uint is not part of the language; leave out the u');
    case 'bytesValue':
      return checking.problem(span, 'bytes are not part of the language');
    default:
      return checking.problem(span, 'expected a literal');
  }
}

function checkName(checking: Checking, tree: SyntaxTree, written: string): TypedExpr {
  const span = checking.parsed.span(tree);
  const found = checking.resolve(written);
  if (found !== null) {
    const { type, js, optional = false } = found.variable;
    const access = found.variable.access ?? 'plain';
    return node({ kind: 'variable', name: found.name, js, type, access, optional, span });
  }
  const name = written.replace(/^\./, '');
  const similar = nearest(name, checking.names());
  const hint = similar === null ? `known are ${checking.names().join(', ')}` : `did you mean '${similar}'?`;
  return checking.problem(span, `unknown name '${name}'; ${hint}`);
}

/** `a.b.c` where the environment declares a variable of that dotted name. */
function qualifiedName(checking: Checking, tree: SyntaxTree): string | null {
  const kind = tree.exprKind;
  if (kind.case === 'identExpr') return checking.isLocal(kind.value.name) ? null : kind.value.name;
  if (kind.case !== 'selectExpr' || kind.value.testOnly || kind.value.operand === undefined) return null;
  const operand = qualifiedName(checking, kind.value.operand);
  return operand === null ? null : `${operand}.${kind.value.field}`;
}

/** `tree` is the whole, `part` the selection in it: they differ in has(…). */
function checkSelect(checking: Checking, tree: SyntaxTree, part: SyntaxTree, testOnly: boolean): TypedExpr {
  const span = checking.parsed.span(tree);
  if (part.exprKind.case !== 'selectExpr' || part.exprKind.value.operand === undefined) {
    return checking.problem(span, 'expected a field');
  }
  const { operand: operandTree, field } = part.exprKind.value;
  const qualified = testOnly ? null : qualifiedName(checking, part);
  if (qualified !== null && checking.resolve(qualified) !== null) return checkName(checking, tree, qualified);
  const operand = checking.visit(operandTree);
  if (operand.kind === 'fail') return operand;
  const found = fieldOf(checking, operand, field);
  if (found === null) {
    const { end } = checking.parsed.span(part);
    return checking.problem({ start: end - field.length, end }, fieldProblem(operand.type, field));
  }
  if (testOnly) return node({ kind: 'has', operand, field, type: BOOL, optional: false, span });
  return node({ kind: 'select', operand, field, type: found.type, optional: operand.optional || found.optional, span });
}

function fieldOf(checking: Checking, operand: TypedExpr, field: string): { type: Type; optional: boolean } | null {
  const { type } = operand;
  if (type.kind === 'object') return type.fields.get(field) ?? null;
  if (type.kind === 'map' && (type.key.kind === 'string' || type.key.kind === 'dyn')) {
    return { type: type.value, optional: false };
  }
  if (type.kind === 'money' && field === 'currency' && operand.kind === 'select')
    return { type: STRING, optional: false };
  return type.kind === 'dyn' && !checking.profile ? { type: DYN, optional: false } : null;
}

function fieldProblem(type: Type, field: string): string {
  const fields = type.kind === 'object' ? [...type.fields.keys()] : [];
  if (fields.length === 0) return `${typeName(type)} has no field '${field}'`;
  const similar = nearest(field, fields);
  const hint = similar === null ? `it has ${fields.join(', ')}` : `did you mean '${similar}'?`;
  return `${typeName(type)} has no field '${field}'; ${hint}`;
}

function checkList(checking: Checking, tree: SyntaxTree): TypedExpr {
  const span = checking.parsed.span(tree);
  const trees = tree.exprKind.case === 'listExpr' ? tree.exprKind.value.elements : [];
  const elements = trees.map(checking.visit);
  const type = commonType(checking, elements, 'elements of a list');
  return node({
    kind: 'list',
    elements: elements.map((element) => checking.coerce(element, type) ?? element),
    type: listOf(type),
    optional: false,
    span,
  });
}

function commonType(checking: Checking, values: readonly TypedExpr[], what: string): Type {
  let first = values[0];
  if (first === undefined) return DYN;
  for (const value of values.slice(1)) {
    const type = joinTypes(checking, first, value);
    if (type === null) {
      checking.problem(
        value.span,
        `${what} must have one type: expected ${typeName(first.type)}, found ${typeName(value.type)}`,
      );
      return first.type;
    }
    if (type.kind === 'dyn') return DYN;
    first = checking.coerce(first, type) ?? first;
  }
  return first.type;
}

function checkMap(checking: Checking, tree: SyntaxTree): TypedExpr {
  const span = checking.parsed.span(tree);
  if (tree.exprKind.case !== 'structExpr') return checking.problem(span, 'expected a map');
  const { entries, messageName } = tree.exprKind.value;
  if (messageName !== '') return checking.problem(span, `'${messageName}': messages are not part of the language`);
  const keys: TypedExpr[] = [];
  const values: TypedExpr[] = [];
  for (const entry of entries) {
    if (entry.keyKind.case !== 'mapKey' || entry.value === undefined) continue;
    keys.push(checkKey(checking, checking.visit(entry.keyKind.value)));
    values.push(checking.visit(entry.value));
  }
  const [key, value] = [commonType(checking, keys, 'keys of a map'), commonType(checking, values, 'values of a map')];
  return node({
    kind: 'map',
    entries: keys.map((each, index) => ({
      key: checking.coerce(each, key) ?? each,
      value: coerced(checking, values[index], value),
    })),
    type: mapOf(key, value),
    optional: false,
    span,
  });
}

function coerced(checking: Checking, expr: TypedExpr | undefined, type: Type): TypedExpr {
  if (expr === undefined) throw new Error('a map entry without value');
  return checking.coerce(expr, type) ?? expr;
}

function checkKey(checking: Checking, key: TypedExpr): TypedExpr {
  if (['bool', 'int', 'string', 'dyn'].includes(key.type.kind)) return key;
  return checking.expected(key, 'a key of type bool, int or string');
}
