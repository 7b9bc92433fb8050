import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, loadConfig } from '../config.ts';
import { type Service, startService } from '../service.ts';
import type { Terminal } from './command.ts';
import { type OwnNatsServer, startNatsServer } from './nats-server.ts';

/** A service and, where no address of one was given, its own NATS server. */
export interface LocalService {
  readonly service: Service;
  /** Drains and ends both. */
  stop(): Promise<void>;
}

export interface LocalServiceOptions {
  /** Taken by our own NATS server where it is free; 0: any. */
  readonly natsPort: number;
  readonly terminal: Terminal;
  /** Clock of event time; default: the system's. */
  readonly now?: () => number;
}

export async function startLocalService(
  config: Config,
  { natsPort, terminal, now = Date.now }: LocalServiceOptions,
): Promise<LocalService> {
  const nats = config.natsUrl === null ? await startOwnNats(config, natsPort, terminal) : null;
  try {
    const service = await startService(config, {
      now,
      ...(nats === null ? {} : { broker: { url: nats.url, login: nats.login } }),
    });
    return {
      service,
      async stop() {
        try {
          await service.stop();
        } finally {
          await nats?.stop();
        }
      },
    };
  } catch (error) {
    await nats?.stop();
    throw error;
  }
}

function startOwnNats({ dataDir }: Config, preferredPort: number, terminal: Terminal): Promise<OwnNatsServer> {
  return startNatsServer({ dataDir, preferredPort, message: (text) => terminal.message(text) });
}

export interface TemporaryServiceOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly rules: string | undefined;
  readonly terminal: Terminal;
  /** Clock of event time; default: the system's. */
  readonly now?: () => number;
}

/** Everything in a temporary folder and on free ports, whatever runs on this machine; nothing of it is left. */
export async function withTemporaryService<T>(
  { env, rules, terminal, now = Date.now }: TemporaryServiceOptions,
  use: (service: Service) => Promise<T>,
): Promise<T> {
  const data = await mkdtemp(join(tmpdir(), 'corridor-'));
  const options = { data, port: '0', host: '127.0.0.1', role: 'all', rules };
  try {
    // An issuer and a broker of its own: what the environment names is another service's.
    const own = { NATS_URL: undefined, CORRIDOR_OIDC_ISSUER: undefined };
    const config = loadConfig({ CORRIDOR_LOG: 'warn', ...env, ...own }, options);
    const local = await startLocalService(config, { natsPort: 0, terminal, now });
    try {
      return await use(local.service);
    } finally {
      await local.stop();
    }
  } finally {
    await rm(data, { recursive: true, force: true, maxRetries: 3 });
  }
}
