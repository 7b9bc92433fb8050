import {
  getConformanceSuite,
  type IncrementalTest,
  type IncrementalTestSuite,
} from '@bufbuild/cel-spec/testdata/tests.js';
import { describe, expect, test } from 'vitest';
import type { Checked, Environment, FunctionDeclaration, Type, Variable } from '../../src/profiles/cel/api.ts';
import { check } from '../../src/profiles/cel/check.ts';
import { convert } from '../../src/profiles/cel/checking.ts';
import { evaluator } from '../../src/profiles/cel/compile.ts';
import { DYN, typeName } from '../../src/profiles/cel/types.ts';
import { leftOutBecause } from './filter.ts';
import { same, typeOf, valueIn } from './values.ts';

/** The conformance cases of CEL's core and its string extension, as far as they are within the language. */

const SUITES = [
  'basic',
  'comparisons',
  'conversions',
  'fields',
  'fp_math',
  'integer_math',
  'lists',
  'logic',
  'macros',
  'macros2',
  'namespace',
  'parse',
  'plumbing',
  'string',
  'string_ext',
  'timestamps',
  'type_deductions',
];
const PASSED_MIN = 820;

interface Case {
  readonly name: string;
  readonly test: IncrementalTest;
}

function casesOf(suite: IncrementalTestSuite, path: string): Case[] {
  const own = suite.tests.map((each) => ({ name: `${path}/${each.name}`, test: each }));
  return [...own, ...suite.suites.flatMap((inner) => casesOf(inner, `${path}/${inner.name}`))];
}

function environmentOf({ original }: IncrementalTest): { env: Environment; values: Map<string, unknown> } {
  const variables = new Map<string, Variable>();
  const values = new Map<string, unknown>();
  const functions: FunctionDeclaration[] = [];
  const declare = (name: string, type: Type): void => {
    variables.set(name, { type, js: `input_${variables.size}` });
    const bound = original.bindings[name];
    if (bound?.kind.case === 'value') values.set(name, valueIn(bound.kind.value, type));
  };
  for (const { name, declKind } of original.typeEnv) {
    if (declKind.case === 'ident') declare(name, typeOf(declKind.value.type) ?? DYN);
    if (declKind.case !== 'function') continue;
    for (const overload of declKind.value.overloads) {
      const params = overload.params.map((param) => typeOf(param) ?? DYN);
      functions.push({ name, params, result: typeOf(overload.resultType) ?? DYN, emit: () => '$.noOverload()' });
    }
  }
  for (const name of Object.keys(original.bindings)) if (!variables.has(name)) declare(name, DYN);
  return { env: { variables, functions }, values };
}

type Result = { readonly value: unknown; readonly type: Type } | { readonly error: string };

function resultOf(each: IncrementalTest): Result {
  const { env, values } = environmentOf(each);
  const { expr: text, disableCheck, container } = each.original;
  const checked = check(text, env, { mode: 'strict', unchecked: disableCheck, container });
  if (checked.expr === null) return { error: checked.problems.map(({ message }) => message).join('; ') };
  const tagged: Checked = { ...checked, expr: convert(checked.expr, DYN) };
  const names = [...env.variables.keys()];
  try {
    const evaluate = evaluator(
      tagged,
      names.map((name) => env.variables.get(name)?.js ?? ''),
    );
    return { value: evaluate(...names.map((name) => values.get(name))), type: checked.expr.type };
  } catch (error) {
    return { error: String(error) };
  }
}

/** What is wrong with the result; null where it is as expected. */
function faultOf(each: IncrementalTest): string | null {
  const result = resultOf(each);
  const { resultMatcher: expected } = each.original;
  if (expected.case === 'evalError')
    return 'error' in result ? null : `gave ${String(result.value)}, expected an error`;
  if (expected.case === 'typedResult' && expected.value.result === undefined) return deducedFault(each, expected.value);
  if ('error' in result) return result.error;
  if (expected.case === 'typedResult') {
    const type = typeOf(expected.value.deducedType);
    if (type && typeName(type) !== typeName(result.type)) return `type ${typeName(result.type)}`;
    return same(result.value, valueIn(expected.value.result, DYN)) ? null : `gave ${String(result.value)}`;
  }
  const value = expected.case === 'value' ? valueIn(expected.value, DYN) : true;
  return same(result.value, value) ? null : `gave ${String(result.value)}, expected ${String(value)}`;
}

/** Cases that expect a type only. */
function deducedFault(each: IncrementalTest, expected: { deducedType?: Parameters<typeof typeOf>[0] }): string | null {
  const { env } = environmentOf(each);
  const { expr } = check(each.original.expr, env, { mode: 'strict' });
  const type = typeOf(expected.deducedType);
  return expr !== null && type && typeName(type) === typeName(expr.type) ? null : 'another type was deduced';
}

describe('CEL conformance, strict mode', () => {
  test(`at least ${PASSED_MIN} of the cases within the language pass`, () => {
    const cases = getConformanceSuite()
      .suites.filter(({ name }) => SUITES.includes(name))
      .flatMap((suite) => casesOf(suite, suite.name));
    const leftOut = new Map<string, number>();
    const failed: string[] = [];
    let passed = 0;
    for (const { name, test: each } of cases) {
      const reason = leftOutBecause(each);
      if (reason !== null) {
        leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
        continue;
      }
      const fault = faultOf(each);
      if (fault === null) passed++;
      else failed.push(`  ${name}: ${each.original.expr}: ${fault}`);
    }
    const reasons = [...leftOut].map(([reason, count]) => `${reason} ${count}`).join(', ');
    console.log(
      [
        `CEL conformance: ${passed} of ${passed + failed.length} cases within the language pass.`,
        `Left out of ${cases.length}: ${reasons}.`,
        ...(failed.length > 0 ? ['Failed:', ...failed] : []),
      ].join('\n'),
    );
    expect(passed).toBeGreaterThanOrEqual(PASSED_MIN);
  });
});
