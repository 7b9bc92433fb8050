import type { Condition } from './ast.ts';
import { printCriteria } from './print.ts';

const GROUPS = { all: 'all of', any: 'any of' } as const;
const QUANTIFIERS = { any: 'at least one', all: 'every one', one: 'exactly one' } as const;

/** A condition as an indented outline, a line for each part, to be read from the top down. */
export function outlineOf(condition: Condition, depth = 0): string[] {
  const line = (text: string) => `${'  '.repeat(depth)}${text}`;
  switch (condition.kind) {
    case 'group':
      return [line(GROUPS[condition.of]), ...condition.conditions.flatMap((each) => outlineOf(each, depth + 1))];
    case 'not':
      return [line('not'), ...outlineOf(condition.condition, depth + 1)];
    case 'quantifier': {
      const over = printCriteria({ kind: 'flag', value: condition.over });
      const head = `${QUANTIFIERS[condition.of]} of ${over}, called ${condition.variable}, with`;
      return [line(head), ...outlineOf(condition.condition, depth + 1)];
    }
    default:
      return [line(printCriteria(condition).replace(/\s+/g, ' '))];
  }
}
