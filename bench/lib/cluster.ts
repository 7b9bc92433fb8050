import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { packageRoot } from '../../src/config.ts';
import { startOpenBroker } from './open-broker.ts';
import type { Headers } from './orders.ts';
import { headersFor, runningOn } from './targets.ts';

/** A broker, an ingress and several engines: processes of their own on one machine, under the rules of a folder. */
export interface Cluster {
  readonly natsUrl: string;
  /** Of the ingress. */
  readonly url: string;
  readonly headers: Headers;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/** @throws where one of them does not get ready; nothing is left running then. */
export async function startCluster(root: string, engines: number): Promise<Cluster> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const nats = await startOpenBroker(root);
    stops.push(() => nats.stop());
    const names = ['ingress', ...Array.from({ length: engines }, (_, i) => `engine-${i + 1}`)];
    for (const name of names) {
      const child = await startPart(root, name, nats.url);
      stops.push(() => end(child));
    }
    const data = join(root, 'ingress');
    const running = await runningOn(data);
    return { natsUrl: nats.url, url: running.http, headers: await headersFor(data, running), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startPart(root: string, name: string, natsUrl: string): Promise<ChildProcess> {
  const data = join(root, name);
  await mkdir(data, { recursive: true });
  const role = name === 'ingress' ? 'ingress' : 'engine';
  const args = ['start', '--role', role, '--port', '0', '--data', data, '--rules', join(root, 'rules')];
  const child = spawn(process.execPath, [join(packageRoot(), 'dist/src/main.js'), ...args, '--nats', natsUrl], {
    env: { PATH: process.env.PATH, CORRIDOR_DRAW_KEYS: join(root, 'draw.json') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.pipe(createWriteStream(join(root, `${name}.log`)));
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await isReady(data))) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`${name} does not get ready; see ${name}.log in ${root}`);
    }
    await delay(50);
  }
  return child;
}

/** An ingress without an engine that decides still answers with promises. */
async function isReady(data: string): Promise<boolean> {
  const running = await runningOn(data).catch(() => null);
  if (running === null) return false;
  const answer = await fetch(`${running.http}/readyz`).catch(() => null);
  return answer?.ok ?? false;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
