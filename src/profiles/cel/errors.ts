/** An expression could not be evaluated: thrown by emitted code. */
export class ExpressionError extends Error {
  override readonly name: string = 'ExpressionError';
}

/** An evaluation took more steps than it may. No && or || absorbs it. */
export class StepLimitError extends ExpressionError {
  override readonly name = 'StepLimitError';
}

/** For use in expressions: `cond ? value : fail('…')`. */
export function fail(message: string): never {
  throw new ExpressionError(message);
}
