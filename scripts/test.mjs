/** `npm test`: every suite, against a real NATS server. A part of them: npm test -- test/core. */
import { join } from 'node:path';
import { build, installPackages, provideNatsServer, ROOT, requireNode } from './prepare.mjs';
import { replaceBy } from './run.mjs';

requireNode();
installPackages();
build();
// The tests start servers of their own, whatever NATS_URL says.
provideNatsServer();
process.chdir(ROOT);
replaceBy([join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]);
