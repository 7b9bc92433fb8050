import { statfs } from 'node:fs/promises';
import { DISK_FREE_BYTES_MIN } from '../limits.ts';

/** One condition of being ready, by name. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What is missing, or what there is; nothing confidential. */
  readonly detail: string;
}

/** Says how one part of the service is; a throw counts as not ok. */
export interface Probe {
  readonly name: string;
  check(): Promise<Omit<Check, 'name'>> | Omit<Check, 'name'>;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly Check[];
}

export interface Health {
  add(probe: Probe): void;
  readiness(): Promise<Readiness>;
}

const PROBE_DEADLINE_MS = 1000;

export function createHealth(probes: readonly Probe[] = []): Health {
  const all = [...probes];
  return {
    add: (probe) => void all.push(probe),
    async readiness() {
      const checks = await Promise.all(all.map(run));
      return { ready: checks.every(({ ok }) => ok), checks };
    },
  };
}

async function run(probe: Probe): Promise<Check> {
  try {
    return { name: probe.name, ...(await withDeadline(probe)) };
  } catch (error) {
    return { name: probe.name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

function withDeadline(probe: Probe): Promise<Omit<Check, 'name'>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer in time')), PROBE_DEADLINE_MS);
    Promise.resolve()
      .then(() => probe.check())
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/** Free bytes on the disk that holds a folder. */
async function diskFreeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

/** Room for the ledger, the read models and the broker's store. */
export function diskProbe(
  dir: string,
  observe: (freeBytes: number) => void = () => {},
  leastBytes: number = DISK_FREE_BYTES_MIN,
): Probe {
  return {
    name: 'disk',
    async check() {
      const free = await diskFreeBytes(dir);
      observe(free);
      const mib = (bytes: number) => `${Math.floor(bytes / 1024 / 1024)} MiB`;
      const detail = `${mib(free)} free, ${mib(leastBytes)} needed`;
      return { ok: free >= leastBytes, detail };
    },
  };
}
