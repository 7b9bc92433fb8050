import { Decoder, Encoder } from '@msgpack/msgpack';

/**
 * Canonical MessagePack: keys in the order the object was built in (every shape is built in one place), integers in
 * the shortest form, other numbers as float64, absent values as nil. Equal values give equal bytes.
 */
const encoder = new Encoder({ ignoreUndefined: true });
const decoder = new Decoder();

export function encode(value: unknown): Uint8Array {
  return encoder.encode(value);
}

/** @throws where the bytes are not one MessagePack value, or hold a `__proto__` key. */
export function decode(bytes: Uint8Array): unknown {
  return decoder.decode(bytes);
}
