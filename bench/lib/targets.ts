import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { categorise } from '../../src/cli/categorise.ts';
import { bearerFor, signerOf } from '../../src/cli/credentials.ts';
import { findRunningService, type RunningService } from '../../src/cli/service-file.ts';
import { packageRoot } from '../../src/config.ts';
import { type Broker, seedFile } from '../../src/stream/login.ts';
import { type CpuTimes, cpuOf } from './cpu.ts';
import { startOpenBroker } from './open-broker.ts';
import type { Headers } from './orders.ts';
import { writeRules } from './service-rules.ts';
import { history, MIX_OPTIONS } from './traffic.ts';

/** Something that answers declarations, with its broker: processes of their own. */
export interface Target {
  readonly name: string;
  readonly url: string;
  /** Of every request: who asks. */
  readonly headers: Headers;
  /** What an answer with a decision holds; null: a floor answers without one. */
  readonly decision: string | null;
  /** By thread, so far. */
  cpu(): CpuTimes;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const DIST = join(packageRoot(), 'dist');
const IN_FULL = '"corridor":';
const NAME_THREAD = 'bench/processes/name-thread.js';

/**
 * Makes the folder that every target starts from: 110 profiles, and the data of a service that knows the parties and has
 * decided a history, so that categories and statistics are found.
 */
export async function seed(root: string): Promise<void> {
  await writeRules(join(root, 'rules'));
  const service = await startService(root, SEED, {});
  try {
    await categorise(service.broker, MIX_OPTIONS);
    await decideHistory(service);
  } finally {
    await end(service.child, 'SIGTERM');
  }
}

const SEED = 'seed';

async function decideHistory({ url, headers }: Service): Promise<void> {
  const lines = history().map((declaration) => `${JSON.stringify(declaration)}\n`);
  const response = await fetch(`${url}/v1/declarations/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body: lines.join(''),
  });
  const other = (await response.text()).split('\n').filter((line) => line !== '' && !line.includes(IN_FULL));
  if (other.length > 0) throw new Error(`${other.length} of the history were not decided, such as ${other[0]}`);
}

/**
 * Corridor, as `corridor start` runs it, with its default settings and a broker of its own. Requests carry a token of
 * its development issuer for a machine that submits for anybody and sees whole decisions.
 */
export async function startOurs(root: string, name: string, options: ServiceOptions = {}): Promise<Target> {
  const data = join(root, name);
  await cp(join(root, SEED), data, { recursive: true });
  const { url, headers, child } = await startService(root, name, options);
  const brokerPid = Number(await readFile(join(data, 'nats.pid'), 'utf8'));
  const stop = async () => {
    await end(child, 'SIGTERM');
    await remove(data);
  };
  return { name, url, headers, decision: IN_FULL, cpu: () => cpuOfBoth(root, child, brokerPid), stop };
}

/** The reference: see one-message-loop.ts. */
export async function startLoop(root: string, name: string): Promise<Target> {
  const data = join(root, name);
  await cp(join(root, SEED, 'models'), join(data, 'models'), { recursive: true });
  const nats = await startOpenBroker(data);
  const child = start(root, name, 'bench/processes/one-message-loop.js', [nats.url, join(root, 'rules'), data], {});
  const url = await lineOf(child, /^(http:\S+)/);
  const stop = async () => {
    await end(child, 'SIGKILL');
    await nats.stop();
    await remove(data);
  };
  return { name, url, headers: {}, decision: IN_FULL, cpu: () => cpuOfBoth(root, child, nats.pid), stop };
}

export interface Floors {
  readonly targets: readonly Target[];
  stop(): Promise<void>;
}

/** Echo, request-reply and publish: see floors.ts. One process, for one is under load at a time. */
export async function startFloors(root: string): Promise<Floors> {
  const data = join(root, 'floors');
  const nats = await startOpenBroker(data);
  const child = start(root, 'floors', 'bench/processes/floors.js', [nats.url], {});
  const urls = (await lineOf(child, /^(http:.+)/)).split(' ');
  const cpu = () => cpuOfBoth(root, child, nats.pid);
  const stop = async () => {
    await end(child, 'SIGKILL');
    await nats.stop();
    await remove(data);
  };
  const names = ['Fastify echo', '+ request-reply', '+ JetStream publish'];
  const none = () => Promise.resolve();
  const floor = { headers: {}, decision: null, cpu, stop: none };
  return { targets: names.map((name, i) => ({ name, url: urls[i] ?? '', ...floor })), stop };
}

interface ServiceOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Built module that is loaded first. */
  readonly preload?: string;
}

interface Service {
  readonly url: string;
  readonly broker: Broker;
  readonly headers: Headers;
  readonly child: ChildProcess;
}

async function startService(root: string, name: string, options: ServiceOptions): Promise<Service> {
  const data = join(root, name);
  const args = ['start', '--port', '0', '--data', data, '--rules', join(root, 'rules')];
  const child = start(root, name, 'src/main.js', args, options);
  const url = await lineOf(child, /^API +(http:\S+)\/v1\/declarations/);
  const running = await runningOn(data);
  const broker = { url: running.nats, login: running.natsKeys === null ? {} : { keysDir: running.natsKeys } };
  return { url, broker, headers: await headersFor(data, running), child };
}

/** Another process that decides beside a service of ours, on its broker, by its keys of the draw. @returns what ends it. */
export async function startEngine(root: string, name: string, beside: string): Promise<() => Promise<void>> {
  const [data, shared] = [join(root, name), join(root, beside)];
  const { nats, natsKeys } = await runningOn(shared);
  const env = {
    CORRIDOR_DRAW_KEYS: join(shared, 'keys', 'draw.json'),
    ...(natsKeys === null ? {} : { NATS_NKEY_FILE: seedFile(natsKeys, 'engine') }),
  };
  const args = ['start', '--role', 'engine', '--port', '0', '--nats', nats, '--data', data];
  const child = start(root, name, 'src/main.js', [...args, '--rules', join(root, 'rules')], { env });
  await lineOf(child, /^API +(http:\S+)/);
  return async () => {
    await end(child, 'SIGTERM');
    await remove(data);
  };
}

/** @throws where none runs there. */
export async function runningOn(dataDir: string): Promise<RunningService> {
  const running = await findRunningService(dataDir);
  if (running === null) throw new Error(`no service runs on ${dataDir}`);
  return running;
}

/** Of a machine that submits for anybody; none where the service believes another issuer. */
export async function headersFor(dataDir: string, running: RunningService): Promise<Headers> {
  return bearerFor(await signerOf(dataDir, running))();
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

function cpuOfBoth(root: string, { pid = 0 }: ChildProcess, brokerPid: number): CpuTimes {
  return { ...cpuOf(pid, 'service', join(root, 'threads')), ...cpuOf(brokerPid, 'broker') };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
