import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OwnNatsServer, startNatsServer } from '../../src/cli/nats-server.ts';
import { connectStream } from '../../src/stream/connection.ts';
import { freePort } from '../helpers/nats.ts';

let dataDir: string;
const messages: string[] = [];
const servers: OwnNatsServer[] = [];

beforeEach(async () => {
  messages.length = 0;
  dataDir = await mkdtemp(join(tmpdir(), 'corridor-own-nats-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(preferredPort = 0): Promise<OwnNatsServer> {
  const server = await startNatsServer({ dataDir, preferredPort, message: (text) => messages.push(text) });
  servers.push(server);
  return server;
}

async function greets(url: string): Promise<boolean> {
  const socket = dial({ port: Number(new URL(url).port), host: '127.0.0.1' });
  try {
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.includes('"jetstream":true');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const pid = async () => Number(await readFile(join(dataDir, 'nats.pid'), 'utf8'));

describe('a NATS server of our own', () => {
  it('listens with JetStream on the preferred port where that is free, and is gone after its stop', async () => {
    const port = await freePort();
    const server = await start(port);
    expect(server.url).toBe(`nats://127.0.0.1:${port}`);
    expect(await greets(server.url)).toBe(true);
    await server.stop();
    expect(await greets(server.url)).toBe(false);
  });

  it('lets in those who have its keys, and nobody else on this machine', async () => {
    const server = await start();
    const { url, login } = server;
    const connection = await connectStream({ url, login, name: 'test', role: 'operator' });
    await connection.close();
    await expect(connectStream({ url, name: 'test' })).rejects.toThrow('does not let us in');
    await server.stop();
    // The same keys again: other processes may hold them.
    const again = await start();
    const other = await connectStream({ url: again.url, login, name: 'test', role: 'engine' });
    await other.close();
    for (const secret of ['nats.conf', 'keys/nats/all.nk']) {
      expect((await stat(join(dataDir, secret))).mode & 0o777).toBe(0o600);
    }
  });

  it('takes another port where the preferred one is taken', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const server = await start(port);
    expect(server.url).not.toBe(`nats://127.0.0.1:${port}`);
    expect(await greets(server.url)).toBe(true);
    other.close();
  });

  it('is started again on the same port when it dies', async () => {
    const server = await start();
    const before = await pid();
    process.kill(before, 'SIGKILL');
    while (!(messages.length > 0 && (await greets(server.url)))) await delay(20);
    expect(messages).toEqual([expect.stringContaining('SIGKILL')]);
    expect(await pid()).not.toBe(before);
  });

  it('ends a server that was left behind on its store by a process that was killed', async () => {
    const store = join(dataDir, 'nats');
    const port = await freePort();
    const left = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store], {
      stdio: 'ignore',
    });
    const ended = once(left, 'exit');
    await writeFile(join(dataDir, 'nats.pid'), `${left.pid}\n`);
    const server = await start();
    await ended;
    expect(await greets(server.url)).toBe(true);
  });

  it('leaves alone what has the pid of one that ended long ago', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(other, 'spawn');
    await writeFile(join(dataDir, 'nats.pid'), `${other.pid}\n`);
    await start();
    expect(other.exitCode).toBeNull();
    expect(other.signalCode).toBeNull();
    other.kill();
  });
});
