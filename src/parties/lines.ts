const NEWLINE = 0x0a;

/**
 * Lines of a UTF-8 stream, without their ends; null for one that is longer than `bytesMax`, which is passed over
 * without being held. A byte order mark at the beginning is left out.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, bytesMax: number): AsyncIterable<string | null> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let held: Uint8Array[] = [];
  let length = 0;
  let isFirst = true;
  const take = (): string | null => {
    const line = length > bytesMax ? null : decoder.decode(Buffer.concat(held));
    held = [];
    length = 0;
    const text = isFirst && line !== null ? line.replace(/^\uFEFF/, '') : line;
    isFirst = false;
    return text?.endsWith('\r') === true ? text.slice(0, -1) : text;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      hold(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    hold(chunk.subarray(start));
  }
  if (length > 0) yield take();

  function hold(part: Uint8Array): void {
    length += part.length;
    if (length > bytesMax) held = [];
    else if (part.length > 0) held.push(part);
  }
}
