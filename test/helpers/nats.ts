import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A real nats-server with JetStream, on a free port of loopback, with a store folder of its own. It can be stopped,
 * killed, paused and started again on the same port and folder; the folder can be copied, rolled back and emptied.
 */
export class NatsServer {
  readonly url: string;
  readonly port: number;
  readonly storeDir: string;
  private readonly root: string;
  private readonly configFile: string | null;
  private child: ChildProcess | null = null;
  private copies = 0;

  constructor(port: number, root: string, configFile: string | null = null) {
    this.port = port;
    this.url = `nats://127.0.0.1:${port}`;
    this.root = root;
    this.configFile = configFile;
    this.storeDir = join(root, 'store');
  }

  /** Resolves when the server answers with JetStream enabled. */
  async start(): Promise<void> {
    if (this.child !== null) throw new Error('the server runs already');
    const args = ['-a', '127.0.0.1', '-p', String(this.port), '-js', '-sd', this.storeDir];
    if (this.configFile !== null) args.push('-c', this.configFile);
    const child = spawn('nats-server', args, { stdio: 'ignore' });
    this.child = child;
    running.add(child);
    child.once('exit', () => {
      running.delete(child);
      if (this.child === child) this.child = null;
    });
    await once(child, 'spawn');
    for (let attempt = 0; ; attempt++) {
      if (this.child !== child) throw new Error(`nats-server ended at its start on port ${this.port}`);
      if (await answers(this.port)) return;
      if (attempt > 1000) throw new Error('nats-server does not answer');
      await delay(10);
    }
  }

  /** An orderly end; the folder stays. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  /** `kill -9`; the folder stays. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** kill -9, then start on the same port and folder. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Freezes the process: connections stay open, nothing answers. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  /** A copy of the store folder as it is on disk now; the way to it, for `rollBack`. */
  async copyStore(): Promise<string> {
    const copy = join(this.root, `copy-${++this.copies}`);
    this.pause();
    try {
      await cp(this.storeDir, copy, { recursive: true });
    } finally {
      this.resume();
    }
    return copy;
  }

  /** Puts an older copy in place of the folder, or leaves it empty; kills the server before and starts it after. */
  async rollBack(copy: string | null): Promise<void> {
    await this.kill();
    await rm(this.storeDir, { recursive: true, force: true });
    if (copy !== null) await cp(copy, this.storeDir, { recursive: true });
    await this.start();
  }

  /** Ends the server and removes its folder. */
  async close(): Promise<void> {
    await this.kill();
    await rm(this.root, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exited;
  }
}

/** Starts a server of this test's own, with this text as its configuration file. */
export async function startNats(config?: string): Promise<NatsServer> {
  const root = await mkdtemp(join(tmpdir(), 'corridor-nats-'));
  const configFile = config === undefined ? null : join(root, 'nats.conf');
  if (configFile !== null) await writeFile(configFile, config ?? '');
  const server = new NatsServer(await freePort(), root, configFile);
  await server.start();
  return server;
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Whether a server with JetStream sends its greeting on this port. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('data', (data) => settle(data.includes('"jetstream":true')));
  });
}
