import type { Scope } from '../core/profile.ts';
import type { Atom, TypedExpr } from './cel/api.ts';
import { pathOf, requiredAtoms } from './cel/atoms.ts';
import { hasMacro } from './cel/fails.ts';
import type { RuleList } from './lists.ts';
import type { Level } from './profile-file.ts';

/** Values of which one must stand at `path` for the profile to hit; `prefix`: as the start of the text there. */
export interface Requirement {
  readonly kind: 'equals' | 'prefix';
  readonly path: string;
  readonly values: readonly (string | number | boolean)[];
  /** The list the values are from, so that profiles that ask the same list share one entry; null: literals. */
  readonly list: RuleList | null;
}

/**
 * What a profile requires, from its scope and its expression. Where a requirement does not hold the expression is
 * false, never in error, so that leaving it unevaluated changes nothing: that is why nothing behind a macro counts,
 * which might run out of steps before the requirement is reached.
 */
export function requirementsOf(
  expr: TypedExpr,
  level: Level,
  scope: Scope,
  lists: ReadonlyMap<string, RuleList>,
): Requirement[] {
  const requirements: Requirement[] = [];
  const inScope = (path: string, values: readonly string[]) => {
    if (values.length > 0) requirements.push({ kind: 'equals', path, values, list: null });
  };
  inScope('declaration.office', scope.offices);
  inScope('declaration.regime', scope.regimes);
  inScope('declaration.procedure', scope.procedures);
  inScope('trader.category', scope.categories);
  return [...requirements, ...ofExpression(expr, level, lists)];
}

function ofExpression(expr: TypedExpr, level: Level, lists: ReadonlyMap<string, RuleList>): Requirement[] {
  const requirements: Requirement[] = [];
  for (const operand of expr.kind === 'and' ? expr.operands : [expr]) {
    if (!hasMacro(operand)) {
      for (const atom of requiredAtoms(operand)) requirements.push(...ofAtom(atom, lists));
      continue;
    }
    requirements.push(...ofExists(operand, level, lists));
    break;
  }
  return requirements;
}

/**
 * `declaration.items.exists(i, i.hsCode …)`: what one of the items must be. A declaration-level profile is a candidate
 * where any item meets a requirement of items; an item-level one is asked about one item, which need not be that one.
 */
function ofExists(expr: TypedExpr, level: Level, lists: ReadonlyMap<string, RuleList>): Requirement[] {
  if (expr.kind !== 'macro' || expr.macro !== 'exists' || expr.condition === null) return [];
  const [variable] = expr.variables;
  if (variable === undefined || expr.variables.length > 1 || pathOf(expr.range) !== 'declaration.items') return [];
  const requirements: Requirement[] = [];
  for (const requirement of ofExpression(expr.condition, level, lists)) {
    const ofVariable = requirement.path.startsWith(`${variable}.`);
    if (!ofVariable) requirements.push(requirement);
    else if (level === 'declaration') {
      requirements.push({ ...requirement, path: `item.${requirement.path.slice(variable.length + 1)}` });
    }
  }
  return requirements;
}

function ofAtom(atom: Atom, lists: ReadonlyMap<string, RuleList>): Requirement[] {
  if (atom.kind === 'equals') return [{ kind: 'equals', path: atom.path, values: atom.values, list: null }];
  if (atom.kind === 'prefix') return [{ kind: 'prefix', path: atom.path, values: atom.prefixes, list: null }];
  const { expr } = atom;
  if (expr.kind === 'in' && expr.container.kind === 'call' && expr.container.name === 'list') {
    return ofList(listNamed(expr.container, lists), [expr.element]);
  }
  if (expr.kind === 'call' && expr.name === 'listed') return ofList(listNamed(expr, lists), expr.args.slice(1));
  return [];
}

function listNamed(call: TypedExpr & { kind: 'call' }, lists: ReadonlyMap<string, RuleList>): RuleList | null {
  const [name] = call.args;
  return (name?.kind === 'literal' && typeof name.value === 'string' ? lists.get(name.value) : null) ?? null;
}

function ofList(list: RuleList | null, args: readonly TypedExpr[]): Requirement[] {
  if (list === null) return [];
  const requirements: Requirement[] = [];
  for (const [index, arg] of args.entries()) {
    const path = pathOf(arg);
    if (path === null) continue;
    const values = new Set(list.rows.map(({ keys }) => keys[index] ?? ''));
    requirements.push({ kind: index === list.hsKey ? 'prefix' : 'equals', path, values: [...values], list });
  }
  return requirements;
}
