import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ensureKeyFile } from '../src/key-file.ts';
import { temporaryFolder } from './helpers/folder.ts';

it('is made once, whole, for its owner alone, with nothing left beside it', async () => {
  const dir = join(await temporaryFolder(), 'keys');
  const file = join(dir, 'key');
  ensureKeyFile(file, () => {
    // Another process that starts for the first time comes before.
    ensureKeyFile(file, () => 'first');
    return 'second';
  });
  expect(readFileSync(file, 'utf8')).toBe('first\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(readdirSync(dir)).toEqual(['key']);
});
