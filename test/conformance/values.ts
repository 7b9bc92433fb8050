import type { Type as ProtoType } from '@bufbuild/cel-spec/cel/expr/checked_pb.js';
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import type { Type } from '../../src/profiles/cel/api.ts';
import { Duration, Timestamp } from '../../src/profiles/cel/time.ts';
import {
  BOOL,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  STRING,
  TIMESTAMP,
} from '../../src/profiles/cel/types.ts';

/** The suites' types and values (protobuf) ↔ those of the compiler. Undefined: not of the language. */

/** By number of `PrimitiveType`. */
const PRIMITIVES: Readonly<Record<number, Type>> = { 1: BOOL, 2: INT, 4: DOUBLE, 5: STRING };

export function typeOf(type: ProtoType | undefined): Type | undefined {
  const kind = type?.typeKind;
  switch (kind?.case) {
    case 'primitive':
      return PRIMITIVES[kind.value];
    case 'null':
      return NULL;
    case 'dyn':
      return DYN;
    case 'wellKnown':
      return kind.value === 2 ? TIMESTAMP : kind.value === 3 ? DURATION : undefined;
    case 'listType': {
      const element = typeOf(kind.value.elemType);
      return element && listOf(element);
    }
    case 'mapType': {
      const [key, value] = [typeOf(kind.value.keyType), typeOf(kind.value.valueType)];
      return key && value && mapOf(key, value);
    }
    default:
      return undefined;
  }
}

/** In the representation of the type: tagged where that is dyn. */
export function valueIn(value: Value | undefined, type: Type): unknown {
  const kind = value?.kind;
  switch (kind?.case) {
    case 'int64Value':
      return type.kind === 'dyn' ? kind.value : Number(kind.value);
    case 'doubleValue':
    case 'boolValue':
    case 'stringValue':
      return kind.value;
    case 'nullValue':
      return null;
    case 'listValue':
      return kind.value.values.map((each) => valueIn(each, type.kind === 'list' ? type.element : DYN));
    case 'mapValue': {
      const [key, each] = type.kind === 'map' ? [type.key, type.value] : [DYN, DYN];
      return new Map(kind.value.entries.map((entry) => [valueIn(entry.key, key), valueIn(entry.value, each)]));
    }
    default:
      throw new Error(`no value of the language: ${kind?.case}`);
  }
}

/** Equal, type included; NaN equals NaN. Both tagged. */
export function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, i) => same(each, b[i]));
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && same(value, b.get(key)));
  }
  if (a instanceof Timestamp && b instanceof Timestamp) return String(a) === String(b);
  if (a instanceof Duration && b instanceof Duration) return String(a) === String(b);
  return Object.is(a, b) || a === b;
}
