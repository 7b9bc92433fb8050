import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CompactReader, CompactWriter, compactCodec } from '../../src/backtest/compact.ts';
import { list, maybe, record } from '../../src/wire/codec.ts';

interface Thing {
  readonly name: string;
  readonly size: number;
  readonly on: boolean;
  readonly note: string | null;
  readonly parts: readonly { readonly at: number | null; readonly tags: readonly string[] }[];
}

const codec = compactCodec<Thing>(
  record<Thing>({
    name: 'text',
    size: 'number',
    on: 'boolean',
    note: maybe('text'),
    parts: list(record<Thing['parts'][number]>({ at: maybe('number'), tags: list('text') })),
  }),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, 0, 0xffff_fffd, 0xffff_fffe, 0xffff_ffff, 2 ** 40, Number.NaN, Infinity),
);
const thing = fc.record({
  name: fc.string({ unit: 'binary' }),
  size: number,
  on: fc.boolean(),
  note: fc.option(fc.string()),
  parts: fc.array(fc.record({ at: fc.option(number), tags: fc.array(fc.string()) })),
});

it('gives back what was written, in its order', () => {
  fc.assert(
    fc.property(fc.array(thing), (things) => {
      const writer = new CompactWriter();
      for (const each of things) codec.write(each, writer);
      const reader = new CompactReader(writer.take());
      for (const each of things) expect(codec.read(reader)).toEqual(each);
    }),
  );
});

it('keeps each text once', () => {
  const writer = new CompactWriter();
  for (let i = 0; i < 3; i++) writer.text('again');
  expect(writer.take().texts).toEqual(['again']);
});

it('refuses shapes that it has no form for', () => {
  expect(() => compactCodec('bytes')).toThrow('not a shape');
});
