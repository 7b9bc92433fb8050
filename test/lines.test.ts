import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitLines } from '../src/lines.ts';

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function linesOf(text: string, size: number, max = 1000): Promise<[number, string | null][]> {
  const found: [number, string | null][] = [];
  for await (const { number, bytes } of splitLines(chunksOf(Buffer.from(text), size), max)) {
    found.push([number, bytes?.toString() ?? null]);
  }
  return found;
}

it('gives the same lines however the bytes arrive', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'ж', '😀', ' ', '{') });
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      async (lines, end, ended, size) => {
        const text = lines.join(end) + (ended ? end : '');
        const expected = lines.map((each, index) => [index + 1, each]).filter(([, each]) => each !== '');
        expect(await linesOf(text, size)).toEqual(expected);
      },
    ),
  );
});

it('leaves out a byte order mark before the first line, and nowhere else', async () => {
  for (const size of [1, 2, 100]) {
    expect(await linesOf('\uFEFFa\r\n\uFEFFb\n', size)).toEqual([
      [1, 'a'],
      [2, '\uFEFFb'],
    ]);
    expect(await linesOf('\uFEFF\na', size)).toEqual([[2, 'a']]);
    expect(await linesOf('\uFEFF', size)).toEqual([]);
  }
});

it('throws away a line that is too long, and goes on with the next', async () => {
  expect(await linesOf(`a\n${'x'.repeat(50)}\nb\n${'y'.repeat(50)}`, 7, 10)).toEqual([
    [1, 'a'],
    [2, null],
    [3, 'b'],
    [4, null],
  ]);
});
