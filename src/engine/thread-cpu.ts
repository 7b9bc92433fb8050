import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Of the thread that asks, as the kernel knows it; null where it does not say (only Linux does). */
export function kernelThread(): number | null {
  try {
    return Number(basename(readlinkSync('/proc/thread-self')));
  } catch {
    return null;
  }
}

/** Milliseconds that a thread of this process has been on a processor; null where the kernel does not say. */
export function cpuMsOf(kernelThread: number | null): number | null {
  if (kernelThread === null) return null;
  try {
    const [nanoseconds] = readFileSync(`/proc/self/task/${kernelThread}/schedstat`, 'latin1').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return null;
  }
}
