import type { Declaration, Item } from '../core/declaration.ts';
import type { HitValue } from '../core/profile.ts';
import { REASON_VALUE_LENGTH_MAX, REASON_VALUES_MAX } from '../limits.ts';
import type { Checked, EmitScope } from './cel/api.ts';
import { compileExpression, explain } from './cel/compile.ts';
import { createRuntime } from './cel/runtime.ts';
import type { MatchContext } from './context.ts';
import { PARAMETERS } from './environment.ts';

/**
 * Checked expressions → JavaScript functions.
 *
 *   profiles ──64 at a time──► one source text: a function per profile, over shared constants ──► new Function
 *
 * The function of a profile says whether it hits: `when` holds and `unless` does not. It throws where the profile
 * fails. A second function gives the values that made it hit; the engine compiles it when it is first called.
 */

/** `item` is null for a declaration-level profile. */
type Arguments = [declaration: Declaration, item: Item | null, context: MatchContext];
export type Evaluate = (...args: Arguments) => boolean;
export type Values = Readonly<Record<string, HitValue>>;

export interface CompiledProfile {
  readonly evaluate: Evaluate;
  readonly values: (...args: Arguments) => Values;
}

/** The expressions of one profile, checked without problems. */
export interface CheckedProfile {
  readonly when: Checked;
  readonly unless: Checked | null;
}

/** Large enough to share a prelude, small enough that the engine compiles it well. */
const CHUNK_PROFILES = 64;

export function compileProfiles(profiles: readonly CheckedProfile[]): CompiledProfile[] {
  const compiled: CompiledProfile[] = [];
  for (let from = 0; from < profiles.length; from += CHUNK_PROFILES) {
    compiled.push(...compileChunk(profiles.slice(from, from + CHUNK_PROFILES)));
  }
  return compiled;
}

type Operand = (operand: number, ...args: Arguments) => HitValue;

function compileChunk(profiles: readonly CheckedProfile[]): CompiledProfile[] {
  const constants = new Constants();
  const sources = profiles.map((profile) => profileSource(profile, constants));
  const functions = sources.map(({ evaluate, operand }) => `[${evaluate},\n${operand}]`);
  const source = `'use strict';\n${constants.prelude}return [\n${functions.join(',\n')}\n];`;
  // The text is emitted from checked expressions only: nothing of a rule's text gets into it but escaped literals.
  const make = new Function('$', 'k', source) as ($: unknown, k: readonly unknown[]) => [Evaluate, Operand][];
  const made = make(createRuntime(), constants.values);
  return made.map(([evaluate, operand], index) => ({
    evaluate,
    values: explainer(sources[index]?.operands ?? [], operand),
  }));
}

interface ProfileSourceText {
  readonly evaluate: string;
  readonly operand: string;
  /** Source texts of the operands, in the order of the cases of `operand`. */
  readonly operands: readonly string[];
}

function profileSource({ when, unless }: CheckedProfile, constants: Constants): ProfileSourceText {
  const evaluating = new FunctionScope(constants);
  const steps = [
    leaveUnless(when, '!', evaluating),
    ...(unless === null ? [] : [leaveUnless(unless, '', evaluating)]),
    'return true;',
  ];
  const explaining = new FunctionScope(constants);
  const operands = explain(when, explaining);
  const cases = operands.map(({ js }, index) => `case ${index}: return ${js};`);
  const parameters = PARAMETERS.join(', ');
  return {
    evaluate: `function (${parameters}) {\n${evaluating.prelude}${steps.join('\n')}\n}`,
    operand: `function (i, ${parameters}) {\n${explaining.prelude}switch (i) {\n${cases.join('\n')}\n}\nreturn null;\n}`,
    operands: operands.map(({ source }) => source),
  };
}

/** Statement that leaves with "no hit" where the expression, negated or not, is true. */
function leaveUnless(checked: Checked, negation: '!' | '', scope: EmitScope): string {
  const { fast, careful, steps } = compileExpression(checked, scope);
  const reset = steps ? '$.reset(); ' : '';
  const quick = `${reset}if (${negation}(${fast})) return false;`;
  if (careful === null) return quick;
  const slow = `${reset}if (${negation}(${careful})) return false;`;
  return `try { ${quick} } catch (error) { if ($.isFinal(error)) throw error; ${slow} }`;
}

/** Gives the values of the operands, as far as they can be had: an operand that fails is left out. */
function explainer(operands: readonly string[], operand: Operand): (...args: Arguments) => Values {
  const keys = operands.map((source) => source.slice(0, REASON_VALUE_LENGTH_MAX).toWellFormed());
  return (declaration, item, context) => {
    const values: Record<string, HitValue> = {};
    let room = REASON_VALUES_MAX;
    for (let index = 0; index < keys.length && room > 0; index++) {
      const key = keys[index] as string;
      if (Object.hasOwn(values, key)) continue;
      try {
        values[key] = bounded(operand(index, declaration, item, context));
        room--;
      } catch {
        // Explaining never makes a fault of a hit.
      }
    }
    return values;
  };
}

function bounded(value: HitValue): HitValue {
  if (typeof value === 'string') return value.slice(0, REASON_VALUE_LENGTH_MAX).toWellFormed();
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

/** Values made at compile time, one name each, shared by the functions of a chunk. */
class Constants {
  readonly values: unknown[] = [];
  private readonly names = new Map<unknown, string>();

  name(value: unknown): string {
    let name = this.names.get(value);
    if (name === undefined) {
      name = `k${this.values.length}`;
      this.names.set(value, name);
      this.values.push(value);
    }
    return name;
  }

  get prelude(): string {
    return this.values.map((_, index) => `const k${index} = k[${index}];\n`).join('');
  }
}

/** Constants of the chunk, temporaries of one function. */
class FunctionScope implements EmitScope {
  private readonly constants: Constants;
  private temporaries = 0;

  constructor(constants: Constants) {
    this.constants = constants;
  }

  constant(value: unknown): string {
    return this.constants.name(value);
  }

  temporary(): string {
    return `t${this.temporaries++}`;
  }

  get prelude(): string {
    const names = Array.from({ length: this.temporaries }, (_, index) => `t${index}`);
    return names.length === 0 ? '' : `let ${names.join(', ')};\n`;
  }
}
