import type { RequestFault } from '../errors.ts';
import { FAULTS_MAX } from '../limits.ts';

/**
 * Says everything that is wrong with a value that a schema refuses, with a bound: a validator that collects all
 * errors makes one object per error, and half a megabyte of `{},{},{}` would make it millions. This walk stops after
 * FAULTS_MAX. It reads the part of JSON Schema that `schema.ts` uses; a test holds it to agree with ajv.
 *
 * It also returns the value with neutral stand-ins where it was at fault, so that the meaning of the rest can be
 * checked in the same answer.
 */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
}

export interface Explanation {
  readonly faults: RequestFault[];
  readonly repaired: unknown;
}

export function explain(schema: SchemaNode, value: unknown): Explanation {
  const faults: RequestFault[] = [];
  const repaired = new Walk(faults).visit(schema, value, '');
  return { faults, repaired };
}

const NAMES: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

const patterns = new Map<string, RegExp>();

function patternOf(source: string): RegExp {
  let pattern = patterns.get(source);
  if (pattern === undefined) {
    pattern = new RegExp(source, 'u');
    patterns.set(source, pattern);
  }
  return pattern;
}

function typesOf({ type }: SchemaNode): readonly string[] {
  if (type === undefined) return [];
  return typeof type === 'string' ? [type] : type;
}

function hasType(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'number':
      return Number.isFinite(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** A neutral value of this schema: its example, its first permitted value, or an object of such. */
function standIn(schema: SchemaNode): unknown {
  if (schema.examples !== undefined) return schema.examples[0];
  if (schema.enum !== undefined) return schema.enum[0];
  const types = typesOf(schema);
  if (types.includes('null')) return null;
  if (types.includes('array')) return standIns(schema);
  if (!types.includes('object')) return schema.minimum ?? 0;
  const made: Record<string, unknown> = {};
  for (const name of schema.required ?? []) made[name] = standIn(schema.properties?.[name] ?? {});
  return made;
}

/** As many entries as a list must have. */
function standIns({ items = {}, minItems = 0 }: SchemaNode): unknown[] {
  return Array.from({ length: minItems }, () => standIn(items));
}

/** A key as one token of a JSON pointer (RFC 6901), cut where it is hostile. */
function token(key: string): string {
  const cut = key.length > 100 ? `${key.slice(0, 100)}…` : key;
  return cut.replaceAll('~', '~0').replaceAll('/', '~1');
}

class Walk {
  private readonly faults: RequestFault[];

  constructor(faults: RequestFault[]) {
    this.faults = faults;
  }

  private get full(): boolean {
    return this.faults.length >= FAULTS_MAX;
  }

  private fault(pointer: string, message: string): void {
    if (!this.full) this.faults.push({ pointer, message });
  }

  visit(schema: SchemaNode, value: unknown, pointer: string): unknown {
    const types = typesOf(schema);
    if (!types.some((type) => hasType(type, value))) {
      const names = types.filter((type) => type !== 'null').map((type) => NAMES[type] ?? type);
      this.fault(pointer, `must be ${names.join(' or ')}${describe(schema)}`);
      return standIn(schema);
    }
    if (value === null) return null;
    if (Array.isArray(value)) return this.list(schema, value, pointer);
    if (typeof value === 'object') return this.object(schema, value as Record<string, unknown>, pointer);
    const message = typeof value === 'string' ? textFault(schema, value) : numberFault(schema, value as number);
    if (message === null) return value;
    this.fault(pointer, message);
    return standIn(schema);
  }

  private list(schema: SchemaNode, value: readonly unknown[], pointer: string): unknown[] {
    const { items = {}, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
    if (value.length < minItems) this.fault(pointer, `must have at least ${minItems} ${entries(minItems)}`);
    if (value.length > maxItems) {
      this.fault(pointer, `must have at most ${maxItems} ${entries(maxItems)}, not ${value.length}`);
    }
    const made: unknown[] = [];
    for (let i = 0; i < value.length && i < maxItems && !this.full; i++) {
      made.push(this.visit(items, value[i], `${pointer}/${i}`));
    }
    return made.length < minItems ? standIns(schema) : made;
  }

  private object(schema: SchemaNode, value: Record<string, unknown>, pointer: string): Record<string, unknown> {
    const { properties = {}, required = [] } = schema;
    const made: Record<string, unknown> = {};
    for (const name of required) {
      if (Object.hasOwn(value, name)) continue;
      this.fault(`${pointer}/${name}`, `is required${describe(properties[name] ?? {})}`);
      made[name] = standIn(properties[name] ?? {});
    }
    for (const key in value) {
      if (this.full) break;
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (property === undefined) this.fault(`${pointer}/${token(key)}`, 'is not a field that is known here');
      else made[key] = this.visit(property, value[key], `${pointer}/${key}`);
    }
    return made;
  }
}

function entries(count: number): string {
  return count === 1 ? 'entry' : 'entries';
}

function describe({ enum: allowed, description, properties }: SchemaNode): string {
  if (allowed !== undefined) return `: one of ${allowed.join(', ')}`;
  return description === undefined || properties !== undefined ? '' : `: ${description}`;
}

function textFault(schema: SchemaNode, value: string): string | null {
  const { enum: allowed, pattern, description, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  if (allowed !== undefined) return allowed.includes(value) ? null : `must be one of ${allowed.join(', ')}`;
  if (pattern !== undefined && !patternOf(pattern).test(value)) return `must be ${description ?? 'of another form'}`;
  if (minLength > 0 && value.length === 0) return 'must not be empty';
  // JSON Schema counts code points; they are never more than the code units.
  const tooLong = value.length > maxLength && [...value].length > maxLength;
  return tooLong ? `must have at most ${maxLength} characters` : null;
}

function numberFault({ minimum, maximum }: SchemaNode, value: number): string | null {
  const low = minimum === undefined || value >= minimum;
  const high = maximum === undefined || value <= maximum;
  if (low && high) return null;
  if (minimum !== undefined && maximum !== undefined) return `must be between ${minimum} and ${maximum}`;
  return minimum === undefined ? `must be at most ${maximum}` : `must be at least ${minimum}`;
}
