import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Path of a built thread entry point, whether this file runs from its source or from `dist`. */
export function builtWorker(name: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'dist', 'workers', `${name}.js`);
    if (folder === dirname(folder)) throw new Error('no package.json above this file');
  }
}
