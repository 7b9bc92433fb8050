const CACHED_LENGTH_MAX = 16;
/** A power of two. */
const CACHE_SIZE = 4096;
/** Codes and names come again and again: the same string then, instead of another one. */
const cache: string[] = new Array<string>(CACHE_SIZE).fill('');

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

/** Reads MessagePack of a shape that its caller knows. Every method throws where something else stands there. */
export class Reader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
  }

  /** @throws where something is left. */
  end(): void {
    if (this.#at !== this.#end) this.fail();
  }

  fail(): never {
    throw new RangeError(`the MessagePack is not of the expected shape at byte ${this.#at}`);
  }

  /** Steps over these bytes. */
  raw(expected: Uint8Array): void {
    const at = this.#at;
    const bytes = this.#bytes;
    for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) this.fail();
    this.#at = at + expected.length;
  }

  /** Whether there is nil, which is stepped over. */
  nil(): boolean {
    if (this.#bytes[this.#at] !== 0xc0) return false;
    this.#at++;
    return true;
  }

  boolean(): boolean {
    const head = this.#byte();
    if (head !== 0xc2 && head !== 0xc3) this.fail();
    return head === 0xc3;
  }

  number(): number {
    const head = this.#byte();
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    switch (head) {
      case 0xcb:
        return this.#double();
      case 0xcc:
        return this.#byte();
      case 0xcd:
        return this.#word16();
      case 0xce:
        return this.#word32();
      case 0xcf:
        return this.#word32() * 0x1_0000_0000 + this.#word32();
      case 0xd0:
        return (this.#byte() << 24) >> 24;
      case 0xd1:
        return (this.#word16() << 16) >> 16;
      case 0xd2:
        return this.#word32() | 0;
      case 0xd3:
        return (this.#word32() | 0) * 0x1_0000_0000 + this.#word32();
      default:
        return this.fail();
    }
  }

  text(): string {
    const length = this.#length(0xa0, 0xd9);
    const start = this.#take(length);
    const bytes = this.#bytes;
    let hash = length;
    for (let at = start; at < start + length; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x80) return bytes.toString('utf8', start, start + length);
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (length > CACHED_LENGTH_MAX) return bytes.toString('latin1', start, start + length);
    const slot = (hash ^ (hash >>> 12)) & (CACHE_SIZE - 1);
    const cached = cache[slot] as string;
    if (cached.length === length && this.#isAt(start, cached)) return cached;
    const text = bytes.toString('latin1', start, start + length);
    cache[slot] = text;
    return text;
  }

  /** A view, no copy. */
  bytes(): Uint8Array {
    const head = this.#byte();
    if (head < 0xc4 || head > 0xc6) this.fail();
    const length = head === 0xc4 ? this.#byte() : head === 0xc5 ? this.#word16() : this.#word32();
    const start = this.#take(length);
    const { buffer, byteOffset } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + start, length);
  }

  nested(): Reader {
    return new Reader(this.bytes());
  }

  scalars(): Record<string, string | number | boolean | null> {
    const entries: [string, string | number | boolean | null][] = [];
    for (let left = this.mapHead(); left > 0; left--) entries.push([this.text(), this.#scalar()]);
    return Object.fromEntries(entries);
  }

  #scalar(): string | number | boolean | null {
    const head = this.#bytes[this.#at] ?? 0;
    if (this.nil()) return null;
    if (head === 0xc2 || head === 0xc3) return this.boolean();
    return (head >= 0xa0 && head < 0xc0) || (head >= 0xd9 && head <= 0xdb) ? this.text() : this.number();
  }

  listHead(): number {
    const head = this.#byte();
    if (head >= 0x90 && head < 0xa0) return head & 0x0f;
    if (head === 0xdc) return this.#word16();
    return head === 0xdd ? this.#word32() : this.fail();
  }

  mapHead(): number {
    const head = this.#byte();
    if (head >= 0x80 && head < 0x90) return head & 0x0f;
    return head === 0xde ? this.#word16() : this.fail();
  }

  #length(fixed: number, first: number): number {
    const head = this.#byte();
    if (head >= fixed && head < fixed + 32) return head - fixed;
    if (head === first) return this.#byte();
    if (head === first + 1) return this.#word16();
    return head === first + 2 ? this.#word32() : this.fail();
  }

  #isAt(start: number, text: string): boolean {
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Where the next `length` bytes begin. */
  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) this.fail();
    this.#at = start + length;
    return start;
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  #word16(): number {
    const at = this.#take(2);
    return ((this.#bytes[at] as number) << 8) | (this.#bytes[at + 1] as number);
  }

  #word32(): number {
    const at = this.#take(4);
    const bytes = this.#bytes;
    const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    return high * 0x10000 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
  }

  #double(): number {
    const at = this.#take(8);
    for (let i = 0; i < 8; i++) doubleBytes[7 - i] = this.#bytes[at + i] as number;
    return double[0] as number;
  }
}
