/** `npm start`: everything on this machine, with slow generated traffic to look at. Options go on: npm start -- --port 9000. */
import { join } from 'node:path';
import { build, installPackages, provideNatsServer, ROOT, requireNode } from './prepare.mjs';
import { replaceBy } from './run.mjs';

requireNode();
installPackages();
build();
const args = process.argv.slice(2);
const elsewhere = process.env.NATS_URL || args.some((arg) => arg === '--nats' || arg.startsWith('--nats='));
if (!elsewhere) provideNatsServer();
const main = join(ROOT, 'dist/src/main.js');
replaceBy(['--enable-source-maps', main, 'start', '--demo', '20', ...args]);
