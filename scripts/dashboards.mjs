/** `npm run dashboards`: writes grafana/dashboards and the generated rules from their source. */
import { join } from 'node:path';
import { build, installPackages, ROOT, requireNode } from './prepare.mjs';
import { replaceBy } from './run.mjs';

requireNode();
installPackages();
build();
replaceBy(['--enable-source-maps', join(ROOT, 'dist/grafana/build.js')]);
