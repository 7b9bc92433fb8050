import type { TypedExpr } from './api.ts';
import type { Emitter } from './emitter.ts';
import { literal } from './emitter.ts';
import { mayFail } from './fails.ts';
import { isNumber, isPrimitive } from './types.ts';

/** Operators → JavaScript, by the types of their operands. */

type Of<K extends TypedExpr['kind']> = TypedExpr & { kind: K };

export function emitCompare(emitter: Emitter, expr: Of<'compare'>): string {
  const { left, right, operator } = expr;
  const money = left.type.kind === 'money' || right.type.kind === 'money';
  const mixed = money && left.type.kind !== right.type.kind;
  const inKzt = (side: TypedExpr, js: string): string => (mixed && side.type.kind === 'money' ? `(${js} / 100)` : js);
  const primitive = isPrimitive(left.type) && isPrimitive(right.type);
  if (operator === '==' && primitive && !mixed && plainly(left, right) && plainly(right, left)) {
    return `(${emitter.emit(left)} === ${emitter.emit(right)})`;
  }
  return emitter.guard([left, right], 'false', (a, b) => comparison(expr, inKzt(left, a), inKzt(right, b)));
}

/** Where the one is absent, === with the other gives false by itself. */
function plainly(side: TypedExpr, other: TypedExpr): boolean {
  return !side.optional || !(other.optional || mayFail(other));
}

function comparison({ left, right, operator }: Of<'compare'>, a: string, b: string): string {
  const primitive = isPrimitive(left.type) && isPrimitive(right.type);
  if (operator === '==' || operator === '!=') {
    if (primitive || left.type.kind === 'null') return `(${a} ${operator}= ${b})`;
    return `${operator === '!=' ? '!' : ''}$.equal(${a}, ${b})`;
  }
  switch (left.type.kind) {
    case 'string':
      return `($.compareStrings(${a}, ${b}) ${operator} 0)`;
    case 'timestamp':
    case 'duration':
      return `($.compareTimes(${a}, ${b}) ${operator} 0)`;
    case 'dyn':
      return `($.order(${a}, ${b}) ${operator} 0)`;
    default:
      return `(${a} ${operator} ${b})`;
  }
}

/** Elements of a literal list that are compared one by one rather than looked up. */
const CHAIN_MAX = 3;

export function emitIn(emitter: Emitter, { element, container }: Of<'in'>): string {
  const values = literalElements(container);
  if (values !== null && isPrimitive(element.type)) {
    const lookUp = (js: string): string => {
      if (values.length > CHAIN_MAX || !/^[\w$.?]+$/.test(js)) {
        return `${emitter.constant(container, () => new Set(values))}.has(${js})`;
      }
      return `(${values.map((value) => `${js} === ${literal(value)}`).join(' || ') || 'false'})`;
    };
    return emitter.guard([element], 'false', lookUp);
  }
  return emitter.guard([element, container], 'false', (value, list) => membership(element, container, value, list));
}

function membership(element: TypedExpr, container: TypedExpr, value: string, list: string): string {
  if (container.type.kind === 'map' && container.type.key.kind !== 'dyn') return `${list}.has(${value})`;
  if (container.type.kind === 'dyn' || container.type.kind === 'map') return `$.inDyn(${value}, ${list})`;
  const plain = isPrimitive(element.type) && element.type.kind !== 'double';
  return plain ? `${list}.includes(${value})` : `$.isAmong(${value}, ${list})`;
}

function literalElements(expr: TypedExpr): (string | number | boolean)[] | null {
  if (expr.kind !== 'list') return null;
  const values: (string | number | boolean)[] = [];
  for (const element of expr.elements) {
    if (element.kind !== 'literal' || element.value === null) return null;
    values.push(element.value);
  }
  return values;
}

export function emitNegate(emitter: Emitter, { operand, type }: Of<'negate'>): string {
  return emitter.guard([operand], 'null', (js) => {
    if (type.kind === 'dyn') return `$.negate(${js})`;
    return type.kind === 'double' ? `(-${js})` : `(0 - ${js})`;
  });
}

export function emitArithmetic(emitter: Emitter, expr: Of<'arithmetic'>): string {
  return emitter.guard([expr.left, expr.right], 'null', (a, b) => arithmetic(emitter, expr, a, b));
}

function arithmetic(emitter: Emitter, { operator, left, right, type }: Of<'arithmetic'>, a: string, b: string): string {
  if (left.type.kind === 'money' || right.type.kind === 'money') {
    const [x, y] = left.type.kind === 'money' ? [a, b] : [b, a];
    const both = left.type.kind === right.type.kind;
    if (type.kind === 'money') return `$.tiyn(${a} ${operator} ${b})`;
    if (operator === '/') return both ? `$.divide(${a}, ${b})` : `$.divide(${a} / 100, ${b})`;
    return `$.finite(${x} / 100 * ${y})`;
  }
  if (isNumber(type))
    return type.kind === 'int' ? intArithmetic(operator, a, b) : doubleArithmetic(emitter, operator, a, b);
  if (type.kind === 'dyn') return `$.arithmetic('${operator}', ${a}, ${b})`;
  if (type.kind === 'string') return `$.concatenate(${a}, ${b})`;
  return type.kind === 'list' ? `[...${a}, ...${b}]` : timeArithmetic(operator, left, right, a, b);
}

function intArithmetic(operator: string, a: string, b: string): string {
  if (operator === '/') return `$.divideInt(${a}, ${b})`;
  if (operator === '%') return `$.modulo(${a}, ${b})`;
  return operator === '*' ? `$.int(${a} * ${b} + 0)` : `$.int(${a} ${operator} ${b})`;
}

/** Deviation of profile mode: what is not a finite number is an error. */
function doubleArithmetic(emitter: Emitter, operator: string, a: string, b: string): string {
  if (emitter.mode === 'strict') return `(${a} ${operator} ${b})`;
  return operator === '/' ? `$.divide(${a}, ${b})` : `$.finite(${a} ${operator} ${b})`;
}

function timeArithmetic(operator: string, left: TypedExpr, right: TypedExpr, a: string, b: string): string {
  const kinds = `${left.type.kind} ${operator} ${right.type.kind}`;
  switch (kinds) {
    case 'timestamp + duration':
      return `$.addDuration(${a}, ${b})`;
    case 'duration + timestamp':
      return `$.addDuration(${b}, ${a})`;
    case 'duration + duration':
      return `$.sumDurations(${a}, ${b})`;
    case 'timestamp - timestamp':
      return `$.between(${a}, ${b})`;
    case 'timestamp - duration':
      return `$.subtractDuration(${a}, ${b})`;
    case 'duration - duration':
      return `$.subtractDurations(${a}, ${b})`;
    default:
      throw new Error(`no operator ${kinds}`);
  }
}
