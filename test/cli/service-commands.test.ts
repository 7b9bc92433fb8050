import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declarationInput } from '../helpers/declaration.ts';
import { sharedData } from '../helpers/shared-data.ts';

/** The commands as processes of their own, around one service that the first of them starts. */
const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/src/main.js');
const POLICY = join(ROOT, 'test/helpers/policy');
const CDD = sharedData('cdd/valid.csv');

let folder: string;
let data: string;
let service: ChildProcess;
let started: Promise<[string, string]>;

function launch(args: readonly string[]): { child: ChildProcess; output: Promise<[string, string]> } {
  const { NATS_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  return { child, output: Promise.all([text(stdout), text(stderr)]) };
}

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { child, output } = launch(args);
  const [code] = (await once(child, 'exit')) as [number | null];
  const [stdout, stderr] = await output;
  return { code, stdout, stderr };
}

const lines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

async function startService(...more: string[]): Promise<void> {
  const { child, output } = launch(['start', '--port', '0', '--data', data, '--rules', POLICY, ...more]);
  service = child;
  started = output;
  for (;;) {
    if (child.exitCode !== null) throw new Error((await output)[1]);
    if ((await readFile(join(data, 'service.json'), 'utf8').catch(() => '')) !== '') return;
    await delay(20);
  }
}

async function stopService(signal: NodeJS.Signals): Promise<{ code: number | null; stdout: string }> {
  const exited = once(service, 'exit');
  // As Ctrl-C does through npm: to the process, and once more by whoever passes it on.
  service.kill(signal);
  service.kill(signal);
  const [code] = (await exited) as [number | null];
  return { code, stdout: (await started)[0] };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corridor-commands-'));
  data = join(folder, 'data');
  await startService('--demo', '20');
});
afterAll(async () => {
  if (service.exitCode === null) await stopService('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

describe('commands around a running service', () => {
  const ids = Array.from({ length: 30 }, (_, index) => `CLI-${index}`);

  it('decide sends NDJSON to the service of the data folder and answers in order', async () => {
    const file = join(folder, 'some.ndjson');
    await writeFile(file, ids.map((id) => `${JSON.stringify(declarationInput({ id }))}\n`).join(''));
    const { code, stdout, stderr } = await run('decide', file, '--data', data);
    expect(code, stderr).toBe(0);
    expect(lines(stdout).map(({ declarationId }) => declarationId)).toEqual(ids);
    expect(stderr).toMatch(/corridor .*decisions.*hits by target.*latency/s);
  });

  it('decide names rows that were refused, and decides the others', async () => {
    const file = join(folder, 'mixed.json');
    const [good, bad] = [declarationInput({ id: 'MIX-1' }), { ...declarationInput({ id: 'MIX-2' }), office: '' }];
    await writeFile(file, JSON.stringify([bad, good]));
    const { code, stdout, stderr } = await run('decide', file, '--data', data, '--json');
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}: row 1: /office must be`);
    const [decision, { summary }] = lines(stdout);
    expect(decision.declarationId).toBe('MIX-1');
    expect(summary).toMatchObject({ declarations: 1, failed: 1 });
  });

  it('import parties names refused rows, and the next decision knows the others', async () => {
    const file = join(folder, 'parties.csv');
    await writeFile(file, 'role,id,category\nimporter,111111111111,high\nimporter,222222222222,awful\n');
    const { code, stdout, stderr } = await run('import', 'parties', file, '--data', data);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}: row 3: category must be one of`);
    expect(stdout).toBe('2 rows: 1 accepted, 1 refused\n');
  });

  it('replay gives the same bytes, beside the running service', async () => {
    const { code, stdout, stderr } = await run('replay', 'CLI-7', '--data', data, '--json');
    expect(code, stderr).toBe(0);
    expect(lines(stdout)).toMatchObject([{ id: 'CLI-7', version: 1, same: true }]);
    expect(await run('replay', 'NOBODY', '--data', data)).toMatchObject({ code: 1, stdout: '' });
  });

  it('verify finds that ledger and audit stand, against heads that have left, and keeps those heads', async () => {
    const file = join(folder, 'heads.ndjson');
    const verify = (...more: string[]) => run('verify', '--data', data, '--json', ...more);
    const saved = await verify('--save-heads', file);
    expect(saved.code, saved.stderr).toBe(0);
    const result = JSON.parse(saved.stdout);
    expect(result).toMatchObject({ ok: true, problems: [], heads: { from: file } });
    expect(result.ledger.published).toBeGreaterThan(0);
    expect(result.heads.count).toBe(lines(await readFile(file, 'utf8')).length);
    const live = JSON.parse((await verify()).stdout);
    expect(live.notes.join()).toMatch(/on this machine: keep copies elsewhere/);
    expect(JSON.parse((await verify('--heads', file)).stdout)).toMatchObject({ ok: true, heads: result.heads });

    // What was saved is not lost, and holds the ledger to its word, when the broker says otherwise.
    const first = lines(await readFile(file, 'utf8')).find(({ chain }) => chain === 'ledger');
    const others = { ...first, commit: 1_000_000 };
    await writeFile(file, `${JSON.stringify(first)}\n${JSON.stringify(others)}\n`);
    const broken = await run('verify', '--data', data, '--save-heads', file);
    expect(broken).toMatchObject({ code: 1 });
    expect(broken.stderr).toMatch(
      /ledger: commit 1000000: a published head names it with a signature that does not fit/,
    );
    expect(await readFile(file, 'utf8')).toContain(JSON.stringify(others));
    await writeFile(file, 'no head\n');
    expect(await verify('--heads', file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('line 1 is no head'),
    });
    expect(await verify('--heads', file, '--save-heads', file)).toMatchObject({ code: 2 });
    expect(await verify('--nats', 'nats://127.0.0.1:1')).toMatchObject({ code: 1 });
  });

  it('streams tells what they hold and who needs it, and forgets a node that is known', async () => {
    const { code, stdout, stderr } = await run('streams', '--data', data, '--json');
    expect(code, stderr).toBe(0);
    const { streams, nodes } = JSON.parse(stdout);
    expect(streams.find(({ name }: { name: string }) => name === 'DECISIONS').lastSequence).toBeGreaterThan(0);
    expect(nodes).toMatchObject([{ node: 'ledger.local' }]);
    expect(await run('streams', 'forget', 'ledger.nobody', '--data', data)).toMatchObject({ code: 1 });
    expect(await run('streams', 'forget', 'ledger.local', '--data', data)).toMatchObject({ code: 0 });
  });

  it('ledger archives and backs up beside the running service, and lets nothing recent leave', async () => {
    const file = join(folder, 'ledger.ndjson');
    const { code, stderr, stdout } = await run('ledger', 'archive', file, '--data', data, '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ firstCommit: 1 });
    expect(await run('verify', file, '--data', data)).toMatchObject({ code: 0 });
    const copy = join(folder, 'copy');
    expect(await run('ledger', 'backup', copy, '--data', data)).toMatchObject({ code: 0 });
    await cp(join(data, 'keys'), join(copy, 'keys'), { recursive: true });
    expect(await run('verify', '--data', copy)).toMatchObject({ code: 0 });
    const prune = (...more: string[]) => run('ledger', 'prune', '--archive', file, '--data', copy, '--before', ...more);
    expect(await prune(new Date().toISOString().slice(0, 10))).toMatchObject({ code: 2 });
    expect(await prune('2020-01-01')).toMatchObject({ code: 0, stdout: '0 commits have left the ledger\n' });
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, -10));
    expect(await run('verify', file, '--data', data)).toMatchObject({ code: 1 });
  });

  it('a second service on the folder is refused, and harms nobody', async () => {
    const { code, stderr } = await run('start', '--port', '0', '--data', data, '--rules', POLICY);
    expect(code).toBe(1);
    expect(stderr).toMatch(/in use by process/);
    expect(await run('rebuild', '--data', data)).toMatchObject({ code: 1 });
    const { http } = JSON.parse(await readFile(join(data, 'service.json'), 'utf8'));
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
  });

  it('SIGHUP reads the rules again while it goes on', async () => {
    service.kill('SIGHUP');
    await delay(500);
    expect(service.exitCode).toBeNull();
  });

  it('SIGINT drains and exits with 0, having printed its addresses', async () => {
    const { code, stdout } = await stopService('SIGINT');
    expect(code, (await started)[1]).toBe(0);
    expect(stdout).toMatch(/API +http:.*docs +http:.*metrics +http:.*NATS +nats:/s);
    expect(await readFile(join(data, 'service.json'), 'utf8').catch(() => 'gone')).toBe('gone');
  });

  it('rebuild makes the read models anew; the service then knows what it knew', async () => {
    const { code, stderr, stdout } = await run('rebuild', '--data', data);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/read models made from \d+ messages/);
    await startService();
    const { http } = JSON.parse(await readFile(join(data, 'service.json'), 'utf8'));
    const { stdout: token } = await run('token', '--role', 'ingest', '--data', data);
    const headers = { authorization: `Bearer ${token.trim()}` };
    const status = await fetch(`${http}/v1/declarations/CLI-7`, { headers });
    expect(await status.json()).toMatchObject({ declarationId: 'CLI-7', version: 1, outcome: 'decided' });
  });
});

describe('commands that bring a service of their own', () => {
  it('demo prints the numbers of the contract', async () => {
    const { code, stdout, stderr } = await run('demo', '--declarations', '300', '--seed', '7', '--json');
    expect(code, stderr).toBe(0);
    const { declarations, shares, hits, latencyMs, found, hitRate } = JSON.parse(stdout);
    expect(declarations).toBe(300);
    expect(shares.green + shares.blue + shares.yellow + shares.red).toBeCloseTo(100, 0);
    expect(hits).toHaveProperty('undervaluation');
    expect(latencyMs.p50).toBeGreaterThan(0);
    expect(latencyMs.p99).toBeGreaterThanOrEqual(latencyMs.p50);
    for (const { planted, controlled } of Object.values(found) as { planted: number; controlled: number }[]) {
      expect(controlled).toBeLessThanOrEqual(planted);
    }
    expect(hitRate).toBeGreaterThanOrEqual(0);
    expect(hitRate).toBeLessThanOrEqual(1);
  });

  it.skipIf(CDD === null)(
    `decide takes every row of the public data set once${CDD === null ? ' (skipped: CORRIDOR_SHARED does not lead to it)' : ''}`,
    async () => {
      const mapping = join(ROOT, 'rules/mappings/cdd.yaml');
      const args = ['decide', CDD ?? '', '--mapping', mapping, '--data', join(folder, 'none')];
      const { code, stdout, stderr } = await run(...args);
      expect(code, stderr).toBe(0);
      expect(new Set(lines(stdout).map(({ declarationId }) => declarationId)).size).toBe(8134);
    },
    240_000,
  );
});
