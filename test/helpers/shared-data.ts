import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the public data that lie beside the project, not in it; null where CORRIDOR_SHARED does not lead to it. */
export function sharedData(path: string): string | null {
  const folder = process.env.CORRIDOR_SHARED;
  if (folder === undefined || folder === '') return null;
  const file = join(folder, 'data', path);
  return existsSync(file) ? file : null;
}
