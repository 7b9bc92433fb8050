import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise } from '../../src/core/normalise.ts';
import { generate } from '../../src/generate/generate.ts';
import { compileCodec, list, maybe, nested, record } from '../../src/wire/codec.ts';
import { decode, encode } from '../../src/wire/messagepack.ts';
import { declarationCodec } from '../../src/wire/shapes.ts';

interface Leaf {
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
  readonly bytes: Uint8Array;
  readonly absent: string | null;
}
interface Tree {
  readonly leaf: Leaf;
  readonly leaves: readonly Leaf[];
  readonly numbers: readonly number[];
  readonly lists: readonly (readonly string[])[];
  readonly maybe: Leaf | null;
}

const LEAF = record<Leaf>({ text: 'text', number: 'number', flag: 'boolean', bytes: 'bytes', absent: maybe('text') });
const codec = compileCodec<Tree>(
  record<Tree>({
    leaf: LEAF,
    leaves: list(LEAF),
    numbers: list('number'),
    lists: list(list('text')),
    maybe: maybe(LEAF),
  }),
);

const LENGTHS = [31, 32, 255, 256, 70_000].map((length) => 'a'.repeat(length));
const text = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('KZ', 'б'.repeat(16), ...LENGTHS),
);
const EDGES = [0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000, 0xffffffff, 0x100000000, Number.MAX_SAFE_INTEGER];
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.constantFrom(
    ...EDGES,
    ...EDGES.map((edge) => -edge),
    -0x20,
    -0x21,
    -0x8001,
    0.5,
    2 ** 60,
    Number.POSITIVE_INFINITY,
  ),
);
const leaf: fc.Arbitrary<Leaf> = fc.record({
  text,
  number,
  flag: fc.boolean(),
  bytes: fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(new Uint8Array(70_000))),
  absent: fc.option(text),
});
const tree: fc.Arbitrary<Tree> = fc.record({
  leaf,
  leaves: fc.array(leaf, { maxLength: 20 }),
  numbers: fc.array(number, { maxLength: 40 }),
  lists: fc.array(fc.array(text, { maxLength: 3 }), { maxLength: 3 }),
  maybe: fc.option(leaf),
});

describe('a compiled codec', () => {
  it('writes what the general encoder writes, byte for byte, and reads it back', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const bytes = codec.encode(value);
        expect(Buffer.compare(bytes, encode(value))).toBe(0);
        expect(isDeepStrictEqual(codec.decode(bytes), decode(bytes))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('reads nothing else: what is cut short, goes on, or is changed throws, or is another value of the shape', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = codec.encode(value);
        expect(() => codec.decode(bytes.subarray(0, at % bytes.length))).toThrow(RangeError);
        expect(() => codec.decode(Buffer.concat([bytes, Uint8Array.of(byte)]))).toThrow(RangeError);
        const changed = bytes.slice();
        changed[at % bytes.length] = byte;
        let read: Tree | null = null;
        try {
          read = codec.decode(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        if (read !== null) expect(Object.keys(read)).toEqual(['leaf', 'leaves', 'numbers', 'lists', 'maybe']);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a list that claims more than there is, without making room for it', () => {
    const numbers = compileCodec<number[]>(list('number'));
    expect(() => numbers.decode(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff, 1))).toThrow(RangeError);
  });
});

describe('the codec of declarations', () => {
  it('names every field in the order of the normal form: its bytes are those of the general encoder', () => {
    for (const { declaration: input } of generate({ declarations: 500, seed: 21 })) {
      const { declaration } = normalise(input);
      if (declaration === null) throw new Error(`${input.id} is not valid`);
      const bytes = declarationCodec.encode(declaration);
      expect(Buffer.compare(bytes, encode(declaration))).toBe(0);
      expect(declarationCodec.decode(bytes)).toEqual(declaration);
    }
  });
});

describe('a shape within a shape', () => {
  interface Outer {
    readonly inner: Leaf;
    readonly values: Readonly<Record<string, string | number | boolean | null>>;
  }
  const shape = { inner: nested(LEAF), values: 'scalars' } as const;
  const outer = compileCodec<Outer>(record<Outer>(shape));
  const inner = compileCodec<Leaf>(LEAF);
  const values = fc.dictionary(text, fc.oneof(text, number, fc.boolean(), fc.constant(null)), {
    noNullPrototype: true,
  });

  it('is written as a byte string of its own, names of values as they come, and both are read back', () => {
    fc.assert(
      fc.property(leaf, values, (value, named) => {
        fc.pre(!Object.hasOwn(named, '__proto__'));
        const bytes = outer.encode({ inner: value, values: named });
        expect(Buffer.compare(bytes, encode({ inner: encode(value), values: named }))).toBe(0);
        const read = outer.decode(bytes);
        expect(Buffer.compare(inner.encode(read.inner), encode(value))).toBe(0);
        expect(read.values).toEqual(decode(encode(named)));
      }),
      { numRuns: 300 },
    );
  });
});
