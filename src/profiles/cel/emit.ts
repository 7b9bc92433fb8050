import type { Field, TypedExpr } from './api.ts';
import { emitBuiltin, emitDeclared } from './emit-calls.ts';
import { emitMacro } from './emit-macros.ts';
import { emitArithmetic, emitCompare, emitIn, emitNegate } from './emit-operators.ts';
import { type Emitter, literal, property } from './emitter.ts';
import { absorbs } from './fails.ts';
import { conversion } from './tags.ts';

/** Checked expression → JavaScript. */
export function emit(emitter: Emitter, expr: TypedExpr): string {
  switch (expr.kind) {
    case 'literal':
      return literal(expr.value);
    case 'variable':
      return read(expr.js, expr.access, expr.optional);
    case 'select':
      return emitSelect(emitter, expr);
    case 'has':
      return emitHas(emitter, expr);
    case 'index':
      return emitIndex(emitter, expr);
    case 'not':
      return `!${emitter.truth(expr.operand)}`;
    case 'negate':
      return emitNegate(emitter, expr);
    case 'and':
    case 'or':
      return emitLogic(emitter, expr);
    case 'compare':
      return emitCompare(emitter, expr);
    case 'in':
      return emitIn(emitter, expr);
    case 'arithmetic':
      return emitArithmetic(emitter, expr);
    case 'conditional':
      return `(${emitter.truth(expr.condition)} ? ${emitter.emit(expr.then)} : ${emitter.emit(expr.otherwise)})`;
    case 'list':
      return emitList(emitter, expr);
    case 'map':
      return emitMap(emitter, expr);
    case 'builtin':
      return emitBuiltin(emitter, expr);
    case 'call':
      return emitDeclared(emitter, expr);
    case 'macro':
      return emitMacro(emitter, expr);
    case 'convert':
      return emitter.guard([expr.operand], 'null', (js) => conversion(expr.operand.type, expr.type)(js));
    case 'fail':
      return `$.fail(${literal(expr.message)})`;
  }
}

/** The value as it is kept → the value of its type. */
function read(js: string, access: Field['access'], optional: boolean): string {
  if (access === 'money') return optional ? `${js}?.tiyn` : `${js}.tiyn`;
  if (access === 'plain') return js;
  return optional ? `$.instantOrAbsent(${js})` : `$.instant(${js})`;
}

function emitSelect(emitter: Emitter, expr: TypedExpr & { kind: 'select' }): string {
  const { operand, field } = expr;
  const { type } = operand;
  if (type.kind === 'object') {
    const access = type.fields.get(field)?.access ?? 'plain';
    return read(rawSelect(emitter, expr), access, expr.optional);
  }
  if (type.kind === 'money' && operand.kind === 'select') {
    return `${rawSelect(emitter, operand)}${operand.optional ? '?' : ''}.${field}`;
  }
  const get = type.kind === 'dyn' ? '$.indexDyn' : '$.get';
  return emitter.guard([operand], 'null', (js) => `${get}(${js}, ${literal(field)})`);
}

/** A field as it is kept. */
function rawSelect(emitter: Emitter, { operand, field }: TypedExpr & { kind: 'select' | 'has' }): string {
  const declared = operand.type.kind === 'object' ? operand.type.fields.get(field) : undefined;
  const chain = operand.optional ? '?.' : '';
  const name = property(declared?.property ?? field);
  return `${emitter.emit(operand)}${name.startsWith('.') ? `${operand.optional ? '?' : ''}${name}` : `${chain}${name}`}`;
}

function emitHas(emitter: Emitter, expr: TypedExpr & { kind: 'has' }): string {
  const { operand, field } = expr;
  if (operand.type.kind === 'object') return `(${rawSelect(emitter, expr)} != null)`;
  const has = (js: string): string =>
    operand.type.kind === 'dyn' ? `$.hasDyn(${js}, ${literal(field)})` : `${js}.has(${literal(field)})`;
  return emitter.guard([operand], 'false', has);
}

function emitIndex(emitter: Emitter, { operand, index }: TypedExpr & { kind: 'index' }): string {
  const dynamic = operand.type.kind === 'dyn' || (operand.type.kind === 'map' && index.type.kind === 'dyn');
  const byDyn = index.type.kind === 'dyn' ? '$.atDyn' : '$.at';
  const get = dynamic ? '$.indexDyn' : operand.type.kind === 'list' ? byDyn : '$.get';
  return emitter.guard([operand, index], 'null', (container, key) => `${get}(${container}, ${key})`);
}

function emitLogic(emitter: Emitter, expr: TypedExpr & { kind: 'and' | 'or' }): string {
  if (emitter.careful && absorbs(expr.operands)) {
    const thunks = expr.operands.map((operand) => emitter.arrow('', () => emitter.truth(operand)));
    return `$.${expr.kind}([${thunks.join(', ')}])`;
  }
  const operator = expr.kind === 'and' ? ' && ' : ' || ';
  return `(${expr.operands.map((operand) => emitter.truth(operand)).join(operator)})`;
}

/** Absent elements are left out. */
function emitList(emitter: Emitter, expr: TypedExpr & { kind: 'list' }): string {
  if (expr.elements.length > 0 && expr.elements.every(({ kind }) => kind === 'literal')) {
    const values = (): unknown => expr.elements.map((element) => (element.kind === 'literal' ? element.value : null));
    return emitter.constant(expr, values);
  }
  const elements = `[${expr.elements.map(emitter.emit).join(', ')}]`;
  return expr.elements.some(({ optional }) => optional) ? `$.present(${elements})` : elements;
}

/** Entries with an absent value are left out. */
function emitMap(emitter: Emitter, expr: TypedExpr & { kind: 'map' }): string {
  const entries = expr.entries.map(({ key, value }) => `[${emitter.emit(key)}, ${emitter.emit(value)}]`);
  const optional = expr.entries.some(({ key, value }) => key.optional || value.optional);
  return `$.${optional ? 'mapOfPresent' : 'mapOf'}([${entries.join(', ')}])`;
}
