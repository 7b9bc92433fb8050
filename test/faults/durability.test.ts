import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { declarationInput } from '../helpers/declaration.ts';
import { post, type Target } from '../helpers/load.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { createService, type ServiceProcess } from '../helpers/service.ts';

const canTrace = spawnSync('strace', ['-f', 'true']).status === 0;

let nats: NatsServer | undefined;
let service: ServiceProcess | undefined;
let folder = '';

afterEach(async () => {
  await service?.close();
  await nats?.close();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

it('has strace to look with, where all suites must run', () => {
  if (!canTrace) console.warn('strace is missing or may not trace: install the package "strace"');
  expect(canTrace || process.env.CI !== 'true').toBe(true);
});

it.runIf(canTrace)('completes a sync of the ledger between its write and the answer', async () => {
  folder = await mkdtemp(join(tmpdir(), 'corridor-trace-'));
  const trace = join(folder, 'trace');
  nats = await startNats();
  const calls = 'trace=write,writev,pwrite64,pwritev,fdatasync,fsync,msync,sendto,sendmsg';
  service = await createService({
    natsUrl: nats.url,
    under: ['strace', '-f', '-y', '-s', '262144', '-e', calls, '-o', trace],
  });
  await service.start(60_000);
  for (let i = 0; i < 5; i++) {
    const answer = await decided(service, `SYNC-${i}`);
    expect(answer).toContain(`SYNC-${i}`);
  }
  killTraced(service);
  const lines = (await readFile(trace, 'utf8')).split('\n');
  for (let i = 0; i < 5; i++) expectSyncedBefore(lines, `SYNC-${i}`);
});

/** Under strace a decision may take longer than the deadline: asked for again until it is there. */
async function decided(target: Target, id: string): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answer = await post(target, declarationInput({ id }));
    if (answer?.status === 200) return answer.body;
  }
  throw new Error(`${id} was not decided`);
}

/** strace detaches when it is killed, and would leave the service running. */
function killTraced(traced: ServiceProcess): void {
  const children = execFileSync('ps', ['--ppid', String(traced.pid), '-o', 'pid='], { encoding: 'utf8' });
  for (const pid of children.split('\n').map(Number).filter(Boolean)) process.kill(pid, 'SIGKILL');
}

/**
 * In the trace: the pages of the ledger that hold this decision are written, then a sync of the ledger's file that
 * began after that write returns 0, and only then the answer with this id is written to a socket.
 */
function expectSyncedBefore(lines: readonly string[], id: string): void {
  const isLedger = (line: string) => line.includes('/ledger/');
  const written = lines.findIndex((line) => /\bp?write(v|64)?\(/.test(line) && isLedger(line) && line.includes(id));
  const answered = lines.findIndex(
    (line) => /\b(write|writev|sendto|sendmsg)\(/.test(line) && line.includes('HTTP/1.1 200') && line.includes(id),
  );
  expect(written, `${id}: a write of the ledger`).toBeGreaterThan(-1);
  expect(answered, `${id}: the answer`).toBeGreaterThan(written);
  const between = lines.slice(written + 1, answered);
  expect(
    between.some((line, at) => isLedger(line) && completes(between, line, at)),
    `${id}: a completed sync`,
  ).toBe(true);
}

/** A sync call that returned 0, on one line or resumed on a later one by the same thread. */
function completes(lines: readonly string[], line: string, at: number): boolean {
  const call = /^(\d+) +(fdatasync|fsync|msync)\(/.exec(line);
  if (call === null) return false;
  if (/= 0$/.test(line)) return true;
  const [, thread, name] = call;
  return lines
    .slice(at + 1)
    .some((later) => later.startsWith(`${thread} `) && later.includes(`${name} resumed`) && / = 0$/.test(later));
}
