/**
 * Loaded before anything else in every thread of a measured process: writes which kernel thread it is, so that CPU time
 * can be told apart by thread. Node 20 gives all its threads one name.
 */
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** By the file that a thread runs; those of Piscina run its own. */
const ROLES: Readonly<Record<string, string>> = {
  'project.js': 'projection',
  'worker.js': 'engine',
  'one-message-engine.js': 'engine',
  'floors.js': 'responder',
};

const dir = process.env.BENCH_THREADS;
if (dir !== undefined) {
  const folder = join(dir, String(process.pid));
  mkdirSync(folder, { recursive: true });
  const name = (tid: string, role: string) => writeFileSync(join(folder, tid), role);
  if (isMainThread) for (const tid of readdirSync('/proc/self/task')) name(tid, 'v8');
  const own = basename(readlinkSync('/proc/thread-self'));
  const file = basename(process.argv[1] ?? '');
  name(own, isMainThread ? 'main' : (ROLES[file] ?? file));
}
