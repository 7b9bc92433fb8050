import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config.ts';
import { type Service, startService } from '../../src/service.ts';
import { startNats } from './nats.ts';

export interface Started {
  readonly service: Service;
  close(): Promise<void>;
}

/** The whole service in this process under the rules of a folder, with a broker and a data folder of its own. */
export async function startWith(rulesDir: string): Promise<Started> {
  const nats = await startNats();
  const dataDir = await mkdtemp(join(tmpdir(), 'corridor-data-'));
  const tidyUp = async (): Promise<void> => {
    await nats.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  const config = loadConfig({
    CORRIDOR_DATA: dataDir,
    CORRIDOR_RULES: rulesDir,
    CORRIDOR_PORT: '0',
    CORRIDOR_LOG: 'silent',
    CORRIDOR_DEADLINE_MS: '4000',
    NATS_URL: nats.url,
  });
  try {
    const service = await startService(config);
    return { service, close: () => service.stop().finally(tidyUp) };
  } catch (error) {
    await tidyUp();
    throw error;
  }
}
