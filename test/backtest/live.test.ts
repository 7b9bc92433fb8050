import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LiveBacktests, type PartialResult } from '../../src/backtest/live.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { type Ledger, openLedger } from '../../src/state/ledger.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { historyOf, keep } from './past.ts';

const BUNDLE = fixtureBundle();
const NOBODY_LEAVES = new AbortController().signal;
let ledger: Ledger;
let live: LiveBacktests;

beforeEach(async () => {
  const dir = await temporaryFolder();
  ledger = openLedger(join(dir, 'ledger'));
  const policy = buildPolicy(BUNDLE);
  await keep(ledger, historyOf(1500, policy), policy);
  live = new LiveBacktests({ ledgerDir: join(dir, 'ledger'), outcomesDir: join(dir, 'outcomes') });
});
afterEach(async () => {
  await live.stop();
  await ledger.close();
});

function run(who: string, tell: (partial: PartialResult) => void = () => undefined, gone = NOBODY_LEAVES) {
  return live.run(who, BUNDLE, BUNDLE, tell, gone);
}

it('tells of each part what there is so far, the last time of all', async () => {
  const told: number[][] = [];
  await run('ana', ({ done, of, tally }) => void told.push([done, of, tally.declarations]));
  expect(told).toEqual([
    [1, 2, expect.any(Number)],
    [2, 2, 1500],
  ]);
});

it('ends where nobody waits for it any longer', async () => {
  const gone = new AbortController();
  const told: number[] = [];
  const ended = run(
    'ana',
    ({ done }) => {
      told.push(done);
      gone.abort();
    },
    gone.signal,
  );
  await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
  expect(told).toEqual([1]);
  await run('ana');
});

it('ends where the same person begins another, and nobody else does', async () => {
  const ended = Promise.allSettled([run('ana'), run('boris'), run('ana')]);
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
});
