import { type CelInput, celEnv, isCelError, isCelList, isCelMap, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { expect, test } from 'vitest';
import type { Environment, Type } from '../../../src/profiles/cel/api.ts';
import { check } from '../../../src/profiles/cel/check.ts';
import { convert } from '../../../src/profiles/cel/checking.ts';
import { evaluator } from '../../../src/profiles/cel/compile.ts';
import { Duration, Timestamp } from '../../../src/profiles/cel/time.ts';
import { BOOL, DOUBLE, DYN, INT, listOf, mapOf, STRING } from '../../../src/profiles/cel/types.ts';
import { same } from '../../conformance/values.ts';
import { expression, type Kind, type Scope } from './expressions.ts';
import { Random } from './random.ts';

/** Compiled, in strict mode, against `plan()` of @bufbuild/cel. */

const EXPRESSIONS = 10_400;
const SEED = 20_260_101;
const DEPTH_MAX = 4;
const KINDS: readonly Kind[] = [
  'bool',
  'int',
  'double',
  'string',
  'timestamp',
  'duration',
  'ints',
  'strings',
  'mixed',
  'map',
];

const VARIABLES: readonly { name: string; kind: Kind; type: Type }[] = [
  { name: 'i', kind: 'int', type: INT },
  { name: 'd', kind: 'double', type: DOUBLE },
  { name: 's', kind: 'string', type: STRING },
  { name: 'b', kind: 'bool', type: BOOL },
  { name: 'l', kind: 'ints', type: listOf(INT) },
  { name: 'm', kind: 'map', type: mapOf(STRING, INT) },
];
const SCOPE: Scope = VARIABLES.map(({ name, kind }) => [name, kind]);
const ENVIRONMENT: Environment = {
  variables: new Map(VARIABLES.map(({ name, type }) => [name, { type, js: `in_${name}` }])),
  functions: [],
};
const CEL = celEnv({ funcs: [...strings] });
/** An int beyond ±(2^53 - 1) is an error here, and none there. */
const BEYOND = 'int out of range';

type Inputs = Readonly<Record<string, unknown>>;
type Result = { readonly value: unknown } | { readonly error: string };

function inputs(random: Random): Inputs {
  return {
    i: random.int(-9, 9),
    d: random.pick([0, 1.5, -3, 1e300, Number.NaN, Number.POSITIVE_INFINITY]),
    s: random.pick(['', 'abc', 'a', 'b-a', 'Ünï', '7']),
    b: random.chance(0.5),
    l: Array.from({ length: random.int(0, 4) }, () => random.int(-3, 3)),
    m: new Map(
      random.pick([
        [],
        [['a', 1]],
        [
          ['b', 2],
          ['a', 0],
        ],
      ] as const),
    ),
  };
}

function compiled(text: string, values: Inputs): Result {
  const checked = check(text, ENVIRONMENT, { mode: 'strict' });
  if (checked.expr === null)
    throw new Error(`generated an ill-typed expression: ${text}: ${checked.problems[0]?.message}`);
  const parameters = VARIABLES.map(({ name }) => `in_${name}`);
  const evaluate = evaluator({ ...checked, expr: convert(checked.expr, DYN) }, parameters);
  try {
    return { value: evaluate(...VARIABLES.map(({ name }) => values[name])) };
  } catch (error) {
    return { error: String(error) };
  }
}

function planned(text: string, values: Inputs): Result {
  const bindings = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, forCel(value, name)]));
  const result = plan(CEL, parse(text))(bindings);
  return isCelError(result) ? { error: result.message } : { value: tagged(result) };
}

function forCel(value: unknown, name: string): CelInput {
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [String(key), BigInt(each)]));
  if (Array.isArray(value)) return value.map((each) => BigInt(each));
  return (name === 'i' ? BigInt(Number(value)) : value) as CelInput;
}

function tagged(value: unknown): unknown {
  if (isCelList(value)) return [...value].map(tagged);
  if (isCelMap(value)) return new Map([...value].map(([key, each]) => [tagged(key), tagged(each)]));
  const message = (value as { message?: { $typeName: string; seconds: bigint; nanos: number } } | null)?.message;
  if (message?.$typeName === 'google.protobuf.Timestamp') return new Timestamp(Number(message.seconds), message.nanos);
  if (message?.$typeName === 'google.protobuf.Duration') return new Duration(Number(message.seconds), message.nanos);
  return value;
}

function agree(a: Result, b: Result): boolean {
  return 'error' in a || 'error' in b ? 'error' in a && 'error' in b : same(a.value, b.value);
}

test(`compiled expressions equal those of an independent evaluator, ${EXPRESSIONS} generated ones`, {
  timeout: 180_000,
}, () => {
  const random = new Random(SEED);
  const mismatches: string[] = [];
  const seen = { values: 0, errors: 0, beyond: 0 };
  for (let count = 0; count < EXPRESSIONS; count++) {
    const text = expression(random, random.pick(KINDS), SCOPE, random.int(1, DEPTH_MAX));
    const values = inputs(random);
    const ours = compiled(text, values);
    if ('error' in ours && ours.error.includes(BEYOND)) {
      seen.beyond++;
      continue;
    }
    const theirs = planned(text, values);
    if ('error' in theirs) seen.errors++;
    else seen.values++;
    if (!agree(ours, theirs)) mismatches.push(describe(text, values, ours, theirs));
  }
  console.log(`oracle: ${seen.values} values and ${seen.errors} errors agree; ${seen.beyond} left the range of ints`);
  expect(mismatches).toEqual([]);
  expect(seen.values + seen.errors).toBeGreaterThanOrEqual(10_000);
  expect(seen.errors).toBeGreaterThan(1000);
});

function describe(text: string, values: Inputs, ours: Result, theirs: Result): string {
  const show = (result: Result): string =>
    'error' in result ? `error (${result.error})` : JSON.stringify(result.value, plain);
  return `${text}\n  with ${JSON.stringify(values, plain)}\n  ours ${show(ours)}\n  theirs ${show(theirs)}`;
}

function plain(_: string, value: unknown): unknown {
  if (value instanceof Map) return [...value];
  return typeof value === 'bigint' ? `${value}n` : Number.isNaN(value) ? 'NaN' : value;
}
