/** `npm test`: every suite, against real servers. A part of them: npm test -- test/core. */
import { join } from 'node:path';
import {
  build,
  installPackages,
  provideChromium,
  provideNatsServer,
  providePrometheus,
  ROOT,
  requireNode,
} from './prepare.mjs';
import { replaceBy } from './run.mjs';

requireNode();
installPackages();
build();
// The tests start servers of their own, whatever NATS_URL says.
provideNatsServer();
providePrometheus();
provideChromium();
process.chdir(ROOT);
replaceBy([join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)]);
