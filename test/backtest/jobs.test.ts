import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { BacktestJobs, type JobRecord } from '../../src/backtest/jobs.ts';
import { reportOf } from '../../src/backtest/report.ts';
import { tallyOf } from '../../src/backtest/thread.ts';
import { BACKTESTS_WAITING_MAX } from '../../src/limits.ts';
import { type PolicyBundle, readBundle } from '../../src/profiles/bundle.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { openLedger } from '../../src/state/ledger.ts';
import { until } from '../helpers/until.ts';
import { historyOf, keep } from './past.ts';

let dataDir: string;
let before: PolicyBundle;
let after: PolicyBundle;
/** Corridors under `after`. */
let expected: unknown;
let jobs: BacktestJobs;
/** Every record as it was kept, in order. */
let saved: JobRecord[];
const errors: unknown[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'corridor-jobs-'));
  before = await readBundle(resolve('rules'));
  const { 'profiles/BR-001.yaml': _, ...files } = before.files;
  after = { files };
  const policy = buildPolicy(before);
  const rows = historyOf(300, policy);
  const ledger = openLedger(join(dataDir, 'ledger'));
  await keep(ledger, rows, policy);
  await ledger.close();
  expected = reportOf(tallyOf(rows, policy, buildPolicy(after))).after;
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

beforeEach(() => {
  saved = [];
  const save = async (record: JobRecord): Promise<void> => {
    saved.push(record);
  };
  const onError = (error: unknown) => errors.push(error);
  jobs = new BacktestJobs({ dataDir, node: 'here', save, onError, now: Date.now });
});
afterEach(async () => {
  await jobs.stop();
  expect(errors).toEqual([]);
});

const start = (policy = after, title = '') =>
  jobs.start({ title, before, after: policy, draft: null, by: 'ana' }).then(({ id }) => id);
const statesOf = (id: string) => saved.filter((each) => each.id === id).map(({ state }) => state);
const last = (id: string) => saved.findLast((each) => each.id === id);
const isOver = (id: string) => until(() => jobs.progress(id) === null);

it('decides all of the ledger again, one job after another, and keeps what came of each', async () => {
  const [one, two] = [await start(after, 'first'), await start(before, 'second')];
  expect(jobs.progress(two)).toMatchObject({ step: 'waiting' });
  await isOver(two);
  expect(statesOf(one)).toEqual(['waiting', 'running', 'done']);
  const ran = saved.filter(({ state }) => state !== 'waiting').map(({ title, state }) => `${title} ${state}`);
  expect(ran).toEqual(['first running', 'first done', 'second running', 'second done']);
  expect(last(one)).toMatchObject({ by: 'ana', node: 'here', result: { declarations: 300, after: expected } });
  expect(last(two)).toMatchObject({ result: { declarations: 300, moves: [] } });
  expect(last(one)?.endedAt).toBeGreaterThanOrEqual(last(one)?.startedAt ?? Infinity);
});

it('cancels what runs and what waits, and goes on with the next', async () => {
  const [running, waiting, next] = [await start(), await start(), await start()];
  await until(() => statesOf(running).includes('running'));
  expect([jobs.cancel(waiting), jobs.cancel(running), jobs.cancel('none')]).toEqual([true, true, false]);
  await isOver(next);
  expect(statesOf(running)).toEqual(['waiting', 'running', 'cancelled']);
  expect(statesOf(waiting)).toEqual(['waiting', 'cancelled']);
  expect(last(next)).toMatchObject({ state: 'done', result: { after: expected } });
  expect(jobs.cancel(next)).toBe(false);
});

it('says that the end of the process interrupted what ran and what waited', async () => {
  const [running, waiting] = [await start(), await start()];
  await until(() => statesOf(running).includes('running'));
  await jobs.stop();
  for (const id of [running, waiting]) expect(last(id)).toMatchObject({ state: 'interrupted', error: null });
});

it('says why a policy cannot be tried', async () => {
  const wrong = { files: { ...before.files, 'profiles/BR-001.yaml': 'id: BR-001\n' } };
  const id = await start(wrong);
  await isOver(id);
  expect(last(id)).toMatchObject({ state: 'failed', result: null });
  expect(last(id)?.error).toContain('profiles/BR-001.yaml:');
});

it('lets only so many wait', async () => {
  const all = await Promise.all(Array.from({ length: BACKTESTS_WAITING_MAX }, () => start()));
  await expect(start()).rejects.toMatchObject({ code: 'overloaded' });
  for (const id of all) jobs.cancel(id);
  await isOver(all.at(-1) ?? '');
  expect(await start()).toMatch(/^[a-z0-9]+$/);
});
