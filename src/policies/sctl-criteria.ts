import type { Condition, Literal, Value } from '../criteria/ast.ts';
import { cellTypeOf, fieldAt } from '../criteria/columns.ts';
import { allOf, anyOf, notOf } from '../criteria/groups.ts';
import type { CellType } from '../criteria/table.ts';
import type { SctlComparison, SctlExpr } from '../integration/sctl.ts';
import type { SctlPlace } from '../integration/sctl-tokens.ts';
import type { Comparison } from '../profiles/cel/api.ts';
import type { Dictionary } from '../profiles/dictionary.ts';
import { suggestion } from '../profiles/problems.ts';
import { ASYCUDA_FIELDS, ASYCUDA_LISTS, type AsycudaField } from './asycuda-fields.ts';
import type { Migrator } from './migration.ts';

/** Something in the criteria that has no meaning here, and where it stands. */
export class SctlFault extends Error {
  readonly place: SctlPlace;

  constructor(place: SctlPlace, message: string) {
    super(message);
    this.place = place;
  }
}

/** What a working variable holds, on condition of all the guards. */
export interface Held {
  readonly guards: readonly Condition[];
  readonly value: Term;
}

/** A value, and what is known of the field it comes from. */
interface Term {
  readonly value: Value;
  readonly field: AsycudaField | null;
  readonly type: CellType | null;
}

export interface Variable {
  readonly ways: readonly Held[];
  /** On other ways it has no value at all. */
  readonly isPartial: boolean;
}

/** Working variables at a place of the criteria, by name in lower case; null: what was assigned cannot be read. */
export type Scope = ReadonlyMap<string, Variable | null>;

const OPERATORS: Readonly<Record<SctlComparison, Comparison>> = {
  '=': '==',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const MIRRORED: Readonly<Record<SctlComparison, SctlComparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
const WAYS_MAX = 16;

/** Expressions of ASYCUDA's criteria → conditions and values over the data dictionary. */
export class SctlCriteria {
  readonly #dictionary: Dictionary;
  readonly #note: Migrator['note'];
  readonly #fields: ReadonlyMap<string, AsycudaField>;

  /** @param more Variables of the installation → paths of the dictionary. */
  constructor(migrator: Migrator, more: Readonly<Record<string, string>>) {
    this.#dictionary = migrator.dictionary;
    this.#note = (place, message) => migrator.note(place, message);
    const own = Object.entries(more).map(([name, path]) => [name.toLowerCase(), { path }] as const);
    this.#fields = new Map([...Object.entries(ASYCUDA_FIELDS), ...own]);
  }

  isField(name: string): boolean {
    return this.#fields.has(name.toLowerCase());
  }

  /** @throws SctlFault */
  condition(expr: SctlExpr, scope: Scope): Condition {
    switch (expr.kind) {
      case 'logic': {
        const conditions = expr.operands.map((each) => this.condition(each, scope));
        return expr.operator === 'and' ? allOf(conditions) : anyOf(conditions);
      }
      case 'not':
        return notOf(this.condition(expr.operand, scope));
      case 'compare':
        return this.#comparison(expr, scope);
      default:
        throw new SctlFault(expr.place, 'a condition is expected here, not a value');
    }
  }

  #comparison(expr: SctlExpr & { kind: 'compare' }, scope: Scope): Condition {
    const listed = this.#listed(expr);
    if (listed !== null) return listed;
    const ways = pairs(this.held(expr.left, scope), this.held(expr.right, scope), expr.place);
    return anyOf(ways.map(({ guards, a, b }) => allOf([...guards, this.#compared(expr, a, b)])));
  }

  /** `InListTar("APPLES") = Found`; null where it is none of these. */
  #listed({ left, operator, right, place }: SctlExpr & { kind: 'compare' }): Condition | null {
    if (left.kind !== 'call' || !/^inlist/i.test(left.name)) return null;
    const path = ASYCUDA_LISTS[left.name.toLowerCase()];
    if (path === undefined)
      throw new SctlFault(left.place, `${left.name} asks several tables at once, or one that is not known here`);
    const isFound = right.kind === 'name' && right.name.toLowerCase() === 'found';
    if (!isFound || (operator !== '=' && operator !== '<>'))
      throw new SctlFault(place, '= Found or <> Found is expected');
    const [name] = left.args;
    if (name?.kind !== 'text' || left.args.length !== 1)
      throw new SctlFault(left.place, 'the name of one list is expected');
    const known = this.#dictionary.lists
      .filter(({ keys, phrases }) => keys.length === 1 && !phrases)
      .map((list) => list.name);
    const list = known.find((each) => each.toLowerCase() === name.value.toLowerCase());
    if (list === undefined)
      throw new SctlFault(
        name.place,
        `no list is called ${name.value}${suggestion(name.value, known)}: bring it in first`,
      );
    const condition: Condition = { kind: 'listed', list, keys: [{ kind: 'path', path: path.split('.') }] };
    return operator === '=' ? condition : notOf(condition);
  }

  #compared(expr: SctlExpr & { kind: 'compare' }, a: Term, b: Term): Condition {
    if (a.value.kind === 'literal' && b.value.kind === 'literal') {
      throw new SctlFault(expr.place, 'two constants are compared: no declaration has a say in it');
    }
    if (a.value.kind === 'literal') {
      return this.#compared({ ...expr, operator: MIRRORED[expr.operator] }, b, a);
    }
    const right = b.value.kind === 'literal' ? suited(b.value, a.type, expr.right.place) : b.value;
    const isText = right.kind === 'literal' && right.type === 'text';
    if (a.field?.isPrefix === true && isText && (expr.operator === '=' || expr.operator === '<>')) {
      const begins: Condition = { kind: 'text', operator: 'startsWith', value: a.value, argument: right };
      return expr.operator === '=' ? begins : notOf(begins);
    }
    return { kind: 'compare', left: a.value, operator: OPERATORS[expr.operator], right };
  }

  /** What an expression may stand for, each on its conditions. @throws SctlFault */
  held(expr: SctlExpr, scope: Scope): readonly Held[] {
    switch (expr.kind) {
      case 'text':
        return always({ kind: 'literal', type: 'text', value: expr.value });
      case 'number':
        return always(numberOf(expr.text));
      case 'name':
        return this.#named(expr.name, expr.place, scope);
      case 'arithmetic': {
        const ways = pairs(this.held(expr.left, scope), this.held(expr.right, scope), expr.place);
        return ways.map(({ guards, a, b }) => {
          const value: Value = { kind: 'arithmetic', operator: expr.operator, left: a.value, right: b.value };
          return { guards, value: { value, field: null, type: 'number' } };
        });
      }
      case 'call':
        throw new SctlFault(expr.place, `the function ${expr.name} is not known here`);
      default:
        throw new SctlFault(expr.place, 'a value is expected here, not a condition');
    }
  }

  #named(name: string, place: SctlPlace, scope: Scope): readonly Held[] {
    const variable = scope.get(name.toLowerCase());
    if (variable === null) throw new SctlFault(place, `what ${name} holds could not be read`);
    if (variable?.isPartial === true) this.#note(place, `${name} has no value on some ways: there it hits nothing`);
    if (variable !== undefined) return variable.ways;
    const field = this.#fields.get(name.toLowerCase());
    if (field === undefined) {
      const names = [...this.#fields.keys(), ...scope.keys()];
      throw new SctlFault(place, `the variable ${name} is not known here${suggestion(name, names)}`);
    }
    const path = field.path.split('.');
    if (fieldAt(this.#dictionary, path) === null)
      throw new SctlFault(place, `${name}: there is no field ${field.path}`);
    const value: Value = { kind: 'path', path };
    return [{ guards: [], value: { value, field, type: cellTypeOf(this.#dictionary, value) } }];
  }
}

function always(literal: Literal): Held[] {
  return [{ guards: [], value: { value: literal, field: null, type: null } }];
}

/** Whole where it is written without a point, as in CEL. */
function numberOf(text: string): Literal {
  const value = Number(text) + 0;
  return { kind: 'literal', type: text.includes('.') || !Number.isSafeInteger(value) ? 'number' : 'integer', value };
}

/** A constant as the field has it: codes are texts, also where they are written as numbers, and the other way round. */
function suited(literal: Literal, type: CellType | null, place: SctlPlace): Literal {
  if (type === 'text' && (literal.type === 'integer' || literal.type === 'number')) {
    throw new SctlFault(place, `a text in quotes is expected, not ${literal.value}`);
  }
  if ((type === 'number' || type === 'integer') && literal.type === 'text') {
    if (!/^-?\d+(\.\d+)?$/.test(literal.value))
      throw new SctlFault(place, `a number is expected, not "${literal.value}"`);
    return numberOf(literal.value);
  }
  if (type === 'date' || type === 'boolean')
    throw new SctlFault(place, 'days and flags have no constants in these criteria');
  return literal;
}

function pairs(
  left: readonly Held[],
  right: readonly Held[],
  place: SctlPlace,
): { guards: Condition[]; a: Term; b: Term }[] {
  const ways = left.flatMap((a) => right.map((b) => ({ guards: [...a.guards, ...b.guards], a: a.value, b: b.value })));
  if (ways.length > WAYS_MAX) throw new SctlFault(place, 'too many ways lead to this value');
  return ways;
}
