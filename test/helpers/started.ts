import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authorise, bearerFor } from '../../src/cli/credentials.ts';
import { loadConfig } from '../../src/config.ts';
import { type Service, type ServiceOptions, startService } from '../../src/service.ts';
import { startNats } from './nats.ts';

/** A fixed one: nothing in the tests is drawn by chance on one day and not on the next. */
const DRAW_KEYS = { current: 'k1', keys: { k1: 'a5'.repeat(32) } };

export interface Started {
  readonly service: Service;
  readonly url: string;
  readonly dataDir: string;
  /** As a machine that may submit for anybody. */
  readonly authorise: Authorise;
  close(): Promise<void>;
}

/** The whole service in this process under the rules of a folder, with a broker and a data folder of its own. */
export async function startWith(rulesDir: string, options: ServiceOptions = {}): Promise<Started> {
  const nats = await startNats();
  const dataDir = await mkdtemp(join(tmpdir(), 'corridor-data-'));
  await mkdir(join(dataDir, 'keys'), { mode: 0o700 });
  await writeFile(join(dataDir, 'keys', 'draw.json'), JSON.stringify(DRAW_KEYS), { mode: 0o600 });
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
    const service = await startService(config, options);
    const { url, devIssuer } = service;
    const close = () => service.stop().finally(tidyUp);
    return { service, url, dataDir, authorise: bearerFor(devIssuer), close };
  } catch (error) {
    await tidyUp();
    throw error;
  }
}
