import type { Access, Field, ScalarKind, Type } from './api.ts';

/** Types: constructors, comparison, names as an author reads them. */

const scalar = (kind: ScalarKind | 'dyn'): Type => Object.freeze({ kind });

export const BOOL = scalar('bool');
export const INT = scalar('int');
export const DOUBLE = scalar('double');
export const STRING = scalar('string');
export const TIMESTAMP = scalar('timestamp');
export const DURATION = scalar('duration');
export const NULL = scalar('null');
export const MONEY = scalar('money');
export const DYN = scalar('dyn');

export function listOf(element: Type): Type {
  return Object.freeze({ kind: 'list', element });
}

export function mapOf(key: Type, value: Type): Type {
  return Object.freeze({ kind: 'map', key, value });
}

export function objectOf(name: string, fields: Readonly<Record<string, Field>>): Type {
  return Object.freeze({ kind: 'object', name, fields: new Map(Object.entries(fields)) });
}

/**
 * A field of an object. Default access: instants (epoch milliseconds) for timestamps, core Money for money. Money that
 * is kept as a number of tiyn has access `plain`.
 */
export function field(
  type: Type,
  property: string,
  options: { readonly optional?: boolean; readonly access?: Access } = {},
): Field {
  return Object.freeze({
    type,
    property,
    optional: options.optional ?? false,
    access: options.access ?? defaultAccess(type),
  });
}

function defaultAccess(type: Type): Access {
  if (type.kind === 'timestamp') return 'instant';
  return type.kind === 'money' ? 'money' : 'plain';
}

/** Objects are the same where their names are. */
export function sameType(a: Type, b: Type): boolean {
  if (a.kind === 'list') return b.kind === 'list' && sameType(a.element, b.element);
  if (a.kind === 'map') return b.kind === 'map' && sameType(a.key, b.key) && sameType(a.value, b.value);
  if (a.kind === 'object') return b.kind === 'object' && a.name === b.name;
  return a.kind === b.kind;
}

export function isNumber(type: Type): boolean {
  return type.kind === 'int' || type.kind === 'double';
}

/** Holds values whose type is known at run time only. */
export function hasDyn(type: Type): boolean {
  if (type.kind === 'list') return hasDyn(type.element);
  if (type.kind === 'map') return hasDyn(type.key) || hasDyn(type.value);
  return type.kind === 'dyn';
}

/** Values that JavaScript's === compares as CEL's == does. */
export function isPrimitive(type: Type): boolean {
  return type.kind === 'bool' || type.kind === 'string' || type.kind === 'money' || isNumber(type);
}

export function typeName(type: Type): string {
  if (type.kind === 'list') return `list(${typeName(type.element)})`;
  if (type.kind === 'map') return `map(${typeName(type.key)}, ${typeName(type.value)})`;
  return type.kind === 'object' ? type.name : type.kind;
}

/** The candidate nearest to `name` by edits, where near enough to be a slip of the pen; null otherwise. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = candidate.toLowerCase() === name.toLowerCase() ? 0 : editDistance(name, candidate, bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Levenshtein's distance, or `limit` where it is at least that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? limit;
}
