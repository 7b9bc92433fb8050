import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { categorise } from '../src/cli/categorise.ts';
import { findRunningService, type RunningService } from '../src/cli/service-file.ts';
import { packageRoot } from '../src/config.ts';
import { connectStream } from '../src/stream/connection.ts';
import { closedLoop } from './lib/capacity.ts';
import { type LongRun, plots, report, verdicts } from './lib/long-report.ts';
import type { SteadyMinute } from './lib/steady.ts';
import { headersFor } from './lib/targets.ts';
import { MIX_OPTIONS } from './lib/traffic.ts';
import { type Sample, Watcher } from './lib/watch.ts';

/**
 * `npm run bench -- long [--minutes 60] [--rate N] [--decisions-minutes N] [--dir DIR] [--out DIR]`
 *
 * The service with its own broker under a steady load, watched every ten seconds. Without --rate a closed loop first
 * finds the capacity, and a third of it is sent. bench/results/long.json, docs/long-run.md and its pictures are
 * written every five minutes and at the end, so that a run that is cut leaves a report. Exits with 1 where something
 * is not flat.
 */
const SAMPLE_MS = 10_000;
const FLUSH_MS = 300_000;
const WARM_UP_S = 15;
const CAPACITY_S = 30;
const CONNECTIONS = 50;
const STOP_WITHIN_MS = 15_000;
const FREE_BYTES_MIN = 4 * 1024 ** 3;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string' },
    'decisions-minutes': { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
    out: { type: 'string', default: packageRoot() },
  },
});
const minutes = Number(values.minutes);
const decisionsMinutes = Number(values['decisions-minutes'] ?? Math.max(1, Math.floor(minutes / 12)));
if (!(minutes > 0 && decisionsMinutes >= 1))
  throw new Error('--minutes and --decisions-minutes must be numbers above 0');

const dataDir = join(await mkdtemp(join(resolve(values.dir), 'corridor-long-')), 'data');
const children: ChildProcess[] = [];
// Whatever ends this process: the broker stands in a process group of its own.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  endBroker();
  rmSync(join(dataDir, '..'), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});
let cut: string | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => (cut = `ended by ${signal}`));

const running = await startService();
const { http, nats, natsKeys, pid } = running;
const headers = await headersFor(dataDir, running);
const broker = { url: nats, login: natsKeys === null ? {} : { keysDir: natsKeys } };
const conn = await connectStream({ ...broker, name: 'long run', role: 'operator' });
await categorise(broker, MIX_OPTIONS);
const capacity = values.rate === undefined ? await measureCapacity() : null;
const rate = Number(values.rate ?? Math.round((capacity ?? 0) / 3));
say(`${rate} declarations a second for ${minutes} minutes`);

const answers: SteadyMinute[] = [];
const samples: Sample[] = [];
const sender = fork(join(packageRoot(), 'dist/bench/lib/steady.js'), [http, String(rate)], {
  env: { ...process.env, BENCH_HEADERS: JSON.stringify(headers) },
});
children.push(sender);
sender.on('message', (one: SteadyMinute) => {
  answers.push(one);
  const { p50, p99 } = one.latencyMs;
  say(
    `minute ${answers.length}: ${one.decided} decided, ${one.failed} failed, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  );
});
const startedAt = new Date().toISOString();
const brokerPid = Number(readFileSync(join(dataDir, 'nats.pid'), 'utf8'));
await watch(
  new Watcher({ http, headers, dataDir, conn, pids: { service: pid, broker: brokerPid, sender: sender.pid ?? 0 } }),
);
const run = flush();
sender.disconnect();
await conn.close();
await stopService();
const rising = verdicts(run).filter(({ verdict }) => verdict === 'rises');
for (const { name, text } of rising) say(`rises: ${name}, ${text}`);
process.exit(rising.length > 0 ? 1 : 0);

async function startService(): Promise<RunningService> {
  mkdirSync(dataDir, { recursive: true });
  const main = join(packageRoot(), 'dist/src/main.js');
  const { NATS_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [main, 'start', '--port', '0', '--data', dataDir], {
    env: { ...env, CORRIDOR_LOG: 'warn', CORRIDOR_DECISIONS_MINUTES: String(decisionsMinutes) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  child.stderr?.pipe(createWriteStream(join(dataDir, 'service.log')));
  child.once('exit', (code, signal) => {
    cut ??= `the service ended (${signal ?? code})`;
  });
  for (;;) {
    const service = await findRunningService(dataDir);
    if (service !== null) return service;
    if (cut !== null) throw new Error(`${cut}: ${readFileSync(join(dataDir, 'service.log'), 'utf8')}`);
    await delay(100);
  }
}

async function stopService(): Promise<void> {
  const [service] = children;
  if (service === undefined || service.exitCode !== null || service.signalCode !== null) return;
  service.kill('SIGTERM');
  await Promise.race([once(service, 'exit'), delay(STOP_WITHIN_MS)]);
}

function endBroker(): void {
  try {
    process.kill(Number(readFileSync(join(dataDir, 'nats.pid'), 'utf8')), 'SIGKILL');
  } catch {
    // It has ended with its service, as it should.
  }
}

async function measureCapacity(): Promise<number> {
  say('finding the capacity');
  await closedLoop({ url: http, headers, ids: 'W' }, CONNECTIONS, WARM_UP_S);
  return closedLoop({ url: http, headers, ids: 'C' }, CONNECTIONS, CAPACITY_S);
}

/** Until the time is up, or something ends it. A look that fails is left out: the run goes on. */
async function watch(watcher: Watcher): Promise<void> {
  const startedMs = performance.now();
  let flushedMs = startedMs;
  for (let count = 1; performance.now() - startedMs < minutes * 60_000 && cut === null; count++) {
    await delay(Math.max(0, startedMs + count * SAMPLE_MS - performance.now()));
    try {
      samples.push(await watcher.sample());
    } catch (error) {
      say(`a sample is missing: ${String(error)}`);
    }
    const { bavail, bsize } = statfsSync(dataDir);
    if (bavail * bsize < FREE_BYTES_MIN) cut = 'the disk is nearly full';
    if (performance.now() - flushedMs < FLUSH_MS) continue;
    flushedMs = performance.now();
    flush();
  }
  // The last minute may not be over.
  if (sender.connected) {
    sender.send('report');
    await Promise.race([once(sender, 'message'), delay(2000)]);
  }
}

function flush(): LongRun {
  const run: LongRun = {
    ...{ startedAt, minutes, rate, capacity, decisionsMinutes, samples, answers, cut },
    node: process.version,
    broker: `nats-server ${conn.serverVersion()}`,
  };
  const results = join(values.out, 'bench/results');
  const pictures = join(values.out, 'docs/long-run');
  for (const folder of [results, pictures]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(results, 'long.json'), `${JSON.stringify({ ...run, verdicts: verdicts(run) })}\n`);
  for (const [name, svg] of Object.entries(plots(run))) writeFileSync(join(pictures, `${name}.svg`), svg);
  writeFileSync(join(values.out, 'docs/long-run.md'), report(run));
  return run;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
