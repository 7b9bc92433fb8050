import type { EmitScope, Mode, TypedExpr } from './api.ts';

const made = new WeakMap<TypedExpr, unknown>();

/** State of one emission: which form is being emitted, where temporaries go. */
export class Emitter {
  readonly mode: Mode;
  /** && and || absorb errors. */
  readonly careful: boolean;
  readonly scope: EmitScope;
  /** JavaScript of an expression; set by `emit.ts`. */
  readonly emit: (expr: TypedExpr) => string;
  readonly #frames: string[][] = [];
  #count = 0;

  constructor(mode: Mode, careful: boolean, scope: EmitScope, emit: (emitter: Emitter, expr: TypedExpr) => string) {
    this.mode = mode;
    this.careful = careful;
    this.scope = scope;
    this.emit = (expr) => emit(this, expr);
  }

  /** A bool expression where only truth counts: absence is not true. */
  truth(expr: TypedExpr): string {
    const js = this.emit(expr);
    return expr.optional ? `(${js} === true)` : js;
  }

  /** A value made at compile time, once for an expression in however many forms it is emitted. */
  constant(expr: TypedExpr, make: () => unknown): string {
    if (!made.has(expr)) made.set(expr, make());
    return this.scope.constant(made.get(expr));
  }

  temporary(): string {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return this.scope.temporary();
    const name = `_t${++this.#count}`;
    frame.push(name);
    return name;
  }

  /** An arrow function; temporaries of its body are its own. */
  arrow(parameters: string, body: () => string): string {
    const frame: string[] = [];
    this.#frames.push(frame);
    const js = body();
    this.#frames.pop();
    return frame.length === 0
      ? `((${parameters}) => ${js})`
      : `((${parameters}) => { let ${frame.join(', ')}; return ${js}; })`;
  }

  /**
   * An operation on operands that may be absent: these are evaluated first, in order; where one is absent the result is
   * `absent`, and the other operands are not evaluated.
   */
  guard(operands: readonly TypedExpr[], absent: 'false' | 'null', operation: (...js: string[]) => string): string {
    const tests: string[] = [];
    const js = operands.map((operand) => {
      const value = this.emit(operand);
      if (!operand.optional) return value;
      if (isPath(value)) {
        tests.push(`${value} != null`);
        return value;
      }
      const name = this.temporary();
      tests.push(`(${name} = ${value}) != null`);
      return name;
    });
    const result = operation(...js);
    if (tests.length === 0) return result;
    return absent === 'false' ? `(${tests.join(' && ')} && ${result})` : `(${tests.join(' && ')} ? ${result} : null)`;
  }
}

/** Reading it twice costs next to nothing. */
function isPath(js: string): boolean {
  return /^[\w$]+(\??\.[\w$]+)*$/.test(js);
}

/** A JavaScript literal; negative numbers in parentheses. */
export function literal(value: string | number | boolean | null): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  if (Object.is(value, -0)) return '(-0)';
  return value < 0 ? `(${value})` : String(value);
}

export function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
