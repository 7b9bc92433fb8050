import { encode } from '@msgpack/msgpack';
import { saying } from '../ingress/fixture.ts';

/** A body that must be refused, and what it claims to be. */
export interface MalformedBody {
  readonly type: string;
  readonly bytes: Buffer;
}

/** xorshift32: the same bodies for the same seed. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 1;
  }

  next(below: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % below;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.next(list.length)] as T;
  }
}

const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', '\u0000', 'ключ', '/~', '😀'];
const TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '𝔘𝔫𝔦',
  'e\u0301'.repeat(50),
  '\u202e',
  'x'.repeat(3000),
  '-1',
  'NaN',
];
const NUMBERS = ['1e400', '-1e400', '9007199254740993', '1e-400', '-0', '123456789012345678901234567890', '0.1e1'];

/** Any JSON value, as text. */
function junk(dice: Dice, depth = 0): string {
  switch (dice.next(depth > 3 ? 5 : 8)) {
    case 0:
      return dice.pick(['null', 'true', 'false']);
    case 1:
      return dice.pick(NUMBERS);
    case 2:
      return String(dice.next(1_000_000));
    case 3:
    case 4:
      return JSON.stringify(dice.pick(TEXTS));
    case 5:
      return `[${Array.from({ length: dice.next(5) }, () => junk(dice, depth + 1)).join(',')}]`;
    default: {
      const fields = Array.from({ length: dice.next(5) }, () => {
        return `${JSON.stringify(dice.pick(KEYS))}:${junk(dice, depth + 1)}`;
      });
      return `{${fields.join(',')}}`;
    }
  }
}

/** A valid declaration in which one value, wherever it stands, is replaced by one that cannot be right there. */
function spoiled(dice: Dice, n: number): string {
  const holders: [Record<string, unknown>, string][] = [];
  const value = saying(`F-${n}`) as unknown as Record<string, unknown>;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      holders.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(value);
  const [holder, key] = dice.pick(holders);
  holder[key] = '\u0001spoiled';
  // No schema takes this: a key it does not know, with a value of any kind.
  return JSON.stringify(value)
    .replace('"\\u0001spoiled"', junk(dice))
    .replace('{', `{${JSON.stringify(dice.pick(KEYS))}:${junk(dice)},`);
}

function nested(dice: Dice): string {
  const depth = 1 + dice.next(dice.next(20) === 0 ? 100_000 : 200);
  return dice.next(2) === 0 ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

function wide(dice: Dice): string {
  const count = dice.next(dice.next(20) === 0 ? 100_000 : 500);
  const items = Array.from({ length: count }, () => '{}').join(',');
  return JSON.stringify(saying('F-wide'))
    .replace(/"items":\[.*?\],"documents/, `"items":[${items}],"documents`)
    .replace('"office"', '"offices"');
}

function bytesAt(dice: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => dice.next(256)));
}

function messagePack(dice: Dice, n: number): Buffer {
  const whole = Buffer.from(
    encode(
      JSON.parse(
        spoiled(dice, n)
          .replaceAll(/-?\d[\d.]*e[-+]?\d+/g, '1')
          .replaceAll('"__proto__"', '"x"'),
      ),
    ),
  );
  switch (dice.next(6)) {
    case 0:
      return whole;
    case 1:
      return whole.subarray(0, dice.next(whole.length));
    case 2:
      return Buffer.concat([Buffer.from([0xdd, 0x7f, 0xff, 0xff, 0xff]), bytesAt(dice, dice.next(50))]);
    case 3:
      return Buffer.alloc(1 + dice.next(5000), 0x91);
    case 4:
      return Buffer.from(encode({ ...saying(`F-${n}`), id: new Uint8Array(8), at: new Date(0), big: Number.NaN }));
    default:
      return bytesAt(dice, 1 + dice.next(300));
  }
}

/** The n-th malformed body of this run. */
export function malformed(dice: Dice, n: number): MalformedBody {
  const json = (text: string): MalformedBody => ({ type: 'application/json', bytes: Buffer.from(text) });
  switch (dice.next(9)) {
    case 0: {
      const text = JSON.stringify(saying(`F-${n}`));
      return json(text.slice(0, dice.next(text.length)));
    }
    case 1:
      return json(junk(dice));
    case 2:
      return json(nested(dice));
    case 3:
      return json(wide(dice));
    case 4:
      return {
        type: 'application/json',
        bytes: Buffer.concat([Buffer.from('{"id":"'), bytesAt(dice, 1 + dice.next(200)), Buffer.from('"}')]),
      };
    case 5:
    case 6:
      return { type: 'application/msgpack', bytes: messagePack(dice, n) };
    default:
      return json(spoiled(dice, n));
  }
}
