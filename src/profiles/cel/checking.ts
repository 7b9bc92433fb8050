import type { CheckOptions, Environment, Problem, Span, Type, TypedExpr, Variable } from './api.ts';
import type { Parsed, SyntaxTree } from './parse.ts';
import { placeOf } from './parse.ts';
import { BOOL, DOUBLE, DYN, hasDyn, MONEY, sameType, typeName } from './types.ts';

/** What the parts of the checker share: environment, names in scope, problems found, and making of nodes. */
export class Checking {
  readonly parsed: Parsed;
  readonly env: Environment;
  readonly options: CheckOptions;
  readonly problems: Problem[] = [];
  /** Checks a node of the syntax tree; set by `check.ts`. */
  readonly visit: (node: SyntaxTree) => TypedExpr;
  #locals: ReadonlyMap<string, Variable> = new Map();
  #localCount = 0;

  constructor(
    parsed: Parsed,
    env: Environment,
    options: CheckOptions,
    visit: (checking: Checking, node: SyntaxTree) => TypedExpr,
  ) {
    this.parsed = parsed;
    this.env = env;
    this.options = options;
    this.visit = (node) => visit(this, node);
  }

  get profile(): boolean {
    return this.options.mode === 'profile';
  }

  get unchecked(): boolean {
    return this.options.unchecked === true && !this.profile;
  }

  /** The variable of a name, which may be dotted; a leading dot means no local one and no container. */
  resolve(written: string): { name: string; variable: Variable } | null {
    const rooted = written.startsWith('.');
    const name = rooted ? written.slice(1) : written;
    const local = rooted ? undefined : this.#locals.get(name);
    if (local !== undefined) return { name, variable: local };
    const container = rooted ? [] : (this.options.container ?? '').split('.').filter((part) => part !== '');
    for (let depth = container.length; depth >= 0; depth--) {
      const candidate = [...container.slice(0, depth), name].join('.');
      const variable = this.env.variables.get(candidate);
      if (variable !== undefined) return { name: candidate, variable };
    }
    return null;
  }

  isLocal(name: string): boolean {
    return this.#locals.has(name);
  }

  names(): string[] {
    return [...this.#locals.keys(), ...this.env.variables.keys()];
  }

  /** Checks something with the variables of a macro in scope; gives their JavaScript names too. */
  withLocals<T>(locals: readonly { name: string; type: Type }[], then: (js: string[]) => T): T {
    const outer = this.#locals;
    const inner = new Map(outer);
    const js = locals.map(({ name, type }) => {
      const identifier = `_v${++this.#localCount}`;
      inner.set(name, { type, js: identifier, access: 'plain' });
      return identifier;
    });
    this.#locals = inner;
    const result = then(js);
    this.#locals = outer;
    return result;
  }

  /** Notes a problem; the node that stands for the faulty expression. Where checking is off it fails when evaluated. */
  problem(span: Span, message: string, type: Type = DYN): TypedExpr {
    if (!this.unchecked) this.problems.push({ ...placeOf(this.parsed.text, span.start), message });
    return node({ kind: 'fail', message, type, optional: false, span });
  }

  expected(expr: TypedExpr, what: string): TypedExpr {
    if (expr.kind === 'fail') return expr;
    return this.problem(expr.span, `expected ${what}, found ${typeName(expr.type)}`);
  }

  source(span: Span): string {
    return this.parsed.text.slice(span.start, span.end);
  }

  /** The expression as one of the type, where that is allowed; null otherwise. */
  coerce(expr: TypedExpr, type: Type): TypedExpr | null {
    if (expr.kind === 'fail' || sameType(expr.type, type)) return expr;
    if (expr.kind === 'list' && type.kind === 'list') return this.#coerceList(expr, type.element);
    if (expr.kind === 'map' && expr.entries.length === 0 && type.kind === 'map') return node({ ...expr, type });
    if (this.profile) return widen(expr, type);
    if (type.kind === 'dyn' || reaches(expr.type, type)) return convert(expr, type);
    return null;
  }

  #coerceList(expr: TypedExpr & { kind: 'list' }, element: Type): TypedExpr | null {
    const elements: TypedExpr[] = [];
    for (const item of expr.elements) {
      const coerced = this.coerce(item, element);
      if (coerced === null) return null;
      elements.push(coerced);
    }
    return node({ ...expr, elements, type: { kind: 'list', element } });
  }

  /** As `coerce`; a problem where it is not allowed. */
  require(expr: TypedExpr, type: Type): TypedExpr {
    return this.coerce(expr, type) ?? this.expected(expr, typeName(type));
  }

  requireBool(expr: TypedExpr): TypedExpr {
    return this.require(expr, BOOL);
  }
}

export function node<T extends TypedExpr>(expr: T): T {
  return Object.freeze(expr);
}

export function convert(operand: TypedExpr, type: Type): TypedExpr {
  return node({ kind: 'convert', operand, type, optional: operand.optional, span: operand.span });
}

/** Differs from the other only where one says "known at run time". */
function reaches(from: Type, to: Type): boolean {
  if (from.kind === 'dyn' || to.kind === 'dyn') return true;
  if (from.kind === 'list' && to.kind === 'list') return reaches(from.element, to.element);
  if (from.kind === 'map' && to.kind === 'map') return reaches(from.key, to.key) && reaches(from.value, to.value);
  return sameType(from, to);
}

/** Profile mode: number literals take the type of their surroundings. */
function widen(expr: TypedExpr, type: Type): TypedExpr | null {
  if (expr.kind !== 'literal' || typeof expr.value !== 'number') return null;
  if (type.kind === 'double' && expr.type.kind === 'int') return node({ ...expr, type: DOUBLE });
  if (type.kind !== 'money' || expr.type.kind === 'money') return null;
  return node({ ...expr, value: tiynOfLiteral(expr.value), type: MONEY });
}

/** KZT as written → tiyn; not an integer where finer than a tiyn. Shifts the decimal point, so that 0.29 gives 29. */
function tiynOfLiteral(kzt: number): number {
  const text = String(kzt);
  return text.includes('e') ? kzt * 100 : Number(`${text}e2`);
}

/** The type that holds both, for elements of a list and branches of a conditional; null where there is none. */
export function joinTypes(checking: Checking, a: TypedExpr, b: TypedExpr): Type | null {
  if (a.kind === 'fail' || b.kind === 'fail') return a.kind === 'fail' ? b.type : a.type;
  const [toA, toB] = [joins(checking, b, a.type), joins(checking, a, b.type)];
  if (toA && toB) return nesting(a.type) >= nesting(b.type) ? a.type : b.type;
  if (toA || toB) return toA ? a.type : b.type;
  return checking.profile ? null : DYN;
}

/** Of `[]` and `[[]]` the second says more. */
function nesting(type: Type): number {
  return type.kind === 'list' ? 1 + nesting(type.element) : type.kind === 'map' ? 1 + nesting(type.value) : 0;
}

function joins(checking: Checking, expr: TypedExpr, type: Type): boolean {
  if (sameType(expr.type, type)) return true;
  const known = !hasDyn(expr.type) || isOpen(expr);
  return known && (hasDyn(type) || isLiteral(expr)) && checking.coerce(expr, type) !== null;
}

function isLiteral(expr: TypedExpr): boolean {
  return expr.kind === 'literal' || expr.kind === 'list' || expr.kind === 'map';
}

/** Of unknown type only because of empty lists and maps in it. */
function isOpen(expr: TypedExpr): boolean {
  if (expr.kind === 'list') return expr.elements.every((element) => !hasDyn(element.type) || isOpen(element));
  return expr.kind === 'map' && expr.entries.length === 0;
}
