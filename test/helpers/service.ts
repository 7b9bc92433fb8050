import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { devKeyFile, readDevKey } from '../../src/access/dev-key.ts';
import { type Authorise, bearerFor } from '../../src/cli/credentials.ts';
import { freePort } from './nats.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/src/main.js');

export interface ServiceOptions {
  readonly natsUrl: string;
  readonly role?: 'all' | 'ingress' | 'engine';
  readonly rules?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs node for us, such as strace with its options. */
  readonly under?: readonly string[];
  /** Gets what the process writes to stderr: its logs. */
  readonly onMessage?: (text: string) => void;
}

/** The built service as a process of its own, on a free port, in its own data folder, to be killed and started again. */
export class ServiceProcess {
  readonly url: string;
  readonly dataDir: string;
  /** As a machine that may submit for anybody, by the key in the data folder. */
  readonly authorise: Authorise;
  private readonly root: string;
  private readonly port: number;
  private readonly options: ServiceOptions;
  private child: ChildProcess | null = null;
  /** What the process wrote to stderr so far, for the message of a test that fails. */
  stderr = '';

  constructor(root: string, port: number, options: ServiceOptions) {
    this.root = root;
    this.dataDir = join(root, 'data');
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.options = options;
    this.authorise = bearerFor({
      sign: async (user, ttlMs) => (await readDevKey(devKeyFile(this.dataDir))).sign(`${this.url}/dev`, user, ttlMs),
    });
  }

  get pid(): number {
    return this.child?.pid ?? -1;
  }

  /** Starts the process; resolves when it is ready to decide, with the milliseconds that took. */
  async start(withinMs = 30_000): Promise<number> {
    await mkdir(this.dataDir, { recursive: true });
    const started = performance.now();
    const { role = 'all', natsUrl, rules = join(ROOT, 'test/helpers/policy'), under = [] } = this.options;
    const [command = process.execPath, ...before] = [...under, process.execPath];
    const args = [...before, MAIN, 'start', '--role', role, '--port', String(this.port), '--nats', natsUrl];
    const child = spawn(command, [...args, '--data', this.dataDir, '--rules', rules], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...this.options.env },
    });
    this.child = child;
    running.add(child);
    child.stderr?.on('data', (data: Buffer) => {
      this.stderr = (this.stderr + data.toString()).slice(-20_000);
      this.options.onMessage?.(data.toString());
    });
    child.once('exit', () => {
      running.delete(child);
      if (this.child === child) this.child = null;
    });
    await this.ready(withinMs, started);
    return performance.now() - started;
  }

  /** Resolves when `/readyz` says so; with the milliseconds since `since`. */
  async ready(withinMs = 30_000, since = performance.now()): Promise<number> {
    for (;;) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      if (answer?.ok) return performance.now() - since;
      if (this.child === null) throw new Error(`the service ended at its start:\n${this.stderr}`);
      if (performance.now() - since > withinMs) {
        throw new Error(`not ready within ${withinMs} ms: ${await answer?.text()}\n${this.stderr}`);
      }
      await delay(20);
    }
  }

  kill(): Promise<void> {
    return this.end('SIGKILL').then(() => {});
  }

  /** SIGTERM; the exit code. */
  stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.root, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (child === null) return null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = await exited;
    return code as number | null;
  }
}

export async function createService(options: ServiceOptions): Promise<ServiceProcess> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run npm run build`);
  const root = await mkdtemp(join(tmpdir(), 'corridor-service-'));
  return new ServiceProcess(root, await freePort(), options);
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
