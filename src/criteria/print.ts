import type { Arithmetic } from '../profiles/cel/api.ts';
import type { Condition, Literal, Value } from './ast.ts';

/** Raised where a tree is not complete: what is not filled in has no text, and is never taken for true. */
export class IncompleteCriteria extends Error {
  constructor(what: string) {
    super(`the condition is not complete: ${what}`);
    this.name = 'IncompleteCriteria';
  }
}

/**
 * The one CEL text of a tree; `readCriteria` gives the same tree again.
 * @throws IncompleteCriteria
 */
export function printCriteria(condition: Condition): string {
  switch (condition.kind) {
    case 'group':
      if (condition.conditions.length < 2) throw new IncompleteCriteria('a group needs two conditions at least');
      return condition.conditions.map(inGroup).join(condition.of === 'all' ? ' && ' : ' || ');
    case 'not':
      return `!${negated(condition.condition)}`;
    case 'compare':
      return `${operand(condition.left)} ${condition.operator} ${operand(condition.right)}`;
    case 'oneOf':
      if (condition.literals.length === 0) throw new IncompleteCriteria('a value is to be one of none');
      return `${operand(condition.value)} in [${condition.literals.map(literal).join(', ')}]`;
    case 'listed':
      return listed(condition.list, condition.keys);
    case 'text':
      return `${receiver(condition.value)}.${condition.operator}(${printValue(condition.argument)})`;
    case 'mentions':
      return `mentions(${printValue(condition.value)}, ${JSON.stringify(condition.list)})`;
    case 'present':
      return `has(${printValue(condition.value)})`;
    case 'flag':
      return printValue(condition.value);
    case 'quantifier': {
      const { of, over, variable } = condition;
      return `${receiver(over)}.${MACROS[of]}(${variable}, ${printCriteria(condition.condition)})`;
    }
    case 'cel':
      return ownText(condition.text);
    case 'empty':
      throw new IncompleteCriteria('a condition is empty');
  }
}

const MACROS = { any: 'exists', all: 'all', one: 'exists_one' } as const;

function listed(list: string, keys: readonly Value[]): string {
  const [first] = keys;
  if (first === undefined) throw new IncompleteCriteria('a list is asked for nothing');
  if (keys.length === 1) return `${operand(first)} in list(${JSON.stringify(list)})`;
  return `listed(${[JSON.stringify(list), ...keys.map(printValue)].join(', ')})`;
}

/** Texts of groups within groups: of a long condition all but one are as they were after each change. */
const PRINTED = new WeakMap<Condition, string>();

function inGroup(condition: Condition): string {
  if (condition.kind === 'cel') return `(${printCriteria(condition)})`;
  if (condition.kind !== 'group') return printCriteria(condition);
  const known = PRINTED.get(condition);
  if (known !== undefined) return known;
  const text = `(${printCriteria(condition)})`;
  PRINTED.set(condition, text);
  return text;
}

/** What `!` takes without parentheses: it binds closer than every operator. */
const CLOSED: readonly Condition['kind'][] = ['text', 'mentions', 'present', 'flag', 'quantifier'];

function negated(condition: Condition): string {
  const text = printCriteria(condition);
  const isClosed = CLOSED.includes(condition.kind) || (condition.kind === 'listed' && condition.keys.length > 1);
  return isClosed ? text : `(${text})`;
}

/** The text of a value. @throws IncompleteCriteria */
function printValue(value: Value): string {
  switch (value.kind) {
    case 'path':
      if (value.path.length === 0) throw new IncompleteCriteria('a value names nothing');
      return value.path.join('.');
    case 'literal':
      return literal(value);
    case 'arithmetic': {
      const { operator, left, right } = value;
      return `${side(left, operator, false)} ${operator} ${side(right, operator, true)}`;
    }
    case 'call':
      return [`${value.name}(${value.args.map(printValue).join(', ')})`, ...value.fields].join('.');
    case 'member':
      return `${receiver(value.value)}.${value.name}(${value.args.map(printValue).join(', ')})`;
    case 'count':
      return `size(${filtered(value.over, value.variable, value.where)})`;
    case 'sum': {
      const { over, variable, where, of } = value;
      const range = where === null ? receiver(over) : filtered(over, variable, where);
      return `sum(${range}.map(${variable}, ${printValue(of)}))`;
    }
    case 'cel':
      return ownText(value.text);
    case 'empty':
      throw new IncompleteCriteria('a value is empty');
  }
}

function filtered(over: Value, variable: string, where: Condition | null): string {
  return where === null ? printValue(over) : `${receiver(over)}.filter(${variable}, ${printCriteria(where)})`;
}

const PRECEDENCE: Readonly<Record<Arithmetic, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2 };

/** A side of an arithmetic operator, in parentheses where it binds less closely; the right one also where as closely. */
function side(value: Value, operator: Arithmetic, isRight: boolean): string {
  if (value.kind !== 'arithmetic') return operand(value);
  const [own, outer] = [PRECEDENCE[value.operator], PRECEDENCE[operator]];
  const text = printValue(value);
  return own < outer || (isRight && own === outer) ? `(${text})` : text;
}

function operand(value: Value): string {
  return value.kind === 'cel' ? `(${printValue(value)})` : printValue(value);
}

const RECEIVERS: readonly Value['kind'][] = ['path', 'call', 'member'];

/** What stands before a point. */
function receiver(value: Value): string {
  return RECEIVERS.includes(value.kind) ? printValue(value) : `(${printValue(value)})`;
}

function literal(value: Literal): string {
  switch (value.type) {
    case 'text':
      // Half a surrogate pair is no character, and CEL has no text for it.
      return JSON.stringify(value.value.replace(/\p{Surrogate}/gu, '\ufffd'));
    case 'date':
      return `timestamp(${JSON.stringify(value.value)})`;
    case 'duration':
      return `duration(${JSON.stringify(value.value)})`;
    case 'number':
      return double(value.value);
    case 'integer':
      if (!Number.isSafeInteger(value.value)) throw new IncompleteCriteria('a whole number is not whole');
      return String(value.value);
    case 'boolean':
      return String(value.value);
  }
}

/** With a point or an exponent, which makes it a double in CEL. */
function double(value: number): string {
  if (!Number.isFinite(value)) throw new IncompleteCriteria('a number is missing');
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function ownText(text: string): string {
  if (text.trim() === '') throw new IncompleteCriteria('a CEL text is empty');
  return text;
}
