import { decode } from './messagepack.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/**
 * Compiled codecs for values of one fixed shape. What they write is canonical MessagePack, byte for byte what
 * `encode()` of messagepack.ts writes for the same value; what they read is exactly that, keys in their order, and
 * anything else throws. The keys of a shape are constants: written in one copy, compared and never decoded, so that
 * the cost is that of the values.
 */
export type Shape =
  | 'text'
  | 'number'
  | 'boolean'
  | 'bytes'
  /** An object of any names with texts, numbers, booleans and null for values. */
  | 'scalars'
  | { readonly kind: 'maybe'; readonly of: Shape }
  | { readonly kind: 'list'; readonly of: Shape }
  /** A value of this shape, as a byte string that holds its MessagePack. */
  | { readonly kind: 'nested'; readonly of: Shape }
  | { readonly kind: 'record'; readonly fields: Readonly<Record<string, Shape>> };

/** Null, or a value of this shape. */
export function maybe(of: Shape): Shape {
  return { kind: 'maybe', of };
}

export function list(of: Shape): Shape {
  return { kind: 'list', of };
}

export function nested(of: Shape): Shape {
  return { kind: 'nested', of };
}

/** An object with these fields, in this order, and no others. */
export function record<T>(fields: { readonly [K in keyof Required<T>]: Shape }): Shape {
  return { kind: 'record', fields: fields as Readonly<Record<string, Shape>> };
}

export interface Codec<T> {
  encode(value: T): Uint8Array;
  /** Byte strings of the value are views into `bytes`. @throws where the bytes are not one value of this shape. */
  decode(bytes: Uint8Array): T;
}

export function compileCodec<T>(shape: Shape): Codec<T> {
  const writer = new Writer();
  const write = compileWrite(shape) as (writer: Writer, value: T) => void;
  const read = compileRead(shape) as (reader: Reader) => T;
  return {
    encode(value) {
      writer.begin();
      write(writer, value);
      return writer.take();
    },
    decode(bytes) {
      const reader = new Reader(bytes);
      const value = read(reader);
      reader.end();
      return value;
    },
  };
}

/** Source text of functions, one per record, over shared constants. */
class Source {
  readonly constants: unknown[] = [];
  readonly functions: string[] = [];

  constant(value: unknown): string {
    return `k[${this.constants.push(value) - 1}]`;
  }

  define(parameters: string, body: string): string {
    const name = `f${this.functions.length}`;
    this.functions.push(`function ${name}(${parameters}) { ${body} }`);
    return name;
  }

  make(parameters: string, body: string): unknown {
    const all = [...this.functions, `return function (${parameters}) { ${body} };`].join('\n');
    return new Function('k', `"use strict";\n${all}`)(this.constants);
  }
}

/** What stands before the value of each field: the map's head and the key for the first, the key for the others. */
function keysOf(fields: Readonly<Record<string, Shape>>): [name: string, shape: Shape, before: Uint8Array][] {
  const entries = Object.entries(fields);
  return entries.map(([name, shape], index) => {
    const writer = new Writer();
    writer.begin();
    if (index === 0) writer.mapHead(entries.length);
    writer.text(name);
    return [name, shape, writer.take()];
  });
}

function compileWrite(shape: Shape): unknown {
  const source = new Source();
  const body = writeOf(shape, 'v', source, 0);
  return source.make('w, v', body);
}

function writeOf(shape: Shape, value: string, source: Source, depth: number): string {
  if (typeof shape === 'string') return `w.${shape}(${value});`;
  if (shape.kind === 'maybe')
    return `if (${value} === null) w.nil(); else { ${writeOf(shape.of, value, source, depth)} }`;
  if (shape.kind === 'nested') {
    const inner = source.constant(new Writer());
    const name = source.define('w, v', `w.begin(); ${writeOf(shape.of, 'v', source, 0)}`);
    return `${name}(${inner}, ${value}); w.bytes(${inner}.view());`;
  }
  if (shape.kind === 'list') {
    const [all, i] = [`a${depth}`, `i${depth}`];
    const each = writeOf(shape.of, `${all}[${i}]`, source, depth + 1);
    return `const ${all} = ${value}; w.listHead(${all}.length); for (let ${i} = 0; ${i} < ${all}.length; ${i}++) { ${each} }`;
  }
  const fields = keysOf(shape.fields).map(
    ([name, of, before]) =>
      `w.raw(${source.constant(before)}); { ${writeOf(of, `v[${JSON.stringify(name)}]`, source, 0)} }`,
  );
  const name = source.define('w, v', fields.join('\n') || 'w.mapHead(0);');
  return `${name}(w, ${value});`;
}

function compileRead(shape: Shape): unknown {
  const source = new Source();
  const value = readOf(shape, source);
  return source.make('r', `return ${value};`);
}

/** An expression that reads the value. */
function readOf(shape: Shape, source: Source): string {
  if (typeof shape === 'string') return `r.${shape}()`;
  if (shape.kind === 'maybe') return `(r.nil() ? null : ${readOf(shape.of, source)})`;
  if (shape.kind === 'nested') {
    const name = source.define('r', `const v = ${readOf(shape.of, source)}; r.end(); return v;`);
    return `${name}(r.nested())`;
  }
  if (shape.kind === 'list') {
    const each = readOf(shape.of, source);
    const body = `const n = r.listHead(); const a = []; for (let i = 0; i < n; i++) a.push(${each}); return a;`;
    return `${source.define('r', body)}(r)`;
  }
  const keys = keysOf(shape.fields);
  const fields = keys.map(
    ([, of, before], i) => `r.raw(${source.constant(before)}); const v${i} = ${readOf(of, source)};`,
  );
  const made = keys.map(([name], i) => `${JSON.stringify(name)}: v${i}`).join(', ');
  const body = `${fields.join('\n') || 'if (r.mapHead() !== 0) r.fail();'} return { ${made} };`;
  return `${source.define('r', body)}(r)`;
}

/**
 * By the codec where the bytes are as it writes them, else the general way: an older version, another type, or damaged.
 * @throws where they are not MessagePack.
 */
export function decodeEither<T>(codec: Codec<T>, bytes: Uint8Array): T {
  try {
    return codec.decode(bytes);
  } catch {
    return decode(bytes) as T;
  }
}
