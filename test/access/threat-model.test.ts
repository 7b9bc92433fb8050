import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const model = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8');
const points = model.split(/^## /m).filter((section) => /^API\d+ /.test(section));
const held = (section: string) =>
  [...section.matchAll(/^- `(test\/[^`]+\.test\.ts)`: (.+)$/gm)].map(([, file = '', name = '']) => ({ file, name }));

it('goes through every point of the OWASP API Security Top Ten, each held by a test', () => {
  const named = points.map((section) => /^API(\d+)/.exec(section)?.[1]);
  expect(named).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
  for (const section of points) expect(held(section).length, section.slice(0, 40)).toBeGreaterThan(0);
});

it('names tests that are there', () => {
  const missing = points.flatMap(held).filter(({ file, name }) => {
    const path = join(ROOT, file);
    // As the first argument of a test, whichever quotes it stands in; `${…}` in a name is written as it stands.
    return !(
      existsSync(path) && ["'", '"', '`'].some((quote) => readFileSync(path, 'utf8').includes(quote + name + quote))
    );
  });
  expect(missing).toEqual([]);
});
