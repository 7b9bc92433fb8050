import type { Condition } from './ast.ts';

/** Trees put together in canonical form: no group of one, none within its own kind, no negation of a negation. */

export const EMPTY: Condition = { kind: 'empty' };

/** All of these; `empty` where there are none, which is never taken for true. */
export function allOf(conditions: readonly Condition[]): Condition {
  return grouped('all', conditions);
}

/** Any of these; `empty` where there are none. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return grouped('any', conditions);
}

function grouped(of: 'all' | 'any', conditions: readonly Condition[]): Condition {
  const flat = conditions.flatMap((each) => (each.kind === 'group' && each.of === of ? each.conditions : [each]));
  const [first] = flat;
  if (first === undefined) return EMPTY;
  return flat.length === 1 ? first : { kind: 'group', of, conditions: flat };
}

export function notOf(condition: Condition): Condition {
  return condition.kind === 'not' ? condition.condition : { kind: 'not', condition };
}

/** The parts of a conjunction; a condition of another kind is its only part. */
export function partsOf(condition: Condition, of: 'all' | 'any'): readonly Condition[] {
  if (condition.kind === 'empty') return [];
  return condition.kind === 'group' && condition.of === of ? condition.conditions : [condition];
}

/** Plain data alike, whatever order their keys are in. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), b as Readonly<Record<string, unknown>>];
  if (Array.isArray(a) !== Array.isArray(b) || left.length !== Object.keys(b).length) return false;
  return left.every(([key, value]) => Object.hasOwn(right, key) && isSame(value, right[key]));
}
