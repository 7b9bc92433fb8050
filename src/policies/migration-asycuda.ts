import type { Condition } from '../criteria/ast.ts';
import { allOf, notOf } from '../criteria/groups.ts';
import { parseSctl, type SctlExpr, type SctlStatement } from '../integration/sctl.ts';
import type { SctlPlace } from '../integration/sctl-tokens.ts';
import type { Migrator } from './migration.ts';
import { type Scope, SctlCriteria, SctlFault, type Variable } from './sctl-criteria.ts';

/** Lanes and what a profile makes of them. */
const LANES: Readonly<Record<string, { corridor: string; measure: string; does: string }>> = {
  redlane: { corridor: 'red', measure: 'physical_examination', does: 'Examine the goods' },
  yellowlane: { corridor: 'yellow', measure: 'documentary_check', does: 'Check documents and data' },
  bluelane: { corridor: 'blue', measure: 'post_clearance_audit', does: 'Audit after release' },
};
/** Criteria have no weight: half, until somebody knows better. */
const WEIGHT = 0.5;

/**
 * Selection criteria of ASYCUDA, a profile for each lane under a condition: the conditions of all the Ifs around it,
 * and what working variables hold on the ways that lead there.
 * @param target That the profiles are given; criteria have none.
 */
export function readAsycuda(
  text: string,
  migrator: Migrator,
  options: { readonly target: string; readonly fields: Readonly<Record<string, string>> },
): void {
  const { statements, problems } = parseSctl(text);
  for (const { message, ...place } of problems) migrator.refuse(place, message);
  const walk = new Walk(new SctlCriteria(migrator, options.fields), migrator, options.target);
  walk.block(statements, [], new Map());
  if (statements.length === 0 && problems.length === 0)
    migrator.refuse({ line: 1, column: 1 }, 'there are no criteria in it');
}

class Walk {
  readonly #criteria: SctlCriteria;
  readonly #migrator: Migrator;
  readonly #target: string;
  #name: string | null = null;

  constructor(criteria: SctlCriteria, migrator: Migrator, target: string) {
    this.#criteria = criteria;
    this.#migrator = migrator;
    this.#target = target;
  }

  /** Gives what the working variables hold behind the block. */
  block(statements: readonly SctlStatement[], path: readonly Condition[], before: Scope): Scope {
    let scope = before;
    for (const statement of statements) scope = this.#statement(statement, path, scope);
    return scope;
  }

  #statement(statement: SctlStatement, path: readonly Condition[], scope: Scope): Scope {
    if (statement.kind === 'criteria') {
      this.#name = statement.name;
      return new Map();
    }
    return statement.kind === 'if' ? this.#if(statement, path, scope) : this.#assign(statement, path, scope);
  }

  #if(statement: SctlStatement & { kind: 'if' }, path: readonly Condition[], scope: Scope): Scope {
    try {
      const condition = this.#criteria.condition(statement.condition, scope);
      const then = this.block(statement.body, [...path, condition], scope);
      const otherwise = this.block(statement.otherwise, [...path, notOf(condition)], scope);
      return joined(condition, then, otherwise);
    } catch (fault) {
      this.#refuse(fault, 'nothing of this If is taken over');
      return withUnknown(scope, [...statement.body, ...statement.otherwise]);
    }
  }

  #assign({ name, value, place }: SctlStatement & { kind: 'assign' }, path: readonly Condition[], scope: Scope): Scope {
    const key = name.toLowerCase();
    if (key.endsWith('lane')) {
      this.#lane(key, name, value, place, path);
      return scope;
    }
    try {
      if (this.#criteria.isField(name))
        throw new SctlFault(place, `${name} is a field of the declaration: it cannot be changed`);
      return new Map(scope).set(key, { ways: this.#criteria.held(value, scope), isPartial: false });
    } catch (fault) {
      this.#refuse(fault, `${name} is not known from here on`);
      return new Map(scope).set(key, null);
    }
  }

  #lane(key: string, name: string, value: SctlExpr, place: SctlPlace, path: readonly Condition[]): void {
    const lane = LANES[key];
    const percentage = value.kind === 'number' ? Number(value.text) : Number.NaN;
    const wrong = wrongLane(key, name, percentage, path);
    if (lane === undefined || wrong !== null) {
      this.#migrator.refuse(place, wrong ?? '');
      return;
    }
    const title = this.#name ?? `criteria of line ${place.line}`;
    const id = this.#migrator.freeId(`ASY-${title}`);
    this.#migrator.note(place, `${id}: target, measures, instructions and weight are not in the criteria: set them`);
    this.#migrator.add({
      place,
      condition: allOf(path),
      form: {
        ...{ id, title: `ASYCUDA: ${title}`.slice(0, 200), target: this.#target, corridor: lane.corridor },
        documentation: { en: `Taken over from the ASYCUDA criteria ${title}, ${name} IS ${percentage}.` },
        ...{ owner: null, notify: [], weight: WEIGHT, group: null, damage: null, mandatory: false, scope: {} },
        measures: [{ code: lane.measure, instructions: `${lane.does}: selected by the criteria ${title}.` }],
        ...{ percentage, onError: 'documents', unless: null },
      },
    });
  }

  #refuse(fault: unknown, consequence: string): void {
    if (!(fault instanceof SctlFault)) throw fault;
    this.#migrator.refuse(fault.place, `${fault.message}; ${consequence}`);
  }
}

/** Why a lane is not taken over; null where it is. */
function wrongLane(key: string, name: string, percentage: number, path: readonly Condition[]): string | null {
  if (key === 'greenlane') return 'a profile never releases: put exemptions into lists/exceptions.csv';
  if (!Object.hasOwn(LANES, key)) return `there is no lane ${name}: RedLane, YellowLane and BlueLane are taken over`;
  if (!(percentage >= 0 && percentage <= 100)) return `${name} must be a percentage from 0 to 100 in figures`;
  if (percentage === 0) return `${name} IS 0 selects nothing`;
  return path.length === 0 ? `${name} stands under no condition: it would select every declaration` : null;
}

/** What variables hold behind an If: what they hold behind its branches, on its condition. */
function joined(condition: Condition, then: Scope, otherwise: Scope): Scope {
  const scope = new Map(otherwise);
  for (const name of new Set([...then.keys(), ...otherwise.keys()])) {
    const [yes, no] = [then.get(name), otherwise.get(name)];
    if (yes === no) continue;
    const guarded = (variable: Variable | undefined, guard: Condition) =>
      (variable?.ways ?? []).map(({ guards, value }) => ({ value, guards: [guard, ...guards] }));
    const isPartial = (yes?.isPartial ?? true) || (no?.isPartial ?? true);
    const ways = [...guarded(yes ?? undefined, condition), ...guarded(no ?? undefined, notOf(condition))];
    scope.set(name, yes === null || no === null ? null : { ways, isPartial });
  }
  return scope;
}

/** Whatever these statements assign is not known behind them. */
function withUnknown(scope: Scope, statements: readonly SctlStatement[]): Scope {
  return statements.reduce<Scope>((before, statement) => {
    if (statement.kind === 'if') return withUnknown(before, [...statement.body, ...statement.otherwise]);
    return statement.kind === 'assign' ? new Map(before).set(statement.name.toLowerCase(), null) : before;
  }, scope);
}
