import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { categorise } from '../../src/cli/categorise.ts';
import { brokerKeysDir, startNatsServer } from '../../src/cli/nats-server.ts';
import { packageRoot } from '../../src/config.ts';
import { seedFile } from '../../src/stream/login.ts';
import { type CpuTimes, cpuOf } from './cpu.ts';
import { writeRules } from './service-rules.ts';
import { history, MIX_OPTIONS } from './traffic.ts';

/** Something that answers declarations, with its broker: processes of their own. */
export interface Target {
  readonly name: string;
  readonly url: string;
  /** A floor answers without a decision. */
  readonly decides: boolean;
  /** By thread, so far. */
  cpu(): CpuTimes;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const DIST = join(packageRoot(), 'dist');
const NAME_THREAD = 'bench/processes/name-thread.js';

/**
 * Makes the folder that every target starts from: 110 profiles, and the data of a service that knows the parties and has
 * decided a history, so that categories and statistics are found.
 */
export async function seed(root: string): Promise<void> {
  await writeRules(join(root, 'rules'));
  const nats = await startNats(join(root, SEED));
  try {
    const service = await startService(root, SEED, nats.url, {});
    try {
      await categorise({ url: nats.url }, MIX_OPTIONS);
      await decideHistory(service.url);
    } finally {
      await end(service.child, 'SIGTERM');
    }
  } finally {
    await nats.stop();
  }
}

const SEED = 'seed';

async function decideHistory(url: string): Promise<void> {
  const lines = history().map((declaration) => `${JSON.stringify(declaration)}\n`);
  const response = await fetch(`${url}/v1/declarations/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join(''),
  });
  const other = (await response.text()).split('\n').filter((line) => line !== '' && !line.includes('"corridor":'));
  if (other.length > 0) throw new Error(`${other.length} of the history were not decided, such as ${other[0]}`);
}

/** Corridor, as `corridor start` runs it, with its default settings. */
export async function startOurs(root: string, name: string, options: ServiceOptions = {}): Promise<Target> {
  const data = join(root, name);
  await cp(join(root, SEED), data, { recursive: true });
  const nats = await startNats(data);
  const { url, child } = await startService(root, name, nats.url, options);
  const stop = async () => {
    await end(child, 'SIGTERM');
    await nats.stop();
    await remove(data);
  };
  return { name, url, decides: true, cpu: () => cpuOfBoth(root, child, nats), stop };
}

/** The reference: see one-message-loop.ts. */
export async function startLoop(root: string, name: string): Promise<Target> {
  const data = join(root, name);
  await cp(join(root, SEED, 'models'), join(data, 'models'), { recursive: true });
  const nats = await startNats(data);
  const child = start(root, name, 'bench/processes/one-message-loop.js', [nats.url, join(root, 'rules'), data], {});
  const url = await lineOf(child, /^(http:\S+)/);
  const stop = async () => {
    await end(child, 'SIGKILL');
    await nats.stop();
    await remove(data);
  };
  return { name, url, decides: true, cpu: () => cpuOfBoth(root, child, nats), stop };
}

export interface Floors {
  readonly targets: readonly Target[];
  stop(): Promise<void>;
}

/** Echo, request-reply and publish: see floors.ts. One process, for one is under load at a time. */
export async function startFloors(root: string): Promise<Floors> {
  const data = join(root, 'floors');
  const nats = await startNats(data);
  const child = start(root, 'floors', 'bench/processes/floors.js', [nats.url], {});
  const urls = (await lineOf(child, /^(http:.+)/)).split(' ');
  const cpu = () => cpuOfBoth(root, child, nats);
  const stop = async () => {
    await end(child, 'SIGKILL');
    await nats.stop();
    await remove(data);
  };
  const names = ['Fastify echo', '+ request-reply', '+ JetStream publish'];
  const none = () => Promise.resolve();
  return { targets: names.map((name, i) => ({ name, url: urls[i] ?? '', decides: false, cpu, stop: none })), stop };
}

interface ServiceOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Built module that is loaded first. */
  readonly preload?: string;
}

async function startService(
  root: string,
  name: string,
  natsUrl: string,
  options: ServiceOptions,
): Promise<{ url: string; child: ChildProcess }> {
  const args = ['start', '--port', '0', '--nats', natsUrl, '--data', join(root, name), '--rules', join(root, 'rules')];
  // Its broker lets nobody in without a key.
  const env = { NATS_NKEY_FILE: seedFile(brokerKeysDir(join(root, name)), 'all'), ...options.env };
  const child = start(root, name, 'src/main.js', args, { ...options, env });
  return { url: await lineOf(child, /^API +(http:\S+)\/v1\/declarations/), child };
}

interface Nats {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

async function startNats(dataDir: string): Promise<Nats> {
  await mkdir(dataDir, { recursive: true });
  const message = (text: string) => void process.stderr.write(`${text}\n`);
  const { url, stop } = await startNatsServer({ dataDir, preferredPort: 0, message });
  return { url, stop, pid: Number(await readFile(join(dataDir, 'nats.pid'), 'utf8')) };
}

/** A process of its own with nothing of our environment but the path; its messages go to a file. */
function start(
  root: string,
  name: string,
  file: string,
  args: readonly string[],
  { env = {}, preload }: ServiceOptions,
): ChildProcess {
  const imports = [NAME_THREAD, ...(preload === undefined ? [] : [preload])].flatMap((module) => [
    '--import',
    pathToFileURL(join(DIST, module)).href,
  ]);
  const child = spawn(process.execPath, [...imports, join(DIST, file), ...args], {
    env: { PATH: process.env.PATH, BENCH_THREADS: join(root, 'threads'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr?.pipe(createWriteStream(join(root, `${name}.log`)));
  return child;
}

/** What the pattern's group finds in the first line that matches. */
function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`a measured process ended with ${code}`)));
    const lines = createInterface({ input: child.stdout as Readable });
    lines.on('line', (line) => {
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
}

function cpuOfBoth(root: string, { pid = 0 }: ChildProcess, nats: Nats): CpuTimes {
  return { ...cpuOf(pid, 'service', join(root, 'threads')), ...cpuOf(nats.pid, 'broker') };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
