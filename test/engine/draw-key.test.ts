import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drawer, ensureDrawKeys, readDrawKeys } from '../../src/engine/draw-key.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'corridor-keys-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('the first start makes a key that only its owner can read; the next keeps it', () => {
  const file = join(dir, 'keys', 'draw.json');
  ensureDrawKeys(file);
  const keys = readDrawKeys(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  ensureDrawKeys(file);
  expect(readDrawKeys(file)).toEqual(keys);
  expect(readdirSync(join(dir, 'keys'))).toEqual(['draw.json']);
});

test('a draw is the first 53 bits of the keyed hash of the id, and names its key', () => {
  const hex = 'ab'.repeat(32);
  const { value, keyId } = drawer({ current: 'k2', keys: { k1: 'cd'.repeat(32), k2: hex } })('D-1');
  const mac = createHmac('sha256', Buffer.from(hex, 'hex')).update('D-1').digest('hex');
  expect(value).toBe(Number(BigInt(`0x${mac.slice(0, 16)}`) >> 11n) / 2 ** 53);
  expect(keyId).toBe('k2');
});

test('draws are spread evenly over [0, 1)', () => {
  const draw = drawer({ current: 'k1', keys: { k1: 'ab'.repeat(32) } });
  const values = Array.from({ length: 10_000 }, (_, i) => draw(`D-${i}`).value);
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = values.filter((value) => Math.floor(value * 10) === tenth).length / values.length;
    expect(share).toBeGreaterThan(0.085);
    expect(share).toBeLessThan(0.115);
  }
});

test('a file without a current key is refused, never replaced', () => {
  const file = join(dir, 'draw.json');
  writeFileSync(file, '{"current":"k9","keys":{}}');
  expect(() => ensureDrawKeys(file)).toThrow('no current key');
});
