import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * One process per data folder. The lock is a file that holds the process id and, where /proc tells it, when that
 * process began: a process id that was used again does not keep a dead process's lock alive.
 */
export interface FolderLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** Boot and start time of the process; null where the system does not tell. */
  readonly began: string | null;
}

/** Folders that this process holds: a worker or a second call shares its process id. */
const held = new Set<string>();

/** @throws where another living process, or this one, holds the folder. */
export function lockFolder(dir: string): FolderLock {
  mkdirSync(dir, { recursive: true });
  const folder = resolve(dir);
  if (held.has(folder)) throw new Error(`${folder} is already open in this process`);
  const path = join(folder, 'lock');
  const mine = join(folder, `lock.${process.pid}`);
  writeFileSync(mine, JSON.stringify({ pid: process.pid, began: beganOf(process.pid) } satisfies Holder));
  try {
    take(mine, path, folder);
  } finally {
    rmSync(mine, { force: true });
  }
  held.add(folder);
  return {
    release() {
      if (!held.delete(folder)) return;
      rmSync(path, { force: true });
    },
  };
}

/** A hard link appears whole or not at all, and fails where the lock exists. */
function take(mine: string, path: string, folder: string): void {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      linkSync(mine, path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readHolder(path);
    if (holder !== null && isAlive(holder)) {
      throw new Error(`${folder} is in use by process ${holder.pid}; stop it, or choose another data folder`);
    }
    setAside(path, mine);
  }
  throw new Error(`${folder} cannot be locked: other processes are trying to take it over`);
}

/** Moves a dead process's lock out of the way; of several that try, one succeeds. */
function setAside(path: string, mine: string): void {
  const stale = `${mine}.stale`;
  try {
    renameSync(path, stale);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = readHolder(stale);
  if (taken !== null && isAlive(taken)) linkSync(stale, path);
  rmSync(stale, { force: true });
}

function readHolder(path: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    return Number.isInteger(holder.pid) ? holder : null;
  } catch {
    return null;
  }
}

function isAlive({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return began === null || began === beganOf(pid);
}

/** Boot id and start time in clock ticks (field 22 of proc(5) stat). */
function beganOf(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot} ${afterName[19]}`;
  } catch {
    return null;
  }
}
