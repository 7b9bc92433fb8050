import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** What keys, tokens and passwords look like. */
const SECRETS = [
  /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/]/,
  /\bck_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\b/,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /\bS[UANO][A-Z2-7]{56}\b/,
  /"d"\s*:\s*"[A-Za-z0-9_-]{43}"/,
];

it('no key, password or token stands in the repository', () => {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  expect(files.length).toBeGreaterThan(100);
  const found = files.filter((file) => {
    const text = readFileSync(join(ROOT, file), 'latin1');
    return SECRETS.some((secret) => secret.test(text));
  });
  expect(found).toEqual([]);
});
