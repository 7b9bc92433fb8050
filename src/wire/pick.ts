import { decode, encode } from './messagepack.ts';

/**
 * What to take out of a canonical MessagePack value: `WHOLE`, some fields of a map in their canonical order (of each
 * map, where the value is a list of them), or the same of MessagePack that is nested as bytes.
 */
export type Shape = typeof WHOLE | Fields | Nested;
export interface Fields {
  readonly [field: string]: Shape;
}
export class Nested {
  readonly shape: Shape;

  constructor(shape: Shape) {
    this.shape = shape;
  }
}
export const WHOLE = 'whole';

interface Wanted {
  readonly name: string;
  /** The name in MessagePack. */
  readonly key: Uint8Array;
  readonly plan: Plan;
}

/** A shape as it is walked: no fields for the whole value. */
interface Plan {
  readonly isNested: boolean;
  readonly fields: readonly Wanted[] | null;
}

/**
 * Makes a decoder that builds only what the shape names and steps over the rest: of a record of some kilobytes it
 * takes a few values in the time that decoding it takes for a tenth. Nil stays null whatever the shape says.
 * The decoder throws where the bytes are not one MessagePack value, or a value does not have the shape.
 */
export function picker(shape: Shape): (bytes: Uint8Array) => unknown {
  const plan = planOf(shape);
  return (bytes) => {
    const cursor = new Cursor(bytes);
    const value = cursor.take(plan);
    if (cursor.at !== bytes.length) throw new RangeError('not one MessagePack value');
    return value;
  };
}

function planOf(shape: Shape): Plan {
  if (shape === WHOLE) return { isNested: false, fields: null };
  if (shape instanceof Nested) return { isNested: true, fields: planOf(shape.shape).fields };
  const fields = Object.entries(shape).map(([name, of]) => {
    return { name, key: encode(name).slice(), plan: planOf(of) };
  });
  return { isNested: false, fields };
}

const eight = new Uint8Array(8);
const eightView = new DataView(eight.buffer);

class Cursor {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take({ isNested, fields }: Plan): unknown {
    if (this.#bytes[this.at] === 0xc0) {
      this.at += 1;
      return null;
    }
    const end = isNested ? this.#enter() : null;
    if (fields === null) return this.#whole();
    const items = this.#length(0x90, 0xdc);
    if (items === null) return this.#fields(fields, end);
    return Array.from({ length: this.#plausible(items) }, () => this.#fields(fields, null));
  }

  /** Goes into bytes, which are expected to be one value; where they end. */
  #enter(): number {
    const head = this.#byte();
    if (head < 0xc4 || head > 0xc6) throw new RangeError('not bytes');
    const length = this.#uint(1 << (head - 0xc4));
    return this.at + this.#plausible(length);
  }

  /** @param end Where the map's last value ends, if that is known: behind the last field wanted nothing is walked over. */
  #fields(fields: readonly Wanted[], end: number | null): Record<string, unknown> {
    const size = this.#length(0x80, 0xde);
    if (size === null) throw new RangeError('not a map');
    const taken: Record<string, unknown> = {};
    let next = 0;
    for (let field = 0; field < size; field++) {
      if (end !== null && next === fields.length) {
        this.at = end;
        return taken;
      }
      const wanted = fields[next];
      if (wanted !== undefined && this.#isKey(wanted.key)) {
        this.at += wanted.key.length;
        taken[wanted.name] = this.take(wanted.plan);
        next += 1;
      } else {
        this.#skip();
        this.#skip();
      }
    }
    if (next < fields.length) throw new RangeError(`no ${fields[next]?.name}`);
    return taken;
  }

  #isKey(key: Uint8Array): boolean {
    for (let index = 0; index < key.length; index++) if (this.#bytes[this.at + index] !== key[index]) return false;
    return true;
  }

  /** Length of a list or map that starts here; null where something else does. */
  #length(fix: number, long: number): number | null {
    const head = this.#byte();
    if ((head & 0xf0) === fix) return head & 0x0f;
    if (head === long) return this.#uint(2);
    if (head === long + 1) return this.#uint(4);
    this.at -= 1;
    return null;
  }

  #whole(): unknown {
    const start = this.at;
    const head = this.#byte();
    if (head < 0x80) return head;
    if (head >= 0xa0 && head <= 0xbf) return this.#short(head - 0xa0);
    if (head === 0xcb) return this.#double();
    if (head >= 0xcc && head <= 0xce) return this.#uint(1 << (head - 0xcc));
    if (head === 0xc0) return null;
    if (head === 0xcf) return this.#uint(4) * 2 ** 32 + this.#uint(4);
    this.at = start;
    const items = this.#length(0x90, 0xdc);
    if (items !== null) return Array.from({ length: this.#plausible(items) }, () => this.#whole());
    this.#skip();
    return decode(this.#bytes.subarray(start, this.at));
  }

  /** Short strings are ASCII more often than not. */
  #short(length: number): string {
    const end = this.at + length;
    if (end > this.#bytes.length) throw new RangeError('cut off');
    let text = '';
    for (let at = this.at; at < end; at++) {
      const code = this.#bytes[at] as number;
      if (code >= 0x80) {
        text = decode(this.#bytes.subarray(this.at - 1, end)) as string;
        break;
      }
      text += String.fromCharCode(code);
    }
    this.at = end;
    return text;
  }

  #double(): number {
    for (let index = 0; index < 8; index++) eight[index] = this.#byte();
    return eightView.getFloat64(0);
  }

  #uint(bytes: number): number {
    let value = 0;
    for (let index = 0; index < bytes; index++) value = value * 256 + this.#byte();
    return value;
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new RangeError('cut off');
    this.at += 1;
    return byte;
  }

  /** Every element takes a byte at least: a length beyond that is a lie, and would be paid for in memory. */
  #plausible(length: number): number {
    if (length > this.#bytes.length - this.at) throw new RangeError('cut off');
    return length;
  }

  /** Steps over one value, with all that it holds. */
  #skip(): void {
    const bytes = this.#bytes;
    let at = this.at;
    for (let left = 1; left > 0; left--) {
      const head = bytes[at++];
      if (head === undefined) throw new RangeError('cut off');
      if (head < 0x80 || head >= 0xe0 || head === 0xc0) continue;
      if (head < 0x90) left += 2 * (head & 0x0f);
      else if (head < 0xa0) left += head & 0x0f;
      else if (head < 0xc0) at += head & 0x1f;
      else {
        this.at = at;
        left += this.#skipLong(head);
        at = this.at;
      }
    }
    if (at > bytes.length) throw new RangeError('cut off');
    this.at = at;
  }

  /** @returns how many values are held. */
  #skipLong(head: number): number {
    if (head <= 0xc3) return 0;
    if (head <= 0xc6) this.#forward(this.#uint(1 << (head - 0xc4)));
    else if (head <= 0xc9) this.#forward(1 + this.#uint(1 << (head - 0xc7)));
    else if (head <= 0xcb) this.#forward(head === 0xca ? 4 : 8);
    else if (head <= 0xcf) this.#forward(1 << (head - 0xcc));
    else if (head <= 0xd3) this.#forward(1 << (head - 0xd0));
    else if (head <= 0xd8) this.#forward(1 + (1 << (head - 0xd4)));
    else if (head <= 0xdb) this.#forward(this.#uint(1 << (head - 0xd9)));
    else return head <= 0xdd ? this.#uint(head === 0xdc ? 2 : 4) : 2 * this.#uint(head === 0xde ? 2 : 4);
    return 0;
  }

  /** A method, because `+=` would read the place before the length that moves it is read. */
  #forward(bytes: number): void {
    this.at += bytes;
  }
}
