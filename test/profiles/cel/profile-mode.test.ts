import { expect, test } from 'vitest';
import { check } from '../../../src/profiles/cel/check.ts';
import { evaluator } from '../../../src/profiles/cel/compile.ts';
import { ExpressionError } from '../../../src/profiles/cel/errors.ts';
import { type ProfileKind, profileExpression } from './profile-expressions.ts';
import { Random } from './random.ts';
import { Fault, meaning, translated } from './reference.ts';
import { argumentsOf, ENVIRONMENT, PARAMETERS, world } from './world.ts';

/** Compiled, in profile mode, against the reference interpreter. */

const EXPRESSIONS = 10_000;
const WORLDS = 4;
const SEED = 7_031;
const KINDS: readonly ProfileKind[] = [
  'bool',
  'bool',
  'int',
  'double',
  'money',
  'string',
  'timestamp',
  'duration',
  'strings',
];

function outcome(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    if (error instanceof Fault || error instanceof ExpressionError) return 'error';
    throw error;
  }
}

function plain(_: string, value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  return typeof value === 'bigint' ? `${value}n` : value;
}

test(`compiled expressions mean what the reference says, ${EXPRESSIONS} generated ones`, { timeout: 120_000 }, () => {
  const random = new Random(SEED);
  const mismatches: string[] = [];
  const seen = { error: 0, absent: 0, true: 0, false: 0, other: 0 };
  for (let count = 0; count < EXPRESSIONS; count++) {
    const text = profileExpression(random, random.pick(KINDS), random.int(1, 4));
    const checked = check(text, ENVIRONMENT, { mode: 'profile' });
    const { expr } = checked;
    if (expr === null) {
      expect(checked.problems[0]?.message, text).toMatch(/^expected (a cost|at most)/);
      continue;
    }
    const evaluate = evaluator(checked, PARAMETERS);
    for (let each = 0; each < WORLDS; each++) {
      const given = world(random);
      const expected = outcome(() =>
        expr.type.kind === 'bool' ? meaning(expr, given) === true : meaning(expr, given),
      );
      const actual = outcome(() => translated(evaluate(...argumentsOf(given)), expr.type));
      seen[classOf(expected)]++;
      const [a, b] = [JSON.stringify(actual, plain), JSON.stringify(expected, plain)];
      if (a !== b) mismatches.push(`${text}\n  given ${JSON.stringify(given)}\n  compiled ${a}\n  reference ${b}`);
    }
  }
  console.log('profile mode:', seen);
  expect(mismatches).toEqual([]);
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(200);
});

function classOf(value: unknown): 'error' | 'absent' | 'true' | 'false' | 'other' {
  if (value === null) return 'absent';
  if (value === 'error') return value;
  return value === true ? 'true' : value === false ? 'false' : 'other';
}
