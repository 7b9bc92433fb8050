/** `npm run bench -- NAME …`: one of bench/, built; without a name, the list of them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, installPackages, provideNatsServer, ROOT, requireNode } from './prepare.mjs';
import { replaceBy } from './run.mjs';

requireNode();
installPackages();
build();
const [name, ...args] = process.argv.slice(2);
const names = readdirSync(join(ROOT, 'bench')).flatMap((file) => (file.endsWith('.ts') ? file.slice(0, -3) : []));
if (!names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- NAME …, with one of ${names.join(', ')}\n`);
  process.exit(2);
}
provideNatsServer();
replaceBy(['--enable-source-maps', join(ROOT, 'dist/bench', `${name}.js`), ...args]);
