import type { FunctionDeclaration, Span, Type, TypedExpr } from './api.ts';
import { BUILTINS, type Overload, type Param } from './builtins.ts';
import { checkMacro } from './check-macros.ts';
import { checkOperator } from './check-operators.ts';
import { type Checking, node } from './checking.ts';
import { constantProblem } from './constants.ts';
import type { SyntaxCall, SyntaxTree } from './parse.ts';
import { DYN, nearest, sameType, typeName } from './types.ts';

/** Calls: operators, macros, functions of the language, functions of the environment. */

export function checkCall(checking: Checking, tree: SyntaxTree, call: SyntaxCall): TypedExpr {
  const found = checkOperator(checking, tree, call) ?? checkMacro(checking, tree, call);
  if (found !== null) return found;
  const span = checking.parsed.span(tree);
  const { target } = call;
  if (target === undefined) return checkFunction(checking, call.function, call.args.map(checking.visit), span, false);
  const qualified = qualifiedFunction(checking, target, call.function);
  if (qualified !== null) return checkFunction(checking, qualified, call.args.map(checking.visit), span, false);
  return checkFunction(checking, call.function, [target, ...call.args].map(checking.visit), span, true);
}

/** `stats.valuePerKg(…)`: the name of a function, not a member of a variable `stats`. */
function qualifiedFunction(checking: Checking, target: SyntaxTree, name: string): string | null {
  const path: string[] = [name];
  let part: SyntaxTree | undefined = target;
  while (part !== undefined) {
    const kind: SyntaxTree['exprKind'] = part.exprKind;
    if (kind.case === 'identExpr') {
      if (checking.isLocal(kind.value.name)) return null;
      path.unshift(kind.value.name);
      const qualified = path.join('.');
      const known = BUILTINS.has(qualified) || checking.env.functions.some((each) => each.name === qualified);
      return known ? qualified : null;
    }
    if (kind.case !== 'selectExpr') return null;
    path.unshift(kind.value.field);
    part = kind.value.operand;
  }
  return null;
}

function checkFunction(
  checking: Checking,
  name: string,
  args: readonly TypedExpr[],
  span: Span,
  member: boolean,
): TypedExpr {
  const failed = args.find((arg) => arg.kind === 'fail');
  if (failed !== undefined) return failed;
  const declared = checking.env.functions.filter((each) => each.name === name && (each.member ?? false) === member);
  if (declared.length > 0) return checkDeclared(checking, declared, args, span);
  const builtin = BUILTINS.get(name);
  if (builtin !== undefined && (builtin.style === 'both' || (builtin.style === 'member') === member)) {
    return checkBuiltin(checking, name, builtin.overloads, args, span);
  }
  return checking.problem(
    member ? nameSpan(checking, name, args[0]?.span.end ?? 0) : span,
    unknownFunction(checking, name, member),
  );
}

/** Where the name of a member stands: the first place after the receiver. */
function nameSpan(checking: Checking, name: string, after: number): Span {
  const start = checking.parsed.text.indexOf(name, after);
  return { start, end: start + name.length };
}

function unknownFunction(checking: Checking, name: string, member: boolean): string {
  if (name === 'dyn' || name === 'type') return `${name}(…) is not part of the language`;
  const own = checking.env.functions.filter((each) => (each.member ?? false) === member).map((each) => each.name);
  const language = [...BUILTINS].filter(([, { style }]) => style === 'both' || (style === 'member') === member);
  const similar = nearest(name, [...own, ...language.map(([known]) => known)]);
  return `unknown function '${name}'${similar === null ? '' : `; did you mean '${similar}'?`}`;
}

function checkBuiltin(
  checking: Checking,
  name: string,
  overloads: readonly Overload[],
  args: readonly TypedExpr[],
  span: Span,
): TypedExpr {
  const fitting = overloads.filter((each) => coerceArgs(checking, each.params, args) !== null);
  const exact = fitting.find((each) => each.params.every((param, index) => isExactly(param, args[index])));
  const chosen = exact ?? fitting[0];
  if (chosen === undefined) return checking.problem(span, signatureProblem(name, overloads.map(paramNames), args));
  const open = exact === undefined && args.some((arg) => arg.type.kind === 'dyn') && fitting.length > 1;
  const coerced = open ? args : (coerceArgs(checking, chosen.params, args) ?? args);
  const absent = args.some((arg) => arg.optional);
  const result = open && fitting.some((each) => !sameType(each.result, chosen.result)) ? DYN : chosen.result;
  const optional = absent && result.kind !== 'bool';
  const expr = node({ kind: 'builtin', name, args: coerced, type: result, optional, span });
  const problem = checking.profile ? constantProblem(expr) : null;
  return problem === null ? expr : checking.problem(args.at(-1)?.span ?? span, problem);
}

function isExactly(param: Param, arg: TypedExpr | undefined): boolean {
  if (arg === undefined) return false;
  return typeof param === 'string' ? arg.type.kind === param : sameType(param, arg.type);
}

function coerceArgs(checking: Checking, params: readonly Param[], args: readonly TypedExpr[]): TypedExpr[] | null {
  if (params.length !== args.length) return null;
  const coerced: TypedExpr[] = [];
  for (const [index, param] of params.entries()) {
    const arg = args[index];
    const fitting = arg === undefined ? null : coerceArg(checking, param, arg);
    if (fitting === null) return null;
    coerced.push(fitting);
  }
  return coerced;
}

function coerceArg(checking: Checking, param: Param, arg: TypedExpr): TypedExpr | null {
  if (typeof param !== 'string') return checking.coerce(arg, param) ?? formatArgs(param, arg);
  const open = arg.type.kind === 'dyn' && !checking.profile;
  return arg.type.kind === param || open ? arg : null;
}

/** The list of `format` takes anything; the emitter tags its elements. */
function formatArgs(param: Type, arg: TypedExpr): TypedExpr | null {
  const anyList = param.kind === 'list' && param.element.kind === 'dyn' && arg.type.kind === 'list';
  return anyList ? node({ kind: 'convert', operand: arg, type: param, optional: arg.optional, span: arg.span }) : null;
}

function paramNames({ params }: Overload): string {
  return params.map((param) => (typeof param === 'string' ? param : typeName(param))).join(', ');
}

function signatureProblem(name: string, signatures: readonly string[], args: readonly TypedExpr[]): string {
  const expected = signatures.map((signature) => `${name}(${signature})`).join(' or ');
  return `expected ${expected}, found ${name}(${args.map((arg) => typeName(arg.type)).join(', ')})`;
}

function checkDeclared(
  checking: Checking,
  declared: readonly FunctionDeclaration[],
  args: readonly TypedExpr[],
  span: Span,
): TypedExpr {
  for (const declaration of declared) {
    const coerced = declaredArgs(checking, declaration, args);
    if (coerced !== null) return resolveDeclared(checking, declaration, coerced, span);
  }
  const signatures = declared.map(({ params, rest }) => {
    const names = params.map((param) => (param.kind === 'dyn' ? 'any' : typeName(param)));
    return [...names, ...(rest === undefined ? [] : [`${rest.kind === 'dyn' ? 'any' : typeName(rest)}…`])].join(', ');
  });
  return checking.problem(span, signatureProblem(declared[0]?.name ?? '', signatures, args));
}

/** As `coerceArgs`; a parameter of type dyn takes any argument as it is. */
function declaredArgs(
  checking: Checking,
  { params, rest }: FunctionDeclaration,
  args: readonly TypedExpr[],
): TypedExpr[] | null {
  if (args.length < params.length || (rest === undefined && args.length > params.length)) return null;
  const coerced: TypedExpr[] = [];
  for (const [index, arg] of args.entries()) {
    const param = params[index] ?? rest;
    const fitting = param === undefined || param.kind === 'dyn' ? arg : checking.coerce(arg, param);
    if (fitting === null) return null;
    coerced.push(fitting);
  }
  return coerced;
}

function resolveDeclared(
  checking: Checking,
  declaration: FunctionDeclaration,
  args: readonly TypedExpr[],
  span: Span,
): TypedExpr {
  const { name, emit, optional: declaredOptional = false } = declaration;
  let resolved = declaration.resolve?.(args);
  if (resolved !== undefined && 'problem' in resolved) {
    const at = resolved.argument === undefined ? span : (args[resolved.argument]?.span ?? span);
    return checking.problem(at, resolved.problem);
  }
  if (resolved === undefined) {
    if (emit === undefined) throw new Error(`function ${name} has neither resolve nor emit`);
    resolved = { result: declaration.result, optional: declaredOptional, emit };
  }
  const absent = declaration.acceptsAbsent !== true && args.some((arg) => arg.optional);
  const optional = (resolved.optional ?? declaredOptional) || (absent && resolved.result.kind !== 'bool');
  return node({ kind: 'call', name, args, declaration, resolved, type: resolved.result, optional, span });
}
