/** One line, without its end; `bytes` is null where it was too long to be kept. */
export interface Line {
  /** From 1, empty lines counted. */
  readonly number: number;
  readonly bytes: Buffer | null;
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
/** U+FEFF in UTF-8. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Splits a stream of bytes into lines and holds at most one line of `bytesMax`, whatever arrives: the rest of a line
 * that is longer is thrown away as it comes. Empty lines are left out, and a byte order mark before the first.
 */
export async function* splitLines(source: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<Line> {
  let number = 1;
  let parts: Buffer[] = [];
  let length = 0;
  let tooLong = false;

  const keep = (part: Buffer): void => {
    length += part.length;
    tooLong ||= length > bytesMax;
    if (tooLong) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const finish = (): Line | null => {
    const line = tooLong ? null : trimmed(parts, number === 1);
    const made = line !== null && line.length === 0 ? null : { number, bytes: line };
    number += 1;
    parts = [];
    length = 0;
    tooLong = false;
    return made;
  };

  for await (const chunk of source) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, at));
      from = at + 1;
      const line = finish();
      if (line !== null) yield line;
    }
    // What a chunk leaves over is copied, so that it does not hold on to the whole chunk.
    if (from < chunk.length) keep(Buffer.from(chunk.subarray(from)));
  }
  const last = length > 0 ? finish() : null;
  if (last !== null) yield last;
}

function trimmed(parts: readonly Buffer[], isFirst: boolean): Buffer {
  const [only] = parts;
  const line = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  const from = isFirst && line.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  return line.subarray(from, line.at(-1) === CARRIAGE_RETURN ? -1 : undefined);
}
