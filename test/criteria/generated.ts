import fc from 'fast-check';
import type { Condition, Literal, Value } from '../../src/criteria/ast.ts';

/** Complete trees in canonical form: no group right inside one of its own kind and no negation of one: CEL reads those as one. */

const NAMES = ['hsCode', 'description', 'netMassKg', 'customsValue', 'seals', 'category', 'd30', 'p50'];
const VARIABLES = ['i', 'party', 'each'];
const ROOTS = ['declaration', 'item', 'trader', 'parties'];

const path: fc.Arbitrary<Value> = fc
  .tuple(fc.constantFrom(...ROOTS), fc.array(fc.constantFrom(...NAMES), { maxLength: 3 }))
  .map(([root, names]) => ({ kind: 'path', path: [root, ...names] }));

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.string({ unit: 'binary-ascii' }));

const literal: fc.Arbitrary<Literal> = fc.oneof(
  text.map((value): Literal => ({ kind: 'literal', type: 'text', value })),
  fc.boolean().map((value): Literal => ({ kind: 'literal', type: 'boolean', value })),
  fc.maxSafeInteger().map((value): Literal => ({ kind: 'literal', type: 'integer', value: value + 0 })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value): Literal => ({ kind: 'literal', type: 'number', value: value + 0 })),
  fc.constantFrom('2026-01-31T00:00:00Z', '1999-12-31T23:59:59Z').map((value): Literal => {
    return { kind: 'literal', type: 'date', value };
  }),
  fc.constantFrom('86400s', '36h').map((value): Literal => ({ kind: 'literal', type: 'duration', value })),
);

const OWN_CONDITIONS = ['item.netMassKg > 1.0 ? true : false', '1 in {1: 2}'];
const OWN_VALUES = ['declaration.items[0].hsCode', '[1, 2]'];

type Groups = 'all' | 'any' | 'both';

const { condition } = fc.letrec<{ condition: Condition; inAll: Condition; inAny: Condition; value: Value }>((tie) => {
  const variable = fc.constantFrom(...VARIABLES);
  const list = fc.constantFrom('high_duty', 'dual_use');
  const value = fc.oneof(
    { maxDepth: 3, depthIdentifier: 'value' },
    path,
    literal,
    fc.constantFrom(...OWN_VALUES).map((own): Value => ({ kind: 'cel', text: own })),
    fc
      .record({ operator: fc.constantFrom('+', '-', '*', '/', '%'), left: tie('value'), right: tie('value') })
      .map((parts) => ({ kind: 'arithmetic', ...parts }) as Value),
    fc
      .record({
        name: fc.constantFrom('stats.valuePerKg', 'duty', 'totalDuties', 'lookup'),
        args: fc.array(tie('value'), { maxLength: 3 }),
        fields: fc.array(fc.constantFrom('p50', 'n'), { maxLength: 2 }),
      })
      .map((parts): Value => ({ kind: 'call', ...parts })),
    path.map((member): Value => ({ kind: 'member', value: member, name: 'upperAscii', args: [] })),
    path.map((over): Value => ({ kind: 'count', over, variable: '', where: null })),
    fc.record({ over: path, variable, where: tie('condition') }).map((parts): Value => ({ kind: 'count', ...parts })),
    fc
      .record({ over: path, variable, where: fc.option(tie('condition')), of: tie('value') })
      .map((parts): Value => ({ kind: 'sum', ...parts })),
  );
  const leaves = [
    fc
      .record({ left: tie('value'), operator: fc.constantFrom('==', '!=', '<', '<=', '>', '>='), right: tie('value') })
      .map((parts) => ({ kind: 'compare', ...parts }) as Condition),
    fc
      .record({ value: tie('value'), literals: fc.array(literal, { minLength: 1, maxLength: 3 }) })
      .map((parts): Condition => ({ kind: 'oneOf', ...parts })),
    fc
      .record({ list, keys: fc.array(tie('value'), { minLength: 1, maxLength: 3 }) })
      .map((parts): Condition => ({ kind: 'listed', ...parts })),
    fc
      .record({
        operator: fc.constantFrom('startsWith', 'endsWith', 'contains', 'matches'),
        value: path,
        argument: tie('value'),
      })
      .map((parts) => ({ kind: 'text', ...parts }) as Condition),
    fc.record({ value: tie('value'), list }).map((parts): Condition => ({ kind: 'mentions', ...parts })),
    fc
      .constantFrom(...NAMES)
      .map((name): Condition => ({ kind: 'present', value: { kind: 'path', path: ['item', name] } })),
    path.map((flag): Condition => ({ kind: 'flag', value: flag })),
    fc
      .record({ of: fc.constantFrom('any', 'all', 'one'), over: path, variable, condition: tie('condition') })
      .map((parts) => ({ kind: 'quantifier', ...parts }) as Condition),
    fc.constantFrom(...OWN_CONDITIONS).map((own): Condition => ({ kind: 'cel', text: own })),
  ];
  const not = tie('condition')
    .filter(({ kind }) => kind !== 'not')
    .map((negated): Condition => ({ kind: 'not', condition: negated }));
  const group = (of: 'all' | 'any') =>
    fc
      .array(tie(of === 'all' ? 'inAll' : 'inAny'), { minLength: 2, maxLength: 4 })
      .map((conditions): Condition => ({ kind: 'group', of, conditions }));
  const conditions = (groups: Groups) =>
    fc.oneof(
      { maxDepth: 4, depthIdentifier: 'condition' },
      ...leaves,
      not,
      ...(groups === 'any' ? [] : [group('all')]),
      ...(groups === 'all' ? [] : [group('any')]),
    );
  return { value, condition: conditions('both'), inAll: conditions('any'), inAny: conditions('all') };
});

export const criteria: fc.Arbitrary<Condition> = condition;
