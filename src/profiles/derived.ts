import type { Declaration, Item } from '../core/declaration.ts';
import { EXPRESSION_LENGTH_MAX } from '../limits.ts';
import type { Environment, FunctionDeclaration, Type } from './cel/api.ts';
import { check } from './cel/check.ts';
import { evaluator } from './cel/compile.ts';
import { ExpressionError, StepLimitError } from './cel/errors.ts';
import { typeName } from './cel/types.ts';
import type { MatchContext } from './context.ts';
import type { Description } from './descriptions.ts';
import { PARAMETERS } from './environment.ts';
import { ITEM } from './environment-types.ts';
import type { PolicyProblem } from './problems.ts';
import { LEVELS, type Level } from './profile-file.ts';
import { type EmbeddedText, YamlReader } from './yaml-reader.ts';

/** `fields/<name>.yaml`: a value made of others, under a name of its own. */
export interface FieldSource {
  readonly file: string;
  readonly name: string;
  readonly level: Level;
  readonly description: Description;
  readonly expression: EmbeddedText;
}

const SETTINGS = ['name', 'title', 'titleRu', 'unit', 'level', 'expression'] as const;
const NAME = {
  pattern: /^[a-z][A-Za-z0-9]{0,39}$/,
  expected: 'a name of letters and digits that begins with a small one',
};
const KINDS: readonly Type['kind'][] = ['bool', 'int', 'double', 'string', 'money', 'timestamp', 'duration'];

/** Reads one field; null where it has problems, which are added. */
export function readField(file: string, text: string, problems: PolicyProblem[]): FieldSource | null {
  const reader = new YamlReader(file, text);
  const fields = reader.fields(reader.root, 'the field', SETTINGS);
  const node = fields?.required('name') ?? null;
  const name = reader.string(node, 'name', NAME);
  const expected = /^fields\/(.+)\.yaml$/.exec(file)?.[1];
  if (node !== null && name !== null && name !== expected) {
    reader.problem(node, `name must be the name of the file, ${expected}, not ${name}`);
  }
  const en = reader.string(fields?.required('title') ?? null, 'title', { lengthMax: 200 });
  const ru = reader.string(fields?.optional('titleRu') ?? null, 'titleRu', { lengthMax: 200 });
  const unit = reader.string(fields?.optional('unit') ?? null, 'unit', { lengthMax: 20 });
  const level = reader.oneOf(fields?.optional('level') ?? null, 'level', LEVELS) ?? 'item';
  const expression = reader.embedded(fields?.required('expression') ?? null, 'expression', EXPRESSION_LENGTH_MAX);
  problems.push(...reader.problems);
  if (reader.problems.length > 0 || name === null || en === null || expression === null) return null;
  return { file, name, level, description: { en, ru: ru ?? en, unit }, expression };
}

/**
 * A derived field, compiled: `derived.name(item)`, or `derived.name()` of a declaration. It costs nothing where nobody
 * asks, and is computed once for those who ask for it of one item or declaration one after another.
 */
export class DerivedField {
  readonly source: FieldSource;
  readonly type: Type;
  readonly optional: boolean;
  readonly cost: number;
  readonly #evaluate: (declaration: Declaration, item: Item | null, context: MatchContext) => unknown;
  #epoch = -1;
  #item: Item | null = null;
  #value: unknown = null;
  #error: ExpressionError | null = null;

  constructor(source: FieldSource, checked: ReturnType<typeof check>) {
    if (checked.expr === null) throw new Error(`the field ${source.name} was compiled unchecked`);
    this.source = source;
    this.type = checked.expr.type;
    this.optional = checked.expr.optional;
    this.cost = checked.cost;
    this.#evaluate = evaluator(checked, PARAMETERS) as never;
  }

  /** @throws ExpressionError, each time again. */
  value(declaration: Declaration, item: Item | null, context: MatchContext): unknown {
    if (this.#epoch !== context.epoch || this.#item !== item) this.#compute(declaration, item, context);
    if (this.#error !== null) throw this.#error;
    return this.#value;
  }

  #compute(declaration: Declaration, item: Item | null, context: MatchContext): void {
    this.#epoch = context.epoch;
    this.#item = item;
    this.#error = null;
    try {
      this.#value = this.#evaluate(declaration, item, context);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      // Whether a profile asks for it may depend on what else it asks: it is a fault of the field, not the end of all.
      this.#error = error instanceof StepLimitError ? new ExpressionError(error.message) : error;
    }
  }

  declaration(): FunctionDeclaration {
    const { name, level } = this.source;
    const isOfItem = level === 'item';
    return {
      name: `derived.${name}`,
      params: isOfItem ? [ITEM] : [],
      result: this.type,
      optional: this.optional,
      cost: this.cost,
      emit: ([item], scope) => `${scope.constant(this)}.value(d, ${isOfItem ? item : 'null'}, x)`,
    };
  }
}

/** Names of fields in a text, whether there are such fields or not. */
function usedIn({ text }: EmbeddedText): string[] {
  return [...text.matchAll(/\bderived\s*\.\s*(\w+)/g)].map(([, name]) => name as string);
}

/**
 * Compiles fields, those first that others use.
 * @param environmentWith What an expression of a level can name beside the fields that are there already.
 */
export function deriveFields(
  sources: readonly FieldSource[],
  environmentWith: (level: Level, fields: readonly DerivedField[]) => Environment,
  problems: PolicyProblem[],
): DerivedField[] {
  const fields: DerivedField[] = [];
  let waiting = [...sources].sort((a, b) => (a.name < b.name ? -1 : 1));
  while (waiting.length > 0) {
    const names = waiting.map(({ name }) => name);
    const ready = waiting.filter(({ expression }) => !usedIn(expression).some((used) => names.includes(used)));
    if (ready.length === 0) {
      for (const { file, expression, name } of waiting) {
        const others = names.filter((other) => other !== name).join(', ');
        const message = others === '' ? `${name} uses itself` : `${name} uses itself by way of ${others}`;
        problems.push({ file, ...expression.locate(1, 1), message });
      }
      return fields;
    }
    for (const source of ready) {
      const field = fieldOf(source, environmentWith(source.level, fields), problems);
      if (field !== null) fields.push(field);
    }
    waiting = waiting.filter((source) => !ready.includes(source));
  }
  return fields;
}

function fieldOf(source: FieldSource, environment: Environment, problems: PolicyProblem[]): DerivedField | null {
  const { file, expression, name } = source;
  const checked = check(expression.text, environment, { mode: 'profile' });
  for (const { line, column, message } of checked.problems) {
    problems.push({ file, ...expression.locate(line, column), message });
  }
  if (checked.problems.length > 0 || checked.expr === null) return null;
  if (!KINDS.includes(checked.expr.type.kind)) {
    const message = `${name} must be a single value, not ${typeName(checked.expr.type)}`;
    problems.push({ file, ...expression.locate(1, 1), message });
    return null;
  }
  return new DerivedField(source, checked);
}
