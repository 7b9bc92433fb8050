import { createHmac, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Draw } from '../core/facts.ts';

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

/** Creates the file with a first key where it is missing, for its owner's eyes only. */
export function ensureDrawKeys(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const first: DrawKeys = { current: 'k1', keys: { k1: randomBytes(KEY_BYTES).toString('hex') } };
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    readDrawKeys(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    writeFileSync(draft, JSON.stringify(first), { mode: 0o600, flag: 'wx', flush: true });
    try {
      // A link fails where the file exists: of two processes that start at once, one names the key.
      linkSync(draft, file);
    } catch (taken) {
      if ((taken as NodeJS.ErrnoException).code !== 'EEXIST') throw taken;
    } finally {
      rmSync(draft, { force: true });
    }
  }
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
