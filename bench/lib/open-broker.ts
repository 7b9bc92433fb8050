import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A NATS server with JetStream that lets everybody in and do everything, for what is measured beside the service. */
export interface OpenBroker {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** On loopback, on a free port, with its store in `dataDir/nats`. @throws where it does not start. */
export async function startOpenBroker(dataDir: string): Promise<OpenBroker> {
  const store = join(dataDir, 'nats');
  await mkdir(store, { recursive: true });
  const args = ['-a', '127.0.0.1', '-p', '-1', '-js', '-sd', store];
  const child = spawn('nats-server', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(child, 'spawn');
  let port: string | undefined;
  for await (const line of createInterface({ input: child.stderr })) {
    port ??= /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (line.includes('Server is ready')) break;
  }
  if (port === undefined) throw new Error('nats-server did not start');
  child.stderr.resume();
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url: `nats://127.0.0.1:${port}`, pid: child.pid ?? 0, stop };
}
