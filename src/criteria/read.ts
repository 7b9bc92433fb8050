import { ARITHMETIC, COMPARISONS } from '../profiles/cel/operators.ts';
import type { Parsed, SyntaxCall, SyntaxTree } from '../profiles/cel/parse.ts';
import type { Condition, Literal, TextTest, Value } from './ast.ts';

/**
 * A parsed CEL text → the canonical tree. What the tree has no form for stays CEL text, as small a part as can be, so
 * that the rest of the condition can still be shown and changed.
 */
export function readCriteria(parsed: Parsed): Condition {
  return new Reader(parsed).condition(parsed.root);
}

const TEXT_TESTS: readonly string[] = ['startsWith', 'endsWith', 'contains', 'matches'] satisfies TextTest[];
const QUANTIFIERS = { exists: 'any', all: 'all', exists_one: 'one' } as const;
/** Functions whose name has a point: everything else before a point is a value. */
const NAMESPACES: readonly string[] = ['stats', 'derived'];

class Reader {
  readonly #parsed: Parsed;

  constructor(parsed: Parsed) {
    this.#parsed = parsed;
  }

  condition(node: SyntaxTree): Condition {
    return this.#condition(node) ?? { kind: 'cel', text: this.#text(node) };
  }

  value(node: SyntaxTree): Value {
    return this.#value(node) ?? { kind: 'cel', text: this.#text(node) };
  }

  #text(node: SyntaxTree): string {
    const { start, end } = this.#parsed.span(node);
    return this.#parsed.text.slice(start, end);
  }

  #condition(node: SyntaxTree): Condition | null {
    const macro = this.#parsed.macroCall(node);
    if (macro !== null) return this.#macro(macro);
    const call = callOf(node);
    if (call === null) return this.#flag(node);
    const [left, right] = call.args;
    if (call.function === '_&&_') return { kind: 'group', of: 'all', conditions: this.#flat(node, '_&&_') };
    if (call.function === '_||_') return { kind: 'group', of: 'any', conditions: this.#flat(node, '_||_') };
    if (call.function === '!_' && left !== undefined) return { kind: 'not', condition: this.condition(left) };
    const operator = COMPARISONS[call.function];
    if (left === undefined || right === undefined) return this.#called(call, node);
    if (operator !== undefined) return { kind: 'compare', left: this.value(left), operator, right: this.value(right) };
    return call.function === '@in' ? this.#membership(left, right) : this.#called(call, node);
  }

  /** Operands of one operator, whatever parentheses stood between them: they mean the same. */
  #flat(node: SyntaxTree, operator: string): Condition[] {
    const call = callOf(node);
    const isSame = call?.function === operator && this.#parsed.macroCall(node) === null;
    return isSame ? call.args.flatMap((arg) => this.#flat(arg, operator)) : [this.condition(node)];
  }

  #macro({ function: name, target, args }: SyntaxCall): Condition | null {
    const [first, second] = args;
    if (name === 'has' && first !== undefined) return { kind: 'present', value: this.value(first) };
    const variable = identOf(first);
    if (!isQuantifier(name) || target === undefined || variable === null || second === undefined) return null;
    if (args.length > 2) return null;
    const condition = this.condition(second);
    return { kind: 'quantifier', of: QUANTIFIERS[name], over: this.value(target), variable, condition };
  }

  #membership(element: SyntaxTree, container: SyntaxTree): Condition | null {
    const call = callOf(container);
    const list = call?.function === 'list' && call.target === undefined ? textOf(call.args[0]) : null;
    if (list !== null) return { kind: 'listed', list, keys: [this.value(element)] };
    if (container.exprKind.case !== 'listExpr') return null;
    const literals = container.exprKind.value.elements.map((each) => this.#literal(each));
    if (literals.length === 0 || literals.includes(null)) return null;
    return { kind: 'oneOf', value: this.value(element), literals: literals as Literal[] };
  }

  #called({ function: name, target, args }: SyntaxCall, node: SyntaxTree): Condition | null {
    const [first, second, ...more] = args;
    if (target !== undefined && first !== undefined && second === undefined && TEXT_TESTS.includes(name)) {
      return { kind: 'text', operator: name as TextTest, value: this.value(target), argument: this.value(first) };
    }
    if (target === undefined && first !== undefined && second !== undefined) {
      const [list, phrases] = [textOf(first), textOf(second)];
      if (name === 'mentions' && phrases !== null && more.length === 0) {
        return { kind: 'mentions', value: this.value(first), list: phrases };
      }
      if (name === 'listed' && list !== null && more.length > 0) {
        return { kind: 'listed', list, keys: [second, ...more].map((key) => this.value(key)) };
      }
    }
    return this.#flag(node);
  }

  #flag(node: SyntaxTree): Condition | null {
    const value = this.#value(node);
    const isFlag = value?.kind === 'path' || value?.kind === 'call' || value?.kind === 'member';
    return isFlag ? { kind: 'flag', value } : null;
  }

  #value(node: SyntaxTree): Value | null {
    if (this.#parsed.macroCall(node) !== null) return null;
    const path = pathOf(node);
    if (path !== null) return { kind: 'path', path };
    const literal = this.#literal(node);
    if (literal !== null) return literal;
    const { exprKind } = node;
    if (exprKind.case === 'selectExpr' && exprKind.value.operand !== undefined && !exprKind.value.testOnly) {
      const operand = this.#value(exprKind.value.operand);
      return operand?.kind === 'call' ? { ...operand, fields: [...operand.fields, exprKind.value.field] } : null;
    }
    const call = callOf(node);
    return call === null ? null : this.#operation(call);
  }

  #operation(call: SyntaxCall): Value | null {
    const { function: name, target, args } = call;
    const [first, second] = args;
    const operator = ARITHMETIC[name];
    if (operator !== undefined && first !== undefined && second !== undefined) {
      return { kind: 'arithmetic', operator, left: this.value(first), right: this.value(second) };
    }
    if (!/^[a-z]\w*$/i.test(name)) return null;
    if (target === undefined && args.length === 1 && first !== undefined) {
      if (name === 'size') return this.#count(first);
      const sum = name === 'sum' ? this.#sum(first) : null;
      if (sum !== null) return sum;
    }
    if (target === undefined && (name === 'timestamp' || name === 'duration' || name === 'list')) return null;
    const values = args.map((arg) => this.value(arg));
    if (target === undefined) return { kind: 'call', name, args: values, fields: [] };
    const namespace = identOf(target);
    return namespace !== null && NAMESPACES.includes(namespace)
      ? { kind: 'call', name: `${namespace}.${name}`, args: values, fields: [] }
      : { kind: 'member', value: this.value(target), name, args: values };
  }

  #count(range: SyntaxTree): Value {
    const filter = this.#iteration(range, 'filter');
    if (filter === null) return { kind: 'count', over: this.value(range), variable: '', where: null };
    const { over, variable, body } = filter;
    return { kind: 'count', over: this.value(over), variable, where: this.condition(body) };
  }

  /** Null: of something else than a map, which is a plain call. */
  #sum(range: SyntaxTree): Value | null {
    const map = this.#iteration(range, 'map');
    if (map === null) return null;
    const { over, variable, body } = map;
    const filter = this.#iteration(over, 'filter');
    if (filter === null) return { kind: 'sum', over: this.value(over), variable, where: null, of: this.value(body) };
    if (filter.variable !== variable) return null;
    const where = this.condition(filter.body);
    return { kind: 'sum', over: this.value(filter.over), variable, where, of: this.value(body) };
  }

  /** `over.filter(variable, body)`, or `map`. */
  #iteration(
    node: SyntaxTree,
    name: 'filter' | 'map',
  ): { over: SyntaxTree; variable: string; body: SyntaxTree } | null {
    const macro = this.#parsed.macroCall(node);
    if (macro?.function !== name || macro.target === undefined || macro.args.length !== 2) return null;
    const [variable, body] = [identOf(macro.args[0]), macro.args[1]];
    return variable === null || body === undefined ? null : { over: macro.target, variable, body };
  }

  #literal(node: SyntaxTree): Literal | null {
    const call = callOf(node);
    if (call !== null && call.target === undefined && call.args.length === 1) {
      const value = textOf(call.args[0]);
      if (value === null) return null;
      if (call.function === 'timestamp') return { kind: 'literal', type: 'date', value };
      return call.function === 'duration' ? { kind: 'literal', type: 'duration', value } : null;
    }
    return constantOf(node);
  }
}

function constantOf({ exprKind }: SyntaxTree): Literal | null {
  if (exprKind.case !== 'constExpr') return null;
  const { case: type, value } = exprKind.value.constantKind;
  if (type === 'stringValue') return { kind: 'literal', type: 'text', value };
  if (type === 'boolValue') return { kind: 'literal', type: 'boolean', value };
  if (type === 'doubleValue') return { kind: 'literal', type: 'number', value };
  const integer = type === 'int64Value' ? Number(value) : Number.NaN;
  return Number.isSafeInteger(integer) ? { kind: 'literal', type: 'integer', value: integer } : null;
}

function callOf({ exprKind }: SyntaxTree): SyntaxCall | null {
  return exprKind.case === 'callExpr' ? exprKind.value : null;
}

function isQuantifier(name: string): name is keyof typeof QUANTIFIERS {
  return Object.hasOwn(QUANTIFIERS, name);
}

function textOf(node: SyntaxTree | undefined): string | null {
  const literal = node === undefined ? null : constantOf(node);
  return literal?.type === 'text' ? literal.value : null;
}

function identOf(node: SyntaxTree | undefined): string | null {
  return node?.exprKind.case === 'identExpr' ? node.exprKind.value.name : null;
}

function pathOf(node: SyntaxTree): string[] | null {
  const { exprKind } = node;
  if (exprKind.case === 'identExpr') return [exprKind.value.name];
  if (exprKind.case !== 'selectExpr' || exprKind.value.operand === undefined || exprKind.value.testOnly) return null;
  const operand = pathOf(exprKind.value.operand);
  return operand === null ? null : [...operand, exprKind.value.field];
}
