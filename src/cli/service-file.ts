import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How commands find the service that runs on a data folder. */
export interface RunningService {
  readonly pid: number;
  readonly http: string;
  readonly nats: string;
  /** Under which its heads leave the machine. */
  readonly ingress: string;
  /** Folder of the keys to a NATS server of the service's own; null where somebody else runs it. */
  readonly natsKeys: string | null;
  /** `iss` of its development issuer; null where it believes another. */
  readonly devIssuer: string | null;
}

const FILE = 'service.json';

/** Whole or not at all, whoever reads at the same time. */
export async function writeServiceFile(dataDir: string, service: RunningService): Promise<void> {
  const path = join(dataDir, FILE);
  await writeFile(`${path}.${process.pid}`, `${JSON.stringify(service)}\n`);
  await rename(`${path}.${process.pid}`, path);
}

export async function removeServiceFile(dataDir: string): Promise<void> {
  await rm(join(dataDir, FILE), { force: true });
}

/** Null where no service runs on this folder; the file of one that was killed does not count. */
export async function findRunningService(dataDir: string): Promise<RunningService | null> {
  try {
    const service = JSON.parse(await readFile(join(dataDir, FILE), 'utf8')) as RunningService;
    process.kill(service.pid, 0);
    return service;
  } catch {
    return null;
  }
}
