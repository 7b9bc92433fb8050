import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brokerConfig, ensureBrokerKeys } from '../stream/broker-config.ts';
import type { Broker } from '../stream/login.ts';
import { CommandFailure } from './command.ts';

/** A NATS server with JetStream of our own, on loopback, with its store in the data folder; it lets in our roles alone. */
export interface OwnNatsServer extends Broker {
  readonly login: { readonly keysDir: string };
  /** Ends it in order; resolves when it has ended. */
  stop(): Promise<void>;
}

export interface NatsServerOptions {
  /** Absolute; will hold `nats/` (the store), `nats.conf`, `nats.pid`, `nats.log`, and the keys in `keys/nats/`. */
  readonly dataDir: string;
  /** Taken where it is free, else any free port. 0: any. */
  readonly preferredPort: number;
  readonly message: (text: string) => void;
}

const LOOPBACK = '127.0.0.1';
const STORE = 'nats';
const CONFIG_FILE = 'nats.conf';
const PID_FILE = 'nats.pid';
const MISSING = 'A NATS server is missing: install nats-server 2.9 or newer, or set NATS_URL (or --nats)';
const START_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 5000;
const RESTART_PAUSE_MS = 200;
/** Debian's package puts it where a user's path often does not look. */
const FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * Starts the server, and starts it again when it dies. It stands in a process group of its own, so that Ctrl-C reaches
 * it only after the service has drained. One that an earlier, killed process left behind is ended first: two servers
 * must not share a store.
 * @throws CommandFailure where there is no nats-server, or it does not start.
 */
export async function startNatsServer(options: NatsServerOptions): Promise<OwnNatsServer> {
  await mkdir(join(options.dataDir, STORE), { recursive: true });
  await endLeftover(options.dataDir);
  const keysDir = brokerKeysDir(options.dataDir);
  await writeConfig(options.dataDir, keysDir);
  const port = await choosePort(options.preferredPort);
  let stopping = false;
  let child = await launch(port, options.dataDir);
  child.once('exit', onExit);
  const endAtExit = (): void => void child.kill('SIGTERM');
  process.once('exit', endAtExit);

  function onExit(code: number | null, signal: string | null): void {
    if (stopping) return;
    options.message(`nats-server ended (${signal ?? `code ${code}`}); starting it again`);
    void restart();
  }

  async function restart(): Promise<void> {
    while (!stopping) {
      await delay(RESTART_PAUSE_MS);
      try {
        const next = await launch(port, options.dataDir);
        child = next;
        if (stopping) return void next.kill('SIGTERM');
        next.once('exit', onExit);
        return;
      } catch (error) {
        options.message((error as Error).message);
      }
    }
  }

  return {
    url: `nats://${LOOPBACK}:${port}`,
    login: { keysDir },
    async stop() {
      stopping = true;
      await endChild(child);
      process.off('exit', endAtExit);
      await rm(join(options.dataDir, PID_FILE), { force: true });
    },
  };
}

export function brokerKeysDir(dataDir: string): string {
  return join(dataDir, 'keys', 'nats');
}

/** Who may connect, and what each of them may do. */
async function writeConfig(dataDir: string, keysDir: string): Promise<void> {
  const path = join(dataDir, CONFIG_FILE);
  await rm(path, { force: true });
  await writeFile(path, brokerConfig(ensureBrokerKeys(keysDir)), { mode: 0o600 });
}

/** Resolves when the server answers with JetStream on. */
async function launch(port: number, dataDir: string): Promise<ChildProcess> {
  const path = [process.env.PATH ?? '', ...FOLDERS].join(delimiter);
  const args = [
    '-a',
    LOOPBACK,
    '-p',
    String(port),
    '-js',
    '-sd',
    join(dataDir, STORE),
    '-c',
    join(dataDir, CONFIG_FILE),
  ];
  const logFile = join(dataDir, 'nats.log');
  const log = await open(logFile, 'w');
  const child = spawn('nats-server', args, {
    stdio: ['ignore', 'ignore', log.fd],
    detached: true,
    env: { ...process.env, PATH: path },
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new CommandFailure(MISSING, { cause });
  } finally {
    await log.close();
  }
  await writeFile(join(dataDir, PID_FILE), `${child.pid}\n`);
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await answers(port))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > deadline) {
      await endChild(child);
      const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-5);
      throw new CommandFailure(
        [`nats-server ${ended ? 'ended at its start' : 'does not answer'}:`, ...lines].join('\n'),
      );
    }
    await delay(20);
  }
  return child;
}

/** Whether a server with JetStream sends its greeting on this port. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('data', (data) => settle(data.includes('"jetstream":true')));
  });
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(killer);
}

/** Ends the process of the pid file, if it is still the server of this very store. */
async function endLeftover(dataDir: string): Promise<void> {
  const pid = Number(await readFile(join(dataDir, PID_FILE), 'utf8').catch(() => ''));
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  for (let waitedMs = 0; (await commandLineOf(pid)).includes(join(dataDir, STORE)); waitedMs += 50) {
    try {
      process.kill(pid, waitedMs < STOP_DEADLINE_MS ? 'SIGTERM' : 'SIGKILL');
    } catch {
      return;
    }
    await delay(50);
  }
}

/** Says whether the pid belongs to another process by now; empty where there is none. */
async function commandLineOf(pid: number): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    const ps = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'args=']).catch(() => null);
    return ps?.stdout ?? '';
  }
}

async function choosePort(preferred: number): Promise<number> {
  return (await probe(preferred)) ?? (await probe(0)) ?? preferred;
}

/** The port, where one can listen on it. */
async function probe(port: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  } catch {
    return null;
  } finally {
    server.close();
  }
}
