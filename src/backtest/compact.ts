import type { Shape } from '../wire/codec.ts';

/**
 * Codecs for many values of one shape in little memory: no keys, every text once (by its number in a table), small
 * whole numbers in four bytes, others in a table of doubles. Reading is array look-ups and making the objects.
 */
export interface CompactCodec<T> {
  write(value: T, to: CompactWriter): void;
  read(from: CompactReader): T;
}

/** Stands for nil, and for a number that is kept as a double. No whole number or text has it. */
const NIL = 0xffff_ffff;
const DOUBLE = 0xffff_fffe;

/** Gathers values; `take` gives what a `CompactReader` reads. */
export class CompactWriter {
  #words = new Uint32Array(1 << 16);
  #length = 0;
  readonly #doubles: number[] = [];
  readonly #texts = new Map<string, number>();

  word(value: number): void {
    if (this.#length === this.#words.length) {
      const longer = new Uint32Array(this.#words.length * 2);
      longer.set(this.#words);
      this.#words = longer;
    }
    this.#words[this.#length++] = value;
  }

  number(value: number): void {
    if (value >= 0 && value < DOUBLE && Number.isInteger(value) && !Object.is(value, -0)) {
      this.word(value);
      return;
    }
    this.word(DOUBLE);
    this.#doubles.push(value);
  }

  text(value: string): void {
    let number = this.#texts.get(value);
    if (number === undefined) {
      number = this.#texts.size;
      this.#texts.set(value, number);
    }
    this.word(number);
  }

  nil(): void {
    this.word(NIL);
  }

  take(): CompactTables {
    return {
      words: this.#words.slice(0, this.#length),
      doubles: Float64Array.from(this.#doubles),
      texts: [...this.#texts.keys()],
    };
  }
}

export interface CompactTables {
  readonly words: Uint32Array;
  readonly doubles: Float64Array;
  readonly texts: readonly string[];
}

/** Reads values in the order in which they were written. */
export class CompactReader {
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #texts: readonly string[];
  #at = 0;
  #double = 0;

  constructor({ words, doubles, texts }: CompactTables) {
    this.#words = words;
    this.#doubles = doubles;
    this.#texts = texts;
  }

  word(): number {
    return this.#words[this.#at++] as number;
  }

  number(): number {
    const word = this.#words[this.#at++] as number;
    return word === DOUBLE ? (this.#doubles[this.#double++] as number) : word;
  }

  boolean(): boolean {
    return this.#words[this.#at++] === 1;
  }

  text(): string {
    return this.#texts[this.#words[this.#at++] as number] as string;
  }

  /** Whether there is nil, which is stepped over. */
  nil(): boolean {
    if (this.#words[this.#at] !== NIL) return false;
    this.#at++;
    return true;
  }
}

/** Of shapes made of records, lists, texts, numbers and booleans. @throws for any other. */
export function compactCodec<T>(shape: Shape): CompactCodec<T> {
  const functions: string[] = [];
  const write = writing(shape, 'v', functions, 0);
  const read = reading(shape, functions);
  const source = `"use strict";
${functions.join('\n')}
return { write(v, w) { ${write} }, read(r) { return ${read}; } };`;
  return new Function(source)() as CompactCodec<T>;
}

function writing(shape: Shape, value: string, functions: string[], depth: number): string {
  if (shape === 'text' || shape === 'number') return `w.${shape}(${value});`;
  if (shape === 'boolean') return `w.word(${value} ? 1 : 0);`;
  if (typeof shape === 'string' || shape.kind === 'nested') throw new Error('not a shape that is kept compactly');
  if (shape.kind === 'maybe') {
    return `if (${value} === null) w.nil(); else { ${writing(shape.of, value, functions, depth)} }`;
  }
  if (shape.kind === 'list') {
    const each = `e${depth}`;
    const body = writing(shape.of, each, functions, depth + 1);
    return `w.word(${value}.length); for (const ${each} of ${value}) { ${body} }`;
  }
  const fields = Object.entries(shape.fields).map(([name, of]) => writing(of, `v.${name}`, functions, 0));
  const name = `f${functions.length}`;
  functions.push(`function ${name}(v, w) { ${fields.join(' ')} }`);
  return `${name}(${value}, w);`;
}

function reading(shape: Shape, functions: string[]): string {
  if (shape === 'text' || shape === 'number' || shape === 'boolean') return `r.${shape}()`;
  if (typeof shape === 'string' || shape.kind === 'nested') throw new Error('not a shape that is kept compactly');
  if (shape.kind === 'maybe') return `(r.nil() ? null : ${reading(shape.of, functions)})`;
  const define = (body: string): string => {
    const name = `f${functions.length}`;
    functions.push(`function ${name}(r) { ${body} }`);
    return `${name}(r)`;
  };
  if (shape.kind === 'list') {
    const each = reading(shape.of, functions);
    return define(`const n = r.word(); const a = []; for (let i = 0; i < n; i++) a.push(${each}); return a;`);
  }
  const fields = Object.entries(shape.fields).map(([name, of], i) => [name, `v${i}`, reading(of, functions)]);
  const values = fields.map(([, variable, read]) => `const ${variable} = ${read};`);
  return define(
    `${values.join(' ')} return { ${fields.map(([name, variable]) => `${name}: ${variable}`).join(', ')} };`,
  );
}
