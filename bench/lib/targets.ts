import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { categorise } from '../../src/cli/categorise.ts';
import { startNatsServer } from '../../src/cli/nats-server.ts';
import { packageRoot } from '../../src/config.ts';
import { type CpuTimes, cpuOf } from './cpu.ts';
import { history, MIX_OPTIONS } from './mix.ts';
import { writeRules } from './selective-profiles.ts';
import { templates } from './mix.ts';

/** Something that answers declarations, with its broker: processes of their own. */
export interface Target {
  readonly name: string;
  readonly url: string;
  readonly natsUrl: string;
  cpu(): CpuTimes;
  stop(): Promise<void>;
}

const BUILT = join(packageRoot(), 'dist');

/** Makes the folder that every target starts from: rules, and the data of a service that knows parties and history. */
export async function seed(root: string): Promise<void> {
  writeRules(join(root, 'rules'), templates());
  const service = await startService(root, 'seed');
  try {
    await categorise(service.natsUrl, MIX_OPTIONS);
    await delay(1000);
    const body = history().map((declaration) => `${JSON.stringify(declaration)}\n`);
    const answer = await fetch(`${service.url}/v1/declarations/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: body.join(''),
    });
    const lines = (await answer.text()).trimEnd().split('\n');
    const decided = lines.filter((line) => line.includes('"corridor"')).length;
    if (decided < body.length) throw new Error(`history: ${decided} of ${body.length} decided, ${lines.find((line) => !line.includes('"corridor"'))}`);
  } finally {
    await service.stop();
  }
}

/** Corridor, as `corridor start` runs it, with its default settings. */
export async function startOurs(root: string, name: string): Promise<Target> {
  await cp(join(root, 'seed'), join(root, name), { recursive: true });
  return startService(root, name);
}

async function startService(root: string, name: string): Promise<Target> {
  const data = join(root, name);
  const nats = await startNats(data);
  const args = ['start', '--port', '0', '--nats', nats.url, '--data', data, '--rules', join(root, 'rules')];
  const child = start(root, name, join(BUILT, 'src/main.js'), args);
  const url = await lineOf(child, /^API +(http:\S+)\/v1\/declarations/);
  return targetOf(root, name, url, nats, child, 'SIGTERM');
}

/** The reference: see one-message-loop.ts. */
export async function startLoop(root: string, name: string): Promise<Target> {
  const data = join(root, name);
  await mkdir(data, { recursive: true });
  await cp(join(root, 'seed/models'), join(data, 'models'), { recursive: true });
  const nats = await startNats(data);
  const child = start(root, name, join(BUILT, 'bench/lib/one-message-loop.js'), [nats.url, join(root, 'rules'), data]);
  const url = await lineOf(child, /^(http:\S+)/);
  return targetOf(root, name, url, nats, child, 'SIGKILL');
}

interface Nats {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

async function startNats(dataDir: string): Promise<Nats> {
  await mkdir(dataDir, { recursive: true });
  const { url, stop } = await startNatsServer({ dataDir, preferredPort: 0, message: (text) => process.stderr.write(`${text}\n`) });
  return { url, stop, pid: Number(await readFile(join(dataDir, 'nats.pid'), 'utf8')) };
}

function start(root: string, name: string, file: string, args: readonly string[]): ChildProcess {
  const preload = `file://${join(BUILT, 'bench/lib/name-thread.js')}`;
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, BENCH_THREADS: join(root, 'threads') };
  const child = spawn(process.execPath, ['--import', preload, file, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr?.pipe(createWriteStream(join(root, `${name}.log`)));
  return child;
}

async function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (child.stdout === null) throw new Error('no stdout');
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    lines.on('line', (line) => {
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
}

function targetOf(root: string, name: string, url: string, nats: Nats, child: ChildProcess, signal: NodeJS.Signals): Target {
  const pid = child.pid ?? 0;
  return {
    name,
    url,
    natsUrl: nats.url,
    cpu: () => ({ ...cpuOf(pid, 'service', join(root, 'threads')), ...cpuOf(nats.pid, 'broker') }),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await once(child, 'exit');
      }
      await nats.stop();
    },
  };
}

export function forkBuilt(name: string, args: readonly string[]): ChildProcess {
  return fork(join(BUILT, 'bench/lib', name), args);
}
