import type { Declaration, Item } from '../../../src/core/declaration.ts';
import type { Facts } from '../../../src/core/facts.ts';
import type { Scope } from '../../../src/core/profile.ts';
import type { PolicyBundle } from '../../../src/profiles/bundle.ts';
import type { Checked, Comparison, TypedExpr } from '../../../src/profiles/cel/api.ts';
import { check } from '../../../src/profiles/cel/check.ts';
import { evaluator } from '../../../src/profiles/cel/compile.ts';
import { BOOL } from '../../../src/profiles/cel/types.ts';
import { MatchContext } from '../../../src/profiles/context.ts';
import { readField } from '../../../src/profiles/derived.ts';
import { profileEnvironment } from '../../../src/profiles/environment.ts';
import { readList } from '../../../src/profiles/list-file.ts';
import { RuleList } from '../../../src/profiles/lists.ts';
import { type Level, type ProfileSource, readProfile } from '../../../src/profiles/profile-file.ts';
import type { Case } from '../cases.ts';

/**
 * The profiles of a policy in a form that every rule engine knows: tests of named facts, under all, any and not. What
 * such an engine cannot say (a list, a word in a text, a comprehension, a ratio) becomes a fact, worked out beforehand
 * by our own compiler and handed over: the peer has less to do than we have.
 */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | Test;

export interface Test {
  readonly fact: string;
  readonly operator: Comparison | 'in' | 'startsWith';
  readonly value: Scalar | readonly Scalar[];
}

export type Scalar = string | number | boolean;
export type FactValues = Readonly<Record<string, unknown>>;

export interface PeerProfile {
  readonly id: string;
  readonly level: Level;
  readonly condition: Condition;
  /** The whole expression with its scope, as CEL. */
  readonly text: string;
}

/** Facts of one declaration, and of each of its items (with those of the declaration that items are tested on). */
export interface PeerCase {
  readonly declaration: FactValues;
  readonly items: readonly FactValues[];
}

export interface PeerPolicy {
  readonly profiles: readonly PeerProfile[];
  readonly lists: ReadonlyMap<string, RuleList>;
  facts(of: Case): PeerCase;
}

type Read = (declaration: Declaration, item: Item | null, x: MatchContext) => unknown;

/** @throws where a profile is in error. */
export function peerPolicy({ files }: PolicyBundle): PeerPolicy {
  const lists = new Map<string, RuleList>();
  const profiles: ProfileSource[] = [];
  const fields = new Map<string, string>();
  for (const [file, text] of Object.entries(files)) {
    const name = /^lists\/(.+)\.csv$/.exec(file)?.[1];
    const list = name === undefined || name === 'exceptions' ? null : readList(name, file, text, []);
    if (list !== null) lists.set(list.name, new RuleList(list));
    const profile = file.startsWith('profiles/') ? readProfile(file, text, []) : null;
    if (profile !== null) profiles.push(profile);
    const field = file.startsWith('fields/') ? readField(file, text, []) : null;
    if (field !== null) fields.set(field.name, field.expression.text);
  }
  const context = new MatchContext();
  const translator = new Translator(lists, fields, context);
  return {
    profiles: profiles.sort((a, b) => (a.profile.id < b.profile.id ? -1 : 1)).map((each) => translator.profile(each)),
    lists,
    facts: ({ declaration, facts }) => translator.facts(declaration, facts),
  };
}

class Translator {
  private readonly facts_ = { declaration: new Map<string, Read>(), item: new Map<string, Read>() };
  private readonly names = new Map<string, string>();
  private readonly lists: ReadonlyMap<string, RuleList>;
  private readonly fields: ReadonlyMap<string, string>;
  private readonly context: MatchContext;

  constructor(lists: ReadonlyMap<string, RuleList>, fields: ReadonlyMap<string, string>, context: MatchContext) {
    this.lists = lists;
    this.fields = fields;
    this.context = context;
  }

  profile({ profile, level, when, unless }: ProfileSource): PeerProfile {
    const texts = [...scopeTexts(profile.scope), `(${when.text.trim()})`];
    if (unless !== null) texts.push(`!(${unless.text.trim()})`);
    const text = withoutDerived(texts.join(' && '), this.fields);
    const environment = profileEnvironment(level, this.lists, this.context);
    const checked = check(text, environment, { mode: 'profile', expected: BOOL });
    if (checked.expr === null) throw new Error(`${profile.id}: ${checked.problems[0]?.message}`);
    return { id: profile.id, level, text, condition: this.condition(checked, checked.expr, level) };
  }

  private condition(checked: Checked, expr: TypedExpr, level: Level): Condition {
    const of = (operand: TypedExpr): Condition => this.condition(checked, operand, level);
    if (expr.kind === 'and') return { all: expr.operands.map(of) };
    if (expr.kind === 'or') return { any: expr.operands.map(of) };
    if (expr.kind === 'not') return { not: of(expr.operand) };
    const tested = testOf(expr);
    if (tested === null) return { fact: this.fact(checked, expr, level), operator: '==', value: true };
    return { fact: this.fact(checked, tested.operand, level), operator: tested.operator, value: tested.value };
  }

  /** Name of the fact that this expression is. */
  private fact(checked: Checked, expr: TypedExpr, level: Level): string {
    const key = `${level} ${checked.text.slice(expr.span.start, expr.span.end).replace(/\s+/g, ' ')}`;
    let name = this.names.get(key);
    if (name === undefined) {
      name = `f${this.names.size}`;
      this.names.set(key, name);
      this.facts_[level].set(name, evaluator({ ...checked, expr }, ['d', 'item', 'x']) as Read);
    }
    return name;
  }

  facts(declaration: Declaration, facts: Facts): PeerCase {
    const { context } = this;
    context.begin(declaration, facts);
    const read = (level: Level, item: Item | null): FactValues =>
      Object.fromEntries([...this.facts_[level]].map(([name, value]) => [name, value(declaration, item, context)]));
    return {
      declaration: read('declaration', null),
      items: declaration.items.map((_, index) => read('item', context.onItem(index))),
    };
  }
}

/** With the expressions of derived fields in their places. */
function withoutDerived(text: string, fields: ReadonlyMap<string, string>): string {
  const next = text.replace(/\bderived\.(\w+)\((\w*)\)/g, (_, name: string, item: string) => {
    const expression = fields.get(name);
    if (expression === undefined) throw new Error(`there is no derived field ${name}`);
    return `(${expression.trim().replace(/\bitem\b/g, item)})`;
  });
  return next === text ? text : withoutDerived(next, fields);
}

function scopeTexts({ regimes, procedures, categories, offices }: Scope): string[] {
  const among = (path: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : [`${path} in ${JSON.stringify(values)}`];
  return [
    ...among('declaration.regime', regimes),
    ...among('declaration.procedure', procedures),
    ...among('trader.category', categories),
    ...among('declaration.office', offices),
  ];
}

interface Tested {
  readonly operand: TypedExpr;
  readonly operator: Test['operator'];
  readonly value: Test['value'];
}

/** A test of something present against literals; null where it is not one. */
function testOf(expr: TypedExpr): Tested | null {
  if (expr.kind === 'compare' && isPlain(expr.left)) {
    const value = literalOf(expr.right);
    return value === null ? null : { operand: expr.left, operator: expr.operator, value };
  }
  if (expr.kind === 'in' && expr.container.kind === 'list' && isPlain(expr.element)) {
    const value = expr.container.elements.map(literalOf).filter((each) => each !== null);
    return value.length < expr.container.elements.length ? null : { operand: expr.element, operator: 'in', value };
  }
  const [text, start] = expr.kind === 'builtin' && expr.name === 'startsWith' ? expr.args : [];
  if (text === undefined || start === undefined || !isPlain(text)) return null;
  const value = literalOf(start);
  return value === null ? null : { operand: text, operator: 'startsWith', value };
}

function literalOf(expr: TypedExpr): Scalar | null {
  return expr.kind === 'literal' ? expr.value : null;
}

function isPlain({ type, optional }: TypedExpr): boolean {
  return !optional && ['string', 'int', 'double', 'bool', 'money'].includes(type.kind);
}
