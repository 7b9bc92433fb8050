import { CRITERIA_DEPTH_MAX } from '../limits.ts';
import { type SctlPlace, type SctlToken, sctlTokens } from './sctl-tokens.ts';

/**
 * Selection criteria as ASYCUDA writes them (UNCTAD, ASYCUDA++ functional manual, section 6 and appendix A): statements
 * and expressions with their places. What they mean is not looked at here.
 *
 *   Criteria "APPLES";
 *   If ComCod = "080810" and CtyOrigCod = "US" Then
 *     RedLane IS 100;
 *   Endif;
 */

export interface SctlProblem extends SctlPlace {
  readonly message: string;
}

export type SctlComparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type SctlExpr = { readonly place: SctlPlace } & (
  | { readonly kind: 'text'; readonly value: string }
  /** As it is written: codes keep their leading zeros. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly SctlExpr[] }
  | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly operands: readonly SctlExpr[] }
  | { readonly kind: 'not'; readonly operand: SctlExpr }
  | { readonly kind: 'compare'; readonly operator: SctlComparison; readonly left: SctlExpr; readonly right: SctlExpr }
  | {
      readonly kind: 'arithmetic';
      readonly operator: '+' | '-' | '*' | '/';
      readonly left: SctlExpr;
      readonly right: SctlExpr;
    }
);

export type SctlStatement = { readonly place: SctlPlace } & (
  | { readonly kind: 'criteria'; readonly name: string }
  | { readonly kind: 'assign'; readonly name: string; readonly value: SctlExpr }
  | {
      readonly kind: 'if';
      readonly condition: SctlExpr;
      readonly body: readonly SctlStatement[];
      readonly otherwise: readonly SctlStatement[];
    }
);

export interface SctlProgram {
  readonly statements: readonly SctlStatement[];
  readonly problems: readonly SctlProblem[];
}

/** Reads on behind a statement that cannot be read: every one is either in `statements` or named in `problems`. */
export function parseSctl(text: string): SctlProgram {
  return new Parser(sctlTokens(text)).program();
}

class Fault extends Error {
  readonly place: SctlPlace;

  constructor(place: SctlPlace, message: string) {
    super(message);
    this.place = place;
  }
}

class Parser {
  readonly #tokens: readonly SctlToken[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly SctlToken[]) {
    this.#tokens = tokens;
  }

  program(): SctlProgram {
    const statements: SctlStatement[] = [];
    const problems: SctlProblem[] = [];
    while (this.#peek().kind !== 'end') {
      const first = this.#next;
      this.#depth = 0;
      try {
        statements.push(this.#statement());
      } catch (fault) {
        if (!(fault instanceof Fault)) throw fault;
        problems.push({ ...fault.place, message: fault.message });
        this.#skip(first);
      }
    }
    return { statements, problems };
  }

  /** To behind the statement that begins at a token: to the Endif of its If, or to its semicolon. */
  #skip(first: number): void {
    let open = 0;
    for (this.#next = first; this.#peek().kind !== 'end'; this.#next++) {
      const { word, text } = this.#peek();
      if (word === 'criteria' && this.#next > first) return;
      if (word === 'if') open++;
      if (word === 'endif') open--;
      if (open > 0 || (text !== ';' && word !== 'endif')) continue;
      this.#next++;
      if (word === 'endif') this.#takes(';');
      return;
    }
  }

  #statement(): SctlStatement {
    const { word, place, text, kind } = this.#take('a statement');
    if (word === 'criteria') {
      const name = this.#take('the name of the criteria');
      if (name.kind !== 'text' && name.kind !== 'name') throw new Fault(name.place, 'a name is expected');
      this.#end();
      return { kind: 'criteria', name: name.text, place };
    }
    if (word === 'if') return this.#nested(place, () => this.#if(place));
    if (kind !== 'name' || word !== null) throw new Fault(place, `a statement is expected, not ${text}`);
    const sign = this.#take('IS');
    if (sign.word !== 'is') throw new Fault(sign.place, `IS is expected behind ${text}, not ${sign.text}`);
    const value = this.#or();
    this.#end();
    return { kind: 'assign', name: text, value, place };
  }

  #if(place: SctlPlace): SctlStatement {
    const condition = this.#or();
    this.#keyword('then', 'Then');
    const body = this.#block(place);
    const otherwise = this.#takesWord('else') ? this.#block(place) : [];
    this.#keyword('endif', 'Endif');
    this.#takes(';');
    return { kind: 'if', condition, body, otherwise, place };
  }

  #block(opened: SctlPlace): SctlStatement[] {
    const statements: SctlStatement[] = [];
    for (;;) {
      const { word, kind } = this.#peek();
      if (word === 'else' || word === 'endif') return statements;
      if (kind === 'end' || word === 'criteria') throw new Fault(opened, 'this If has no Endif');
      statements.push(this.#statement());
    }
  }

  /** The last statement of a block may do without a semicolon. */
  #end(): void {
    if (this.#takes(';')) return;
    const { word, kind, place, text } = this.#peek();
    if (word === 'endif' || word === 'else' || kind === 'end') return;
    throw new Fault(place, `; is expected, not ${text}`);
  }

  #or(): SctlExpr {
    return this.#logic('or', () => this.#logic('and', () => this.#not()));
  }

  #logic(operator: 'and' | 'or', operand: () => SctlExpr): SctlExpr {
    const first = operand();
    const operands = [first];
    while (this.#takesWord(operator)) operands.push(operand());
    return operands.length === 1 ? first : { kind: 'logic', operator, operands, place: first.place };
  }

  #not(): SctlExpr {
    const { place } = this.#peek();
    if (!this.#takesWord('not')) return this.#comparison();
    return { kind: 'not', operand: this.#nested(place, () => this.#not()), place };
  }

  #comparison(): SctlExpr {
    const left = this.#sum();
    const { word, place } = this.#peek();
    const operator = COMPARISONS[word ?? ''];
    if (operator === undefined) return left;
    this.#next++;
    return { kind: 'compare', operator, left, right: this.#sum(), place };
  }

  #sum(): SctlExpr {
    return this.#chain(['+', '-'], () => this.#chain(['*', '/'], () => this.#operand()));
  }

  #chain(operators: readonly string[], operand: () => SctlExpr): SctlExpr {
    let left = operand();
    for (let length = 0; operators.includes(this.#peek().word ?? ''); length++) {
      const { word, place } = this.#take('an operator');
      if (length === CRITERIA_DEPTH_MAX) throw new Fault(place, `more than ${length} operators in a row`);
      left = { kind: 'arithmetic', operator: word as '+', left, right: operand(), place };
    }
    return left;
  }

  #operand(): SctlExpr {
    const { kind, text, word, place } = this.#take('a value');
    if (kind === 'text') return { kind, value: text, place };
    if (kind === 'number') return { kind, text, place };
    if (word === '-' && this.#peek().kind === 'number') {
      return { kind: 'number', text: `-${this.#take('a number').text}`, place };
    }
    if (text === '(') {
      const inner = this.#nested(place, () => this.#or());
      this.#sign(')');
      return inner;
    }
    if (kind !== 'name' || word !== null) throw new Fault(place, `a value is expected, not ${text}`);
    return this.#takes('(') ? this.#nested(place, () => this.#call(text, place)) : { kind: 'name', name: text, place };
  }

  #call(name: string, place: SctlPlace): SctlExpr {
    const args: SctlExpr[] = [];
    if (this.#takes(')')) return { kind: 'call', name, args, place };
    do args.push(this.#or());
    while (this.#takes(','));
    this.#sign(')');
    return { kind: 'call', name, args, place };
  }

  #nested<T>(place: SctlPlace, read: () => T): T {
    if (++this.#depth > CRITERIA_DEPTH_MAX) throw new Fault(place, `nested more than ${CRITERIA_DEPTH_MAX} deep`);
    const result = read();
    this.#depth--;
    return result;
  }

  #peek(): SctlToken {
    return this.#tokens[this.#next] as SctlToken;
  }

  #take(what: string): SctlToken {
    const token = this.#peek();
    if (token.kind === 'end') throw new Fault(token.place, `${what} is expected at the end`);
    if (token.kind === 'bad') throw new Fault(token.place, token.text);
    this.#next++;
    return token;
  }

  #takes(sign: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.#next++;
    return true;
  }

  #takesWord(word: string): boolean {
    if (this.#peek().word !== word) return false;
    this.#next++;
    return true;
  }

  #sign(sign: string): void {
    if (!this.#takes(sign)) throw new Fault(this.#peek().place, `${sign} is expected`);
  }

  #keyword(word: string, shown: string): void {
    if (!this.#takesWord(word)) throw new Fault(this.#peek().place, `${shown} is expected`);
  }
}

const COMPARISONS: Readonly<Record<string, SctlComparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
