import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { newestRows, rowOf } from '../../src/backtest/history.ts';
import { redecide } from '../../src/backtest/redecide.ts';
import { reportOf } from '../../src/backtest/report.ts';
import { BacktestThreads, countAll, runBacktest } from '../../src/backtest/run.ts';
import { type HistoryRow, rowsOf } from '../../src/backtest/segment.ts';
import { addTally, emptyTally } from '../../src/backtest/tally.ts';
import { type Part, segmentsOf, tallyOf } from '../../src/backtest/thread.ts';
import { type Corridor, isReleased } from '../../src/core/corridor.ts';
import { decide } from '../../src/core/decide.ts';
import type { Policy } from '../../src/core/policy.ts';
import { bundleVersion, type PolicyBundle, readBundle } from '../../src/profiles/bundle.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { openLedger } from '../../src/state/ledger.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { historyOf, keep } from './past.ts';

let before: PolicyBundle;
let after: PolicyBundle;
let policies: { readonly before: Policy; readonly after: Policy };
let rows: HistoryRow[];
let parts: Part[];

const edited = (bundle: PolicyBundle, name: string, from: string | RegExp, to: string): PolicyBundle => ({
  files: { ...bundle.files, [name]: (bundle.files[name] ?? '').replace(from, to) },
});

beforeAll(async () => {
  before = await readBundle(resolve('rules'));
  after = edited(before, 'profiles/UV-001.yaml', '< 0.6 *', '< 0.9 *');
  // So young a history has seen little.
  after = edited(after, 'profiles/UV-001.yaml', '.n >= 30', '.n >= 1');
  after = edited(
    after,
    'profiles/UV-001.yaml',
    /tests:[\s\S]*/,
    `tests:
  - { name: nothing known, hits: false }
  - name: low
    declaration: { items: [{ netMassKg: 100, grossMassKg: 110, customsValue: { amount: "100000", currency: KZT } }] }
    facts: { items: [{ valuePerKg: { n: 100, p05: 1500, p25: 2500, p50: 3000, p75: 3500, p95: 5000 } }] }
    hits: true
`,
  );
  policies = { before: buildPolicy(before), after: buildPolicy(after) };
  rows = historyOf(600, policies.before);
  parts = [...segmentsOf(rows, 100)].map((bytes) => ({ kind: 'bytes', bytes }));
});

const sum = (counts: Readonly<Record<Corridor, number>>) => Object.values(counts).reduce((all, one) => all + one, 0);

describe('a backtest', () => {
  it('decides from segments what the engine decided from declarations', () => {
    const again = [...segmentsOf(rows, 64)].flatMap((bytes) => [...rowsOf(bytes)]);
    expect(again).toStrictEqual(rows);
    for (const [i, row] of again.entries()) {
      expect(redecide(row, policies.before)).toMatchObject({ corridor: rows[i]?.corridor });
      const { declaration, facts } = rows[i] as HistoryRow;
      expect(redecide(row, policies.after)).toEqual(decide(declaration, facts, policies.after));
    }
  });

  it('counts in threads what one pass counts, and its parts add up', async () => {
    const steps: number[] = [];
    const whole = await runBacktest({
      ...{ parts, before, after, threads: 2, outcomesDir: null },
      onProgress: (done, { declarations }) => steps.push(done, declarations),
    });
    const expected = tallyOf(rows, policies.before, policies.after);
    const plain = ({ profiles, ...rest }: typeof whole) => ({
      ...rest,
      profiles: Object.fromEntries(Object.entries(profiles).map(([id, { samples: _, ...each }]) => [id, each])),
    });
    expect(plain(whole)).toEqual(plain(expected));
    expect(steps.slice(-2)).toEqual([6, 600]);
    const report = reportOf(whole);
    expect(sum(report.before)).toBe(600);
    expect(sum(report.after)).toBe(600);
    expect(report.moves.length).toBeGreaterThan(0);
    const hits = rows.filter((row) =>
      decide(row.declaration, row.facts, policies.after).reasons.some(({ code }) => code === 'UV-001'),
    );
    expect(report.profiles.find(({ id }) => id === 'UV-001')).toMatchObject({ hits: hits.length });
  });

  it('compares with what the other policy would have done where it was not the one that decided', () => {
    const byAnother = rows.map((row) => ({ ...row, policyVersion: 'earlier-000000000000', corridor: 'red' as const }));
    expect(tallyOf(byAnother, policies.before, policies.after).moves).toEqual(
      tallyOf(rows, policies.before, policies.after).moves,
    );
  });

  it('tells the values that make a hit, and controls of each office and day against its capacity', () => {
    const tally = tallyOf(rows, policies.before, policies.after);
    const [sample] = tally.profiles['UV-001']?.samples ?? [];
    expect(Object.keys(sample?.values ?? {})).toContain('item.netMassKg');
    const [busiest] = reportOf(tally).offices;
    const { office = '', busiestDay = 0 } = busiest ?? {};
    const capacities = new Map([[office, busiestDay - 1]]);
    expect(reportOf(tally, capacities).offices[0]).toMatchObject({ capacity: busiestDay - 1 });
    expect(reportOf(tally, capacities).offices[0]?.daysOver).toBeGreaterThan(0);
    const controls = rows.filter((row) => !isReleased(redecide(row, policies.after).corridor)).length;
    expect(reportOf(tally).offices.reduce((all, each) => all + each.controls, 0)).toBe(controls);
  });

  it('knows a hit rate where outcomes are known', () => {
    const tally = tallyOf(rows, policies.before, policies.after, (_, id) => ({ finding: id.endsWith('1') }));
    const { after: rate } = reportOf(tally).hitRate;
    expect(rate.of).toBeGreaterThan(0);
    expect(rate.interval?.low).toBeLessThanOrEqual(rate.rate ?? -1);
    expect(reportOf(tallyOf(rows, policies.before, policies.after)).hitRate.after).toEqual({
      ...{ of: 0, findings: 0, rate: null, interval: null },
    });
  });

  it('is the sum of any parts', () => {
    const whole = emptyTally();
    for (let from = 0; from < rows.length; from += 170) {
      addTally(whole, tallyOf(rows.slice(from, from + 170), policies.before, policies.after));
    }
    const once = tallyOf(rows, policies.before, policies.after);
    expect({ ...whole, profiles: {} }).toEqual({ ...once, profiles: {} });
    expect(whole.profiles['UV-001']).toEqual(once.profiles['UV-001']);
  });

  it('stops where it is told to', async () => {
    const abort = new AbortController();
    const stopped = runBacktest({
      ...{ parts, before, after, threads: 1, outcomesDir: null, signal: abort.signal },
      onProgress: () => abort.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('says what is wrong with a policy that does not compile', async () => {
    const wrong = edited(before, 'profiles/UV-001.yaml', 'trader.authorisedOperator', 'trader.none');
    await expect(runBacktest({ parts, before, after: wrong, threads: 1, outcomesDir: null })).rejects.toThrow(
      'profiles/UV-001.yaml:',
    );
  });

  it('takes the newest decisions of a ledger, however they lie in its commits', async () => {
    const dir = await temporaryFolder();
    const ledger = openLedger(dir);
    const version = bundleVersion(before);
    await keep(ledger, rows, policies.before);
    const newest = newestRows(ledger, 250);
    expect(newest.map(({ declaration }) => declaration.id)).toEqual(
      rows.slice(-250).map(({ declaration }) => declaration.id),
    );
    expect(newest.every(({ policyVersion }) => policyVersion === version)).toBe(true);
    expect(newestRows(ledger, 10_000)).toHaveLength(600);
    const [first] = ledger.entries();
    expect(first === undefined ? first : rowOf({ ...first.entry, outcome: 'withdrawn' })).toBeNull();
    const threads = new BacktestThreads(1);
    try {
      const answer = await threads.run({ kind: 'newest', ledgerDir: dir, count: 300, size: 128 });
      const segments = 'segments' in answer ? answer.segments : [];
      expect(segments).toHaveLength(3);
      const tally = await countAll(threads, {
        ...{ before, after, threads: 1, outcomesDir: null },
        parts: segments.map((bytes) => ({ kind: 'bytes', bytes })),
      });
      expect(tally.declarations).toBe(300);
    } finally {
      await threads.close();
      await ledger.close();
    }
  });
});
