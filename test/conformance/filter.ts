import type { IncrementalTest } from '@bufbuild/cel-spec/testdata/tests.js';

/** Which cases are not within the language (see "Rules language"), and why. */

const STRING = /[rR]?("""[\s\S]*?"""|'''[\s\S]*?'''|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])*')/g;
const INT_MAX = BigInt(Number.MAX_SAFE_INTEGER);

interface Reason {
  readonly name: string;
  /** `code`: the expression without its string literals; `data`: types, bindings and expected result. */
  holds(code: string, data: string, expr: string): boolean;
}

const REASONS: readonly Reason[] = [
  {
    name: 'uint',
    holds: (code, data) =>
      /\buint\b|(\d|0x[0-9a-f]+)u\b/i.test(code) || /"uint64Value"|"primitive","value":3\b/.test(data),
  },
  {
    name: 'bytes',
    holds: (code, data, expr) =>
      /\bbytes\b/.test(code) || hasBytes(expr) || /"bytesValue"|"primitive","value":6\b/.test(data),
  },
  { name: 'dyn()', holds: (code) => /\bdyn\s*\(/.test(code) },
  { name: 'type()', holds: (code, data) => /\btype\s*\(/.test(code) || /"typeValue"/.test(data) },
  {
    name: 'messages',
    holds: (code, data) =>
      /TestAllTypes|google\.protobuf|GlobalEnum|NestedEnum|cel\.expr\.conformance/.test(code) ||
      /"messageType"|"objectValue"|"enumValue"|"wrapper"|"abstractType"/.test(data),
  },
  { name: 'optional values', holds: (code) => /\boptional\b|\?\.|\[\?|\{\?/.test(code) },
  { name: 'int beyond ±(2^53 - 1)', holds: (code, data) => beyond(code) || dataBeyond(data) },
];

function hasBytes(expr: string): boolean {
  return /(^|[^\w"'])(b|rb|br)["']/i.test(expr);
}

/** An integer literal that the language cannot hold. */
function beyond(code: string): boolean {
  const integers = code.match(/(?<![\w.])(0x[0-9a-f]+|\d+)(?![\w.])/gi) ?? [];
  return integers.some((text) => BigInt(text) > INT_MAX);
}

function dataBeyond(data: string): boolean {
  return [...data.matchAll(/"int64Value","value":"-?(\d+)"/g)].some(([, digits = '0']) => BigInt(digits) > INT_MAX);
}

/** The reason, or null where the case is within the language. */
export function leftOutBecause({ original }: IncrementalTest): string | null {
  const code = original.expr.replace(STRING, "''");
  const { typeEnv, bindings, resultMatcher } = original;
  const data = JSON.stringify([typeEnv, bindings, resultMatcher], (key, value: unknown) => {
    if (key === '$typeName') return undefined;
    return typeof value === 'bigint' ? String(value) : value;
  });
  return REASONS.find((reason) => reason.holds(code, data, original.expr))?.name ?? null;
}
