/**
 * The contracts of the expression language: what an environment declares, what checking and compiling give.
 *
 *   text ──parse──► standard AST ──check──► TypedExpr ──emit──► JavaScript expression
 *
 * Values at run time, by static type: bool, string: as in JavaScript; int and double: number; money: number, integer
 * tiyn; null: null; timestamp and duration: the classes of `time.ts`; list: array; map: Map; object: the object itself.
 * Absence (of an optional field, of a lookup's result) is null or undefined.
 */

export type Mode = 'strict' | 'profile';

export type ScalarKind = 'bool' | 'int' | 'double' | 'string' | 'timestamp' | 'duration' | 'null' | 'money';

export type Type =
  | { readonly kind: ScalarKind }
  /** Known at run time only: mixed lists and maps in strict mode. As a parameter of a declared function: anything. */
  | { readonly kind: 'dyn' }
  | { readonly kind: 'list'; readonly element: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  | { readonly kind: 'object'; readonly name: string; readonly fields: ReadonlyMap<string, Field> };

/** How the value of a type is read from where it is kept: as it is; epoch milliseconds → timestamp; core Money → tiyn. */
export type Access = 'plain' | 'instant' | 'money';

export interface Field {
  readonly type: Type;
  /** May be absent: null or undefined. */
  readonly optional: boolean;
  /** JavaScript property that holds it. */
  readonly property: string;
  readonly access: Access;
}

export interface Variable {
  readonly type: Type;
  /** JavaScript expression, cheap and free of effects, usually an identifier. */
  readonly js: string;
  readonly optional?: boolean;
  readonly access?: Access;
}

/** Where emitted code finds constants and temporaries; the caller declares them around the expressions. */
export interface EmitScope {
  /** Keeps a value made at compile time (set, pattern, timestamp) and gives the JavaScript expression that reads it. */
  constant(value: unknown): string;
  /** A fresh mutable variable (`let`), for one expression; may be used again by the next expression. */
  temporary(): string;
}

/** What a call of a declared function turned out to be, from its arguments. */
export interface ResolvedCall {
  readonly result: Type;
  readonly optional?: boolean;
  /** JavaScript of the call; `args` are those of the arguments (the receiver first), names included. */
  emit(args: readonly string[], scope: EmitScope): string;
}

export interface CallProblem {
  readonly problem: string;
  /** Index of the argument at fault; the whole call where left out. */
  readonly argument?: number;
}

/**
 * A function that an environment adds. Dots are part of a name (`stats.valuePerKg`). Several declarations may share a
 * name: the first whose parameters fit is taken.
 */
export interface FunctionDeclaration {
  readonly name: string;
  /** Called as `receiver.name(…)`; the receiver is the first parameter. */
  readonly member?: boolean;
  readonly params: readonly Type[];
  /** Any number of further arguments of this type. */
  readonly rest?: Type;
  readonly result: Type;
  /** The result may be absent (null). */
  readonly optional?: boolean;
  /** Looks at the arguments at compile time: names of lists and columns, types that depend on them. */
  resolve?(args: readonly TypedExpr[]): ResolvedCall | CallProblem;
  /** JavaScript of the call, where there is no `resolve`. */
  emit?(args: readonly string[], scope: EmitScope): string;
  /** May throw at run time. Default true. */
  readonly fails?: boolean;
  /** Arguments may be absent and are passed on as null. Default: an absent argument gives absence (bool: false). */
  readonly acceptsAbsent?: boolean;
  /** Elementary steps of one call. Default 10. */
  readonly cost?: number;
}

export interface Environment {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly functions: readonly FunctionDeclaration[];
}

/** Where an expression stands in its text: offsets in UTF-16 units, end excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `line` and `column` count from 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

interface Node {
  readonly type: Type;
  /** The value may be absent. */
  readonly optional: boolean;
  readonly span: Span;
}

export type MacroKind = 'all' | 'exists' | 'exists_one' | 'filter' | 'map' | 'transform_list' | 'transform_map';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%';

/** A checked expression: a closed set of frozen records. */
export type TypedExpr =
  /** int and double: number; money: number of tiyn. */
  | (Node & { readonly kind: 'literal'; readonly value: string | number | boolean | null })
  | (Node & { readonly kind: 'variable'; readonly name: string; readonly js: string; readonly access: Access })
  | (Node & { readonly kind: 'select'; readonly operand: TypedExpr; readonly field: string })
  | (Node & { readonly kind: 'has'; readonly operand: TypedExpr; readonly field: string })
  | (Node & { readonly kind: 'index'; readonly operand: TypedExpr; readonly index: TypedExpr })
  | (Node & { readonly kind: 'not'; readonly operand: TypedExpr })
  | (Node & { readonly kind: 'negate'; readonly operand: TypedExpr })
  /** Flattened: `a && b && c` has three operands. */
  | (Node & { readonly kind: 'and' | 'or'; readonly operands: readonly TypedExpr[] })
  | (Node & {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: TypedExpr;
      readonly right: TypedExpr;
    })
  | (Node & { readonly kind: 'in'; readonly element: TypedExpr; readonly container: TypedExpr })
  | (Node & {
      readonly kind: 'arithmetic';
      readonly operator: Arithmetic;
      readonly left: TypedExpr;
      readonly right: TypedExpr;
    })
  | (Node & {
      readonly kind: 'conditional';
      readonly condition: TypedExpr;
      readonly then: TypedExpr;
      readonly otherwise: TypedExpr;
    })
  | (Node & { readonly kind: 'list'; readonly elements: readonly TypedExpr[] })
  | (Node & {
      readonly kind: 'map';
      readonly entries: readonly { readonly key: TypedExpr; readonly value: TypedExpr }[];
    })
  /** A function of the language, `args[0]` being the receiver of a member call: `startsWith`, `size`, `duration` … */
  | (Node & { readonly kind: 'builtin'; readonly name: string; readonly args: readonly TypedExpr[] })
  /** A function of the environment. */
  | (Node & {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly TypedExpr[];
      readonly declaration: FunctionDeclaration;
      readonly resolved: ResolvedCall;
    })
  | (Node & {
      readonly kind: 'macro';
      readonly macro: MacroKind;
      readonly range: TypedExpr;
      /** One or two variables, as written. */
      readonly variables: readonly string[];
      /** Their JavaScript names. */
      readonly locals: readonly string[];
      /** Condition of all, exists, exists_one, filter; of map and the transforms, where they have one. */
      readonly condition: TypedExpr | null;
      /** What map and the transforms give. */
      readonly transform: TypedExpr | null;
    })
  /** Change of representation: int literal → double, int literal or double → money, anything ↔ dyn. */
  | (Node & { readonly kind: 'convert'; readonly operand: TypedExpr })
  /** Fails whenever it is evaluated: a type error where checking is switched off (strict mode, conformance). */
  | (Node & { readonly kind: 'fail'; readonly message: string });

export interface CheckOptions {
  readonly mode: Mode;
  /** Type the whole expression must have. */
  readonly expected?: Type;
  /** Type errors become errors at run time. Strict mode only. */
  readonly unchecked?: boolean;
  /** Names are looked up in this namespace first: `a.b` for x tries a.b.x, a.x, x. */
  readonly container?: string;
}

/** `expr` is null where `problems` is not empty. `cost`: static estimate in elementary steps. */
export interface Checked {
  readonly text: string;
  readonly mode: Mode;
  readonly expr: TypedExpr | null;
  readonly problems: readonly Problem[];
  readonly cost: number;
}

/**
 * JavaScript expressions over the variables' `js`, the runtime `$` (see `runtime.ts`) and the scope's constants and
 * temporaries. Evaluate `fast`; if it throws and `careful` is not null, the answer is that of `careful`, which lets
 * && and || absorb errors as CEL demands and throws only where the expression as a whole is in error. Where `fast` does
 * not throw it is right, so that the normal path pays nothing. Call `$.reset()` before each (where `steps` is true).
 */
export interface Compiled {
  readonly type: Type;
  readonly fast: string;
  readonly careful: string | null;
  /** Takes steps of the counter: has comprehensions. */
  readonly steps: boolean;
  /** May throw. */
  readonly fails: boolean;
  /** The value may be null: absence. A boolean expression never is. */
  readonly optional: boolean;
}

/** An operand of a leaf comparison, so that the values that made a hit can be reported. */
export interface Operand {
  /** As written, white space collapsed. */
  readonly source: string;
  /** JavaScript that gives string | number | boolean | null; may throw. Money in KZT, instants in ISO 8601. */
  readonly js: string;
}

/*
 * Functions (implemented beside this file):
 *
 *   check.ts     check(text: string, env: Environment, options: CheckOptions): Checked
 *   compile.ts   compileExpression(checked: Checked, scope: EmitScope): Compiled
 *                explain(checked: Checked, scope: EmitScope): Operand[]
 *                evaluator(checked: Checked, variables: readonly string[]): (...values: unknown[]) => unknown
 *                createScope(prefix?: string): EmitScope & { constants: unknown[]; temporaries: string[] }
 *   runtime.ts   createRuntime(): Runtime — what emitted code calls `$`; one per compiled module
 *   atoms.ts     requiredAtoms(expr: TypedExpr): Atom[] — conjuncts without which the expression cannot be true
 *   types.ts     BOOL, INT, DOUBLE, STRING, TIMESTAMP, DURATION, NULL, MONEY, DYN, listOf(t), mapOf(k, v), objectOf(name, fields),
 *                field(type, property, {optional, access}), typeName(t), sameType(a, b)
 *   errors.ts    class ExpressionError extends Error — thrown by emitted code
 */

/** A condition that must hold for the expression to be true, in a form an index can use. */
export type Atom =
  /** The operand (source path such as `item.originCountry`) equals one of the literals. */
  | { readonly kind: 'equals'; readonly path: string; readonly values: readonly (string | number | boolean)[] }
  /** The operand starts with one of the literals. */
  | { readonly kind: 'prefix'; readonly path: string; readonly prefixes: readonly string[] }
  /** A call of a function of the environment, such as `x in list("name")`: for the caller to read. */
  | { readonly kind: 'expression'; readonly expr: TypedExpr };
