import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encode } from '../../src/wire/messagepack.ts';
import { Nested, picker, WHOLE } from '../../src/wire/pick.ts';

/** Not with the key that the decoder refuses. */
const value = fc.jsonValue({ maxDepth: 4 }).filter((of) => !JSON.stringify(of).includes('__proto__'));
const other = fc.oneof(
  value,
  fc.uint8Array(),
  fc.string({ minLength: 250, maxLength: 300 }),
  fc.integer(),
  fc.double(),
);

const pick = picker({ a: WHOLE, b: { c: WHOLE, d: { e: WHOLE } }, f: new Nested({ g: WHOLE }) });

it('takes what it is asked for, and steps over whatever stands between', () => {
  fc.assert(
    fc.property(fc.array(other, { minLength: 6, maxLength: 6 }), value, value, value, value, (between, a, c, e, g) => {
      const [x0, x1, x2, x3, x4, x5] = between;
      const inner = encode({ x4, g }).slice();
      const bytes = encode({
        x0,
        a,
        x1,
        b: [
          { x2, c, d: { e, x3 } },
          { c, d: null },
        ],
        f: inner,
        x5,
      }).slice();
      const plain = (of: unknown): unknown => JSON.parse(JSON.stringify(of));
      expect(plain(pick(bytes))).toEqual(
        plain({
          a,
          b: [
            { c, d: { e } },
            { c, d: null },
          ],
          f: { g },
        }),
      );
      for (let end = 0; end < bytes.length; end += 1 + Math.floor(bytes.length / 50)) {
        expect(() => pick(bytes.subarray(0, end))).toThrow(RangeError);
      }
      expect(() => pick(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(/not one/);
    }),
  );
});

it('takes every kind of number and text as it was', () => {
  const numbers = [0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -1, -33, -129, -40_000];
  const all = [
    ...numbers,
    -(2 ** 40),
    0.1,
    -1e300,
    Number.NaN,
    '',
    'қала',
    'x'.repeat(40),
    'x'.repeat(300),
    true,
    null,
  ];
  const whole = picker(WHOLE);
  for (const one of all) expect(whole(encode(one).slice())).toEqual(one);
  expect(whole(encode(all).slice())).toEqual(all);
});

it('does not walk over what stands behind the last field of nested bytes', () => {
  const inner = Buffer.concat([encode({ g: 7, h: 1 }).slice(0, -1), Buffer.from([0xc1])]);
  const bytes = encode({ a: 1, b: { c: 2, d: null }, f: inner }).slice();
  expect(pick(bytes)).toEqual({ a: 1, b: { c: 2, d: null }, f: { g: 7 } });
  const longer = bytes.slice();
  longer[longer.length - inner.length - 1] = inner.length + 1;
  expect(() => pick(longer)).toThrow(/cut off/);
});

it('throws where the value does not have the shape', () => {
  for (const wrong of [{ a: 1, b: {} }, { a: 1 }, 7, { a: 1, b: { c: 1, d: 2 }, f: new Uint8Array(0) }]) {
    expect(() => pick(encode(wrong).slice())).toThrow(RangeError);
  }
  expect(() => pick(Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]))).toThrow(RangeError);
});
