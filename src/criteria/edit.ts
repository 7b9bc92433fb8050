import type { Condition, Value } from './ast.ts';
import { allOf, anyOf, notOf } from './groups.ts';
import { IncompleteCriteria, printCriteria } from './print.ts';

/** From the root of a tree down: names of fields and places in lists. */
export type TreePath = readonly (string | number)[];
type Node = Condition | Value;

/** What stands there. @throws where there is nothing. */
export function at(tree: Condition, path: TreePath): Node {
  let node: unknown = tree;
  for (const step of path) node = (node as Readonly<Record<string | number, unknown>>)[step];
  if (typeof node !== 'object' || node === null) throw new RangeError(`nothing stands at ${path.join('/')}`);
  return node as Node;
}

/** The same tree with something else there. */
export function replaced(tree: Condition, path: TreePath, node: unknown): Condition {
  return put(tree, path, node) as Condition;
}

function put(node: unknown, [step, ...rest]: TreePath, value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(node)) return node.map((each, place) => (place === step ? put(each, rest, value) : each));
  const record = node as Readonly<Record<string | number, unknown>>;
  return { ...record, [step]: put(record[step], rest, value) };
}

/** Of the group that holds the condition at `path`: its conditions changed. A condition outside of any group is put into one. */
function inGroup(
  tree: Condition,
  path: TreePath,
  change: (conditions: readonly Condition[], place: number) => readonly Condition[],
): Condition {
  const place = path.at(-1);
  const list = path.slice(0, -1);
  if (typeof place !== 'number' || path.at(-2) !== 'conditions') {
    const conditions = change([at(tree, path) as Condition], 0);
    return replaced(tree, path, conditions.length === 0 ? { kind: 'empty' } : { kind: 'group', of: 'all', conditions });
  }
  return replaced(tree, list, change(at(tree, list) as unknown as Condition[], place));
}

export function removed(tree: Condition, path: TreePath): Condition {
  return inGroup(tree, path, (conditions, place) => conditions.filter((_, each) => each !== place));
}

export function duplicated(tree: Condition, path: TreePath): Condition {
  return inGroup(tree, path, (conditions, place) => conditions.toSpliced(place, 0, conditions[place] as Condition));
}

export function insertedAfter(tree: Condition, path: TreePath, condition: Condition): Condition {
  return inGroup(tree, path, (conditions, place) => conditions.toSpliced(place + 1, 0, condition));
}

/** One place up (−1) or down (+1) among its siblings; at the end it stays. */
export function moved(tree: Condition, path: TreePath, by: -1 | 1): Condition {
  return inGroup(tree, path, (conditions, place) => {
    const to = place + by;
    const condition = conditions[place];
    if (condition === undefined || to < 0 || to >= conditions.length) return conditions;
    return conditions.toSpliced(place, 1).toSpliced(to, 0, condition);
  });
}

/** Groups put in order before: they do not change. */
const TIDY = new WeakMap<Condition, Condition>();

/**
 * The canonical tree of one that is being built: no group of one or none, none in its own kind, no double negation. It
 * means the same; what is not filled in stays so.
 */
export function tidy(condition: Condition): Condition {
  switch (condition.kind) {
    case 'group': {
      const known = TIDY.get(condition);
      if (known !== undefined) return known;
      const conditions = condition.conditions.map(tidy);
      const made = condition.of === 'all' ? allOf(conditions) : anyOf(conditions);
      TIDY.set(condition, made);
      return made;
    }
    case 'not':
      return condition.condition.kind === 'empty' ? condition.condition : notOf(tidy(condition.condition));
    case 'quantifier':
      return { ...condition, condition: tidy(condition.condition) };
    default:
      return condition;
  }
}

/** The text of a tree that is being built; null where something in it is not filled in: then there is nothing to save. */
export function textOf(tree: Condition): { readonly text: string } | { readonly missing: string } {
  try {
    return { text: printCriteria(tidy(tree)) };
  } catch (error) {
    if (error instanceof IncompleteCriteria) return { missing: error.message };
    throw error;
  }
}
