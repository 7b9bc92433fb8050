/** `npm run dashboards`: writes what is generated beside its source. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../src/config.ts';
import { generated } from './generated.ts';

for (const [path, text] of generated()) {
  const file = join(packageRoot(), 'grafana', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stderr.write(`corridor: wrote grafana/${path}\n`);
}
