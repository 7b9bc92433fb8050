import type { TypedExpr } from './api.ts';
import { BUILTINS, type Overload } from './builtins.ts';
import { constantIn } from './constants.ts';
import type { Emitter } from './emitter.ts';
import { fits } from './fails.ts';
import { conversion } from './tags.ts';
import { sameType } from './types.ts';

/** Functions of the language and of the environment → JavaScript. */

type Builtin = TypedExpr & { kind: 'builtin' };

export function emitBuiltin(emitter: Emitter, expr: Builtin): string {
  const absent = expr.type.kind === 'bool' ? 'false' : 'null';
  const constant = constantIn(expr);
  if (constant !== null) {
    const js = emitter.constant(expr, () => constant.value);
    const [text] = expr.args;
    if (expr.name !== 'matches' || text === undefined) return js;
    return emitter.guard([text], absent, (tested) => `${js}.test(${tested})`);
  }
  const overloads = BUILTINS.get(expr.name)?.overloads ?? [];
  const chosen = overloads.find((each) => fitsAll(each, expr.args));
  if (chosen !== undefined) return emitter.guard(expr.args, absent, chosen.js);
  return dispatch(emitter, expr, overloads);
}

function fitsAll({ params }: Overload, args: readonly TypedExpr[]): boolean {
  return params.length === args.length && params.every((param, index) => fits(param, args[index]));
}

/** Arguments known at run time only: the overload is chosen then. */
function dispatch(emitter: Emitter, expr: Builtin, overloads: readonly Overload[]): string {
  const candidates = overloads.filter(({ params }) => params.length === expr.args.length);
  const names = expr.args.map(() => emitter.temporary());
  const set = expr.args.map((arg, index) => `${names[index]} = ${emitter.emit(arg)}`);
  const branches = candidates.flatMap((candidate) => branchOf(expr, candidate, names));
  return `(${set.join(', ')}, ${branches.join('')}$.noOverload())`;
}

function branchOf(expr: Builtin, candidate: Overload, names: readonly string[]): string[] {
  const tests: string[] = [];
  const args: string[] = [];
  for (const [index, param] of candidate.params.entries()) {
    const arg = expr.args[index];
    const name = names[index] ?? '';
    const kind = typeof param === 'string' ? param : param.kind;
    if (fits(param, arg)) args.push(name);
    else if (arg?.type.kind !== 'dyn' || kind === 'money') return [];
    else {
      tests.push(`$.is('${kind}', ${name})`);
      args.push(typeof param === 'string' ? name : conversion(arg.type, param)(name));
    }
  }
  const convert = sameType(candidate.result, expr.type) ? (js: string) => js : conversion(candidate.result, expr.type);
  return [`${tests.join(' && ')} ? ${convert(candidate.js(...args))} : `];
}

export function emitDeclared(emitter: Emitter, expr: TypedExpr & { kind: 'call' }): string {
  const { declaration, resolved, args, type } = expr;
  const call = (...js: string[]): string => `(${resolved.emit(js, emitter.scope)})`;
  if (declaration.acceptsAbsent === true) return call(...args.map((arg) => orNull(emitter, arg)));
  return emitter.guard(args, type.kind === 'bool' && !expr.optional ? 'false' : 'null', call);
}

function orNull(emitter: Emitter, arg: TypedExpr): string {
  const js = emitter.emit(arg);
  return arg.optional ? `(${js} ?? null)` : js;
}
