import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/config.ts';
import { readBundle } from '../../src/profiles/bundle.ts';

/** Writes the shipped policy as a folder of rules that a benchmark may change. */
export async function writeRules(dir: string): Promise<void> {
  const { files } = await readBundle(join(packageRoot(), 'rules'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
}
