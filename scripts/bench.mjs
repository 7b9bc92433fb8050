/**
 * `npm run bench`: every benchmark, then the README's table. `npm run bench -- NAME …`: one of bench/, built.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, installPackages, provideNatsServer, ROOT, requireNode } from './prepare.mjs';
import { replaceBy } from './run.mjs';

/** Those that measure, in the order of the README's table. */
const ALL = ['end-to-end', 'open-loop', 'batch', 'signals', 'access', 'rules'];

requireNode();
installPackages();
build();
const [name, ...args] = process.argv.slice(2);
const names = readdirSync(join(ROOT, 'bench')).flatMap((file) => (file.endsWith('.ts') ? file.slice(0, -3) : []));
if (name === undefined || name === '--quick') {
  provideNatsServer();
  for (const each of ALL) runToItsEnd(each, name === undefined ? [] : ['--quick']);
  if (name === undefined) runToItsEnd('table', []);
} else if (names.includes(name)) {
  provideNatsServer();
  replaceBy(argsOf(name, args));
} else {
  process.stderr.write(`usage: npm run bench [-- --quick | NAME …], with one of ${names.join(', ')}\n`);
  process.exit(2);
}

function argsOf(name, args) {
  return ['--enable-source-maps', join(ROOT, 'dist/bench', `${name}.js`), ...args];
}

function runToItsEnd(name, args) {
  process.stderr.write(`${name} …\n`);
  const { status } = spawnSync(process.execPath, argsOf(name, args), { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
