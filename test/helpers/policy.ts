import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyBundle } from '../../src/profiles/bundle.ts';

const DIR = join(import.meta.dirname, 'policy');

/**
 * A small policy for tests of other parts: BR-001 red and mandatory, AD-001, UV-001, TR-001 yellow, CP-001 yellow at
 * 50 %, UD-001 blue; every declaration of office 55099 is drawn red; importer 180340012349 is exempt from UV-001,
 * party 990140000099 is forced red.
 */
export function fixtureBundle(changes: Readonly<Record<string, string | null>> = {}): PolicyBundle {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(DIR, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(DIR.length + 1)] = readFileSync(path, 'utf8');
  }
  for (const [name, text] of Object.entries(changes)) {
    if (text === null) delete files[name];
    else files[name] = text;
  }
  return { files };
}
