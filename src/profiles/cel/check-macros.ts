import type { MacroKind, Span, Type, TypedExpr } from './api.ts';
import { type Checking, node } from './checking.ts';
import type { SyntaxCall, SyntaxTree } from './parse.ts';
import { BOOL, DYN, INT, listOf, mapOf } from './types.ts';

/** Comprehensions: `list.exists(x, …)` and its kin, with one variable or two. */

const MACROS: Readonly<Record<string, MacroKind>> = {
  all: 'all',
  exists: 'exists',
  exists_one: 'exists_one',
  existsOne: 'exists_one',
  filter: 'filter',
  map: 'map',
  transformList: 'transform_list',
  transformMap: 'transform_map',
};

/** The checked macro; null where the call is of something else. */
export function checkMacro(checking: Checking, tree: SyntaxTree, call: SyntaxCall): TypedExpr | null {
  const macro = Object.hasOwn(MACROS, call.function) ? MACROS[call.function] : undefined;
  if (macro === undefined || call.target === undefined) return null;
  const span = checking.parsed.span(tree);
  const parts = partsOf(macro, call.args);
  if (parts === null) return null;
  const range = checking.visit(call.target);
  if (range.kind === 'fail') return range;
  const types = variableTypes(checking, range, parts.variables.length);
  if (types === null) return checking.expected(range, 'a list or a map');
  const locals = parts.variables.map((name, index) => ({ name, type: types[index] ?? DYN }));
  return checking.withLocals(locals, (js) => checkBody(checking, macro, range, parts, js, span));
}

interface Parts {
  readonly variables: readonly string[];
  readonly condition: SyntaxTree | null;
  readonly transform: SyntaxTree | null;
}

function partsOf(macro: MacroKind, args: readonly SyntaxTree[]): Parts | null {
  const names = args.map(nameOf);
  const [one, two] = names;
  const transforms = macro === 'transform_list' || macro === 'transform_map';
  if (macro === 'map' || macro === 'filter') {
    if (one == null) return null;
    if (macro === 'filter')
      return args.length === 2 ? { variables: [one], condition: args[1] ?? null, transform: null } : null;
    if (args.length === 2) return { variables: [one], condition: null, transform: args[1] ?? null };
    return args.length === 3 ? { variables: [one], condition: args[1] ?? null, transform: args[2] ?? null } : null;
  }
  if (one == null) return null;
  if (!transforms && args.length === 2) return { variables: [one], condition: args[1] ?? null, transform: null };
  if (two == null || args.length < 3 || args.length > (transforms ? 4 : 3)) return null;
  const variables = [one, two];
  if (!transforms) return { variables, condition: args[2] ?? null, transform: null };
  return { variables, condition: args.length === 4 ? (args[2] ?? null) : null, transform: args.at(-1) ?? null };
}

function nameOf(tree: SyntaxTree): string | null {
  return tree.exprKind.case === 'identExpr' ? tree.exprKind.value.name : null;
}

/** One variable: the element, or the key of a map. Two: index and element, or key and value. */
function variableTypes(checking: Checking, range: TypedExpr, count: number): Type[] | null {
  const { type } = range;
  if (type.kind === 'list') return count === 1 ? [type.element] : [INT, type.element];
  if (type.kind === 'map') return count === 1 ? [type.key] : [type.key, type.value];
  return type.kind === 'dyn' && !checking.profile ? [DYN, DYN] : null;
}

function checkBody(
  checking: Checking,
  macro: MacroKind,
  range: TypedExpr,
  parts: Parts,
  locals: readonly string[],
  span: Span,
): TypedExpr {
  const { variables } = parts;
  const condition = parts.condition === null ? null : checking.requireBool(checking.visit(parts.condition));
  const transform = parts.transform === null ? null : checking.visit(parts.transform);
  const type = resultType(macro, range.type, transform);
  const optional = range.optional && type.kind !== 'bool';
  return node({ kind: 'macro', macro, range, variables, locals, condition, transform, type, optional, span });
}

function resultType(macro: MacroKind, range: Type, transform: TypedExpr | null): Type {
  switch (macro) {
    case 'filter':
      return range.kind === 'map' ? listOf(range.key) : range.kind === 'dyn' ? listOf(DYN) : range;
    case 'map':
    case 'transform_list':
      return listOf(transform?.type ?? DYN);
    case 'transform_map':
      return mapOf(range.kind === 'map' ? range.key : range.kind === 'dyn' ? DYN : INT, transform?.type ?? DYN);
    default:
      return BOOL;
  }
}
