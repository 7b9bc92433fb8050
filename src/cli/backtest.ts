import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type BacktestReport, reportOf } from '../backtest/report.ts';
import { BacktestThreads, countAll, partsOfLedger } from '../backtest/run.ts';
import type { TallyData } from '../backtest/tally.ts';
import { loadConfig } from '../config.ts';
import { CORRIDORS } from '../core/corridor.ts';
import { bundleVersion, type PolicyBundle, unpackBundle } from '../profiles/bundle.ts';
import { capacitiesOf } from '../profiles/capacities.ts';
import { buildPolicy } from '../profiles/policy.ts';
import { type Ledger, openLedger } from '../state/ledger.ts';
import { CommandFailure, EXIT_DONE, type Invocation, type Terminal } from './command.ts';

/** Decides everything that the ledger holds again, under `after`, beside what was decided, or another policy. */
export async function backtest(
  after: PolicyBundle,
  against: PolicyBundle | null,
  { env, values, terminal }: Invocation,
): Promise<number> {
  // Refused here with every problem, before anything is read.
  buildPolicy(after);
  const { dataDir } = loadConfig(env, { data: values.data });
  const ledger = openLedger(join(dataDir, 'ledger'), { readOnly: true });
  const begun = performance.now();
  try {
    const before = against ?? newestPolicyOf(ledger);
    const tally = await inThreads(before, after, dataDir, terminal);
    const versions = { before: bundleVersion(before), after: bundleVersion(after) };
    await print(tally, after, versions, (performance.now() - begun) / 1000, values.json === true, terminal);
    return EXIT_DONE;
  } finally {
    await ledger.close();
  }
}

async function inThreads(
  before: PolicyBundle,
  after: PolicyBundle,
  dataDir: string,
  terminal: Terminal,
): Promise<TallyData> {
  const threads = availableParallelism();
  const pool = new BacktestThreads(threads);
  const outcomes = join(dataDir, 'outcomes');
  try {
    const onFiles = (files: number) => terminal.progress(`history: ${files} segments …`);
    const parts = await partsOfLedger(pool, join(dataDir, 'ledger'), join(dataDir, 'history'), onFiles);
    return await countAll(pool, {
      ...{ parts, before, after, threads, outcomesDir: existsSync(outcomes) ? outcomes : null },
      onProgress: (_, { declarations }) => terminal.progress(`${declarations} declarations decided again …`),
    });
  } finally {
    terminal.progress('');
    await pool.close();
  }
}

/** The policy of the last decision. */
function newestPolicyOf(ledger: Ledger): PolicyBundle {
  const bytes = ledger
    .policies()
    .map((version) => ledger.policy(version))
    .filter((each) => each !== null);
  const newest = bytes.at(-1);
  if (newest === undefined)
    throw new CommandFailure('the ledger holds no policy; name one to compare with: --against DIR');
  return unpackBundle(newest);
}

async function print(
  tally: TallyData,
  after: PolicyBundle,
  versions: { readonly before: string; readonly after: string },
  seconds: number,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const report = reportOf(tally, capacitiesOf(after));
  if (json) {
    await terminal.data(`${JSON.stringify({ ...versions, seconds, ...report })}\n`);
    return;
  }
  await terminal.data(`${linesOf(report, versions, seconds).join('\n')}\n`);
}

function linesOf(report: BacktestReport, versions: { before: string; after: string }, seconds: number): string[] {
  const { declarations, from, until, before, after, moves, hitRate, profiles, offices } = report;
  const share = (part: number) => `${((100 * part) / Math.max(1, declarations)).toFixed(2).padStart(6)} %`;
  const rate = (each: BacktestReport['hitRate']['after']) =>
    each.rate === null || each.interval === null
      ? 'no outcomes known'
      : `${(100 * each.rate).toFixed(1)} % of ${each.of} (95 %: ${(100 * each.interval.low).toFixed(1)} to ${(100 * each.interval.high).toFixed(1)})`;
  return [
    `${declarations} declarations${from === null ? '' : ` from ${from.slice(0, 10)} to ${until?.slice(0, 10)}`}, decided again in ${seconds.toFixed(1)} s`,
    `  ${'corridor'.padEnd(8)}  ${versions.before}  →  ${versions.after}`,
    ...CORRIDORS.map((corridor) => `  ${corridor.padEnd(8)} ${share(before[corridor])} → ${share(after[corridor])}`),
    `hit rate of controls: ${rate(hitRate.before)} → ${rate(hitRate.after)}`,
    ...(moves.length === 0 ? ['no declaration changes its corridor'] : ['changes of corridor']),
    ...moves.map(({ from: source, to, declarations: moved }) => `  ${source} → ${to}: ${moved}`),
    'profile, hits, of those under control for its sake alone, hit rate',
    ...profiles.map(({ id, hits, alone, hitRate: each, faults }) => {
      const faulty = faults === 0 ? '' : `  ${faults} faults`;
      return `  ${id.padEnd(14)} ${String(hits).padStart(8)} ${String(alone).padStart(8)}  ${rate(each)}${faulty}`;
    }),
    'office, controls, a day, busiest day, capacity a day',
    ...offices.slice(0, 20).map(({ office, controls, perDay, busiestDay, capacity, daysOver }) => {
      const limit = capacity === null ? '-' : `${capacity}${daysOver === 0 ? '' : `, over it on ${daysOver} days`}`;
      return `  ${office.padEnd(10)} ${String(controls).padStart(8)} ${perDay.toFixed(1).padStart(8)} ${String(busiestDay).padStart(6)}  ${limit}`;
    }),
  ];
}
