import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLedger } from '../../src/state/ledger.ts';
import { verifyLedger } from '../../src/state/verify.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { startAppender } from './appender.ts';
import { ledgerEntry } from './entries.ts';

const ROUNDS = 4;

it('has every entry it said it kept, in an unbroken chain, after kill -9 at any moment', async () => {
  const dir = join(await temporaryFolder(), 'ledger');
  const kept = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const appender = startAppender(dir, round * 100_000);
    await appender.printed(40 + round * 37);
    appender.child.kill('SIGKILL');
    await appender.exited;
    for (const line of appender.lines) if (line.startsWith('kept ')) kept.add(`K${line.slice(5)}`);
    expect(appender.lines.filter((line) => line.startsWith('stderr'))).toEqual([]);

    expect(verifyLedger(dir)).toMatchObject({ ok: true, problems: [] });
    const ledger = openLedger(dir);
    const held = [...ledger.entries()].map(({ entry }) => entry.identity.id);
    await ledger.close();
    expect(new Set(held).size).toBe(held.length);
    expect([...kept].filter((id) => !held.includes(id))).toEqual([]);
  }
  expect(kept.size).toBeGreaterThan(ROUNDS * 20);
});

it('refuses a folder that another process holds, and takes it over when that process has died', async () => {
  const dir = join(await temporaryFolder(), 'ledger');
  const appender = startAppender(dir, 0);
  await appender.printed(2);
  expect(() => openLedger(dir)).toThrow(`is in use by process ${appender.child.pid}`);
  expect(openLedger(dir, { readOnly: true }).head().commit).toBeGreaterThan(0);
  appender.child.kill('SIGKILL');
  await appender.exited;
  const ledger = openLedger(dir);
  await ledger.append(ledgerEntry('after'));
  await ledger.close();
});

it('takes over the lock of a process whose id is in use again, or that cannot be read', async () => {
  const dir = join(await temporaryFolder(), 'ledger');
  mkdirSync(dir);
  for (const text of [JSON.stringify({ pid: process.ppid, began: 'another boot 1' }), 'not a lock']) {
    writeFileSync(join(dir, 'lock'), text);
    await openLedger(dir).close();
  }
});

it('accepts nothing after a write has failed, says so once, and loses nothing that it kept', async () => {
  const dir = join(await temporaryFolder(), 'ledger');
  const under = ['/bin/bash', '-c', 'ulimit -f 2000 && exec "$0" "$@"'];
  const appender = startAppender(dir, 0, { count: 100_000, under });
  await appender.exited;
  const said = appender.lines.filter((line) => !line.startsWith('kept ') && !line.startsWith('stderr'));
  expect(said).toEqual(['open', expect.stringMatching(/^fault /), ...Array(8).fill('refused not_ready'), 'closed']);
  expect(appender.child.exitCode).toBe(0);
  const kept = appender.lines.filter((line) => line.startsWith('kept ')).map((line) => `K${line.slice(5)}`);
  expect(kept.length).toBeGreaterThan(50);
  expect(verifyLedger(dir)).toMatchObject({ ok: true, problems: [] });
  const ledger = openLedger(dir);
  for (const id of kept) expect(ledger.get({ submitter: 'local', id, version: 1 })).not.toBeNull();
  await ledger.append(ledgerEntry('after'));
  await ledger.close();
});

const strace = spawnSync('strace', ['-o', '/dev/null', '-f', 'true']);
const NO_STRACE = strace.error === undefined && strace.status === 0 ? null : 'strace cannot run here';

describe.skipIf(NO_STRACE !== null)(`the trace of system calls${NO_STRACE === null ? '' : ` (${NO_STRACE})`}`, () => {
  it('shows a completed sync between the write of an entry and the moment it counts as kept', async () => {
    const folder = await temporaryFolder();
    const trace = join(folder, 'trace');
    const calls = 'trace=openat,pwrite64,pwritev,writev,write,fdatasync,fsync,msync';
    const under = ['strace', '-f', '-s', '65536', '-o', trace, '-e', calls];
    const appender = startAppender(join(folder, 'ledger'), 0, { count: 24, under });
    await appender.exited;
    expect(appender.lines.filter((line) => line.startsWith('kept '))).toHaveLength(24);
    const steps = (await readFile(trace, 'utf8')).split('\n');
    for (let number = 0; number < 24; number++) {
      const written = steps.findIndex((line) => line.includes(`record ${number} `) && WRITE.test(line));
      const descriptor = WRITE.exec(steps[written] ?? '')?.[1] ?? 'none';
      const synced = steps.findIndex((_, at) => at > written && isSyncDone(steps, at, descriptor));
      const told = steps.findIndex((line) => line.includes(`write(1, "kept ${number}\\n"`));
      expect(written, `entry ${number} is written`).toBeGreaterThan(0);
      expect(synced, `entry ${number} is synced`).toBeGreaterThan(written);
      expect(told, `entry ${number} counts as kept`).toBeGreaterThan(synced);
    }
  });
});

/** A write to a file, and its descriptor. */
const WRITE = /\b(?:pwrite64|pwritev|writev)\((\d+),/;

/** Whether a sync of the file returns here: in one line, or resumed after another thread's call. */
function isSyncDone(steps: readonly string[], at: number, descriptor: string): boolean {
  const line = steps[at] ?? '';
  if (new RegExp(`f(data)?sync\\(${descriptor}\\) += 0`).test(line)) return true;
  const resumed = /^(\d+) +<\.\.\. f(?:data)?sync resumed>.*= 0/.exec(line);
  if (resumed === null) return false;
  const begun = steps.slice(0, at).findLast((step) => step.startsWith(`${resumed[1]} `));
  return begun?.includes(`sync(${descriptor}`) ?? false;
}
