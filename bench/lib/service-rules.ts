import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/config.ts';
import { readBundle } from '../../src/profiles/bundle.ts';
import { casesOf } from './cases.ts';
import { selectiveBundle } from './selective.ts';

/** The 40 shipped profiles and 70 generated ones. */
const PROFILES = 110;
/** Declarations whose goods, makers and traders the generated ones ask for. */
const CASES = 500;

/** Writes the policy that the rules' benchmark measures at this size as a folder of rules. */
export async function writeRules(dir: string): Promise<void> {
  const shipped = await readBundle(join(packageRoot(), 'rules'));
  const { files } = selectiveBundle(PROFILES, shipped, casesOf(CASES));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
}
