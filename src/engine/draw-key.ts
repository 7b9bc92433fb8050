import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Draw } from '../core/facts.ts';
import { ensureKeyFile } from '../key-file.ts';

/**
 * The keys of the random draw, in a file of their own: `{current, keys: {id: hex}}`. They are in no policy, stream or
 * log. Old ones stay, so that an auditor can repeat an old draw.
 */
export interface DrawKeys {
  /** Id of the key that draws now. */
  readonly current: string;
  readonly keys: Readonly<Record<string, string>>;
}

const KEY_BYTES = 32;

/** Creates the file with a first key where it is missing. @throws where it is no set of keys. */
export function ensureDrawKeys(file: string): void {
  ensureKeyFile(file, () => JSON.stringify(firstKeys()));
  readDrawKeys(file);
}

function firstKeys(): DrawKeys {
  return { current: 'k1', keys: { k1: randomBytes(KEY_BYTES).toString('hex') } };
}

/** @throws where the file is missing or is not a set of keys. */
export function readDrawKeys(file: string): DrawKeys {
  const keys = JSON.parse(readFileSync(file, 'utf8')) as DrawKeys;
  const current = typeof keys?.current === 'string' ? keys.keys?.[keys.current] : undefined;
  if (typeof current !== 'string' || !/^[0-9a-f]{64,}$/.test(current)) throw new Error(`${file}: no current key in it`);
  return keys;
}

/** Draws by declaration id: the first 53 bits of HMAC-SHA256(key, id) as a number in [0, 1). */
export function drawer({ current, keys }: DrawKeys): (declarationId: string) => Draw {
  const key = Buffer.from(keys[current] ?? '', 'hex');
  return (declarationId) => ({ value: drawOf(key, declarationId), keyId: current });
}

function drawOf(key: Uint8Array, declarationId: string): number {
  const mac = createHmac('sha256', key).update(declarationId).digest();
  return (mac.readUInt32BE(0) * 2 ** 21 + (mac.readUInt32BE(4) >>> 11)) / 2 ** 53;
}
