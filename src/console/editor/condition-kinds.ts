import type { Condition, Value } from '../../criteria/ast.ts';

const EMPTY_VALUE: Value = { kind: 'empty' };

export const KINDS = [
  'compare',
  'oneOf',
  'listed',
  'text',
  'mentions',
  'present',
  'flag',
  'quantifier',
  'group',
  'cel',
] as const;
export type Kind = (typeof KINDS)[number];

/** Another kind of condition, with what it has in common with the one before. */
export function emptyOf(kind: Kind, before: Condition): Condition {
  const value = valueIn(before);
  switch (kind) {
    case 'compare':
      return { kind, left: value, operator: '==', right: { kind: 'literal', type: 'text', value: '' } };
    case 'oneOf':
      return { kind, value, literals: [] };
    case 'listed':
      return { kind, list: '', keys: [value] };
    case 'text':
      return { kind, operator: 'startsWith', value, argument: { kind: 'literal', type: 'text', value: '' } };
    case 'mentions':
      return { kind, value, list: '' };
    case 'present':
    case 'flag':
      return { kind, value };
    case 'quantifier': {
      const over: Value = { kind: 'path', path: ['declaration', 'items'] };
      return { kind, of: 'any', over, variable: 'i', condition: { kind: 'empty' } };
    }
    case 'group':
      return {
        kind,
        of: 'all',
        conditions: before.kind === 'empty' ? [{ kind: 'empty' }] : [before, { kind: 'empty' }],
      };
    case 'cel':
      return { kind, text: '' };
  }
}

function valueIn(condition: Condition): Value {
  if (condition.kind === 'compare') return condition.left;
  if (condition.kind === 'listed') return condition.keys[0] ?? EMPTY_VALUE;
  return 'value' in condition ? condition.value : EMPTY_VALUE;
}

/** As many keys as the list has. */
export function fitted(keys: readonly Value[], count: number): readonly Value[] {
  return Array.from({ length: Math.max(1, count) }, (_, place) => keys[place] ?? EMPTY_VALUE);
}
