import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** CPU time so far, in microseconds, by role of the thread. */
export type CpuTimes = Readonly<Record<string, number>>;

/** `threads` is where name-thread.ts writes; without it a process is one role. */
export function cpuOf(pid: number, whole: string, threads: string | null = null): CpuTimes {
  const times: Record<string, number> = {};
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const role = threads === null ? whole : `${whole} ${roleOf(threads, pid, tid)}`;
    times[role] = (times[role] ?? 0) + onCpu(pid, tid);
  }
  return times;
}

/** Time on a processor; the kernel counts nanoseconds here, and hundredths of a second in `stat`. */
function onCpu(pid: number, tid: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
  } catch {
    return 0;
  }
}

/** What is not known by name began later than the engine's own threads: libuv's pool. */
function roleOf(threads: string, pid: number, tid: string): string {
  try {
    return readFileSync(join(threads, String(pid), tid), 'utf8');
  } catch {
    return 'pool';
  }
}

export function cpuBetween(before: CpuTimes, after: CpuTimes): CpuTimes {
  return Object.fromEntries(Object.entries(after).map(([role, time]) => [role, time - (before[role] ?? 0)]));
}
