import { COMPREHENSION_STEPS_MAX } from '../../limits.ts';
import { ExpressionError, StepLimitError } from './errors.ts';

/** && and || where operands may fail, and comprehensions, whose steps are counted. */

export type Thunk = () => boolean;

/** CEL's && and ||: an operand that decides absorbs the errors of the others, on whichever side they stand. */
export function decide(operands: readonly Thunk[], deciding: boolean): boolean {
  let error: unknown = null;
  for (const operand of operands) {
    try {
      if (operand() === deciding) return deciding;
    } catch (thrown) {
      error ??= absorbable(thrown);
    }
  }
  if (error !== null) throw error;
  return !deciding;
}

function absorbable(thrown: unknown): unknown {
  if (thrown instanceof StepLimitError || !(thrown instanceof ExpressionError)) throw thrown;
  return thrown;
}

type Callback<T, R> = (value: T, index: number) => R;

/** Comprehensions over a counter of steps. */
export function comprehensions() {
  let steps = 0;
  const step = (): void => {
    if (++steps > COMPREHENSION_STEPS_MAX) {
      throw new StepLimitError(`more than ${COMPREHENSION_STEPS_MAX} steps in comprehensions`);
    }
  };
  /** Whether some element gives `deciding`; `exists` and, the other way round, `all`. */
  const some = <T>(range: readonly T[], test: Callback<T, boolean>, deciding: boolean): boolean => {
    for (let index = 0; index < range.length; index++) {
      step();
      if (test(range[index] as T, index) === deciding) return true;
    }
    return false;
  };
  const someCareful = <T>(range: readonly T[], test: Callback<T, boolean>, deciding: boolean): boolean => {
    let error: unknown = null;
    for (let index = 0; index < range.length; index++) {
      step();
      try {
        if (test(range[index] as T, index) === deciding) return true;
      } catch (thrown) {
        error ??= absorbable(thrown);
      }
    }
    if (error !== null) throw error;
    return false;
  };
  const map = <T, R>(range: readonly T[], give: Callback<T, R>): R[] => {
    const results: R[] = [];
    for (let index = 0; index < range.length; index++) {
      step();
      results.push(give(range[index] as T, index));
    }
    return results;
  };
  const filter = <T>(range: readonly T[], test: Callback<T, boolean>): T[] => {
    const kept: T[] = [];
    for (let index = 0; index < range.length; index++) {
      step();
      if (test(range[index] as T, index)) kept.push(range[index] as T);
    }
    return kept;
  };
  return {
    reset: (): void => {
      steps = 0;
    },
    exists: <T>(range: readonly T[], test: Callback<T, boolean>) => some(range, test, true),
    all: <T>(range: readonly T[], test: Callback<T, boolean>) => !some(range, test, false),
    existsCareful: <T>(range: readonly T[], test: Callback<T, boolean>) => someCareful(range, test, true),
    allCareful: <T>(range: readonly T[], test: Callback<T, boolean>) => !someCareful(range, test, false),
    existsOne: <T>(range: readonly T[], test: Callback<T, boolean>) => filter(range, test).length === 1,
    filter,
    map,
    /** Leaves out what is undefined: elements that the condition refused. */
    mapSome: <T, R>(range: readonly T[], give: Callback<T, R | undefined>): R[] =>
      map(range, give).filter((result): result is Awaited<R> & R => result !== undefined),
    toMap: <T>(range: readonly T[], give: Callback<T, readonly [unknown, unknown] | undefined>) =>
      new Map(map(range, give).filter((entry) => entry !== undefined)),
  };
}
