import { readFileSync } from 'node:fs';
import type { Policy } from '../core/policy.ts';
import { BACKTEST_POLICIES_MAX } from '../limits.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { PolicyError, type PolicyProblem } from '../profiles/problems.ts';
import { type Ledger, openLedger } from '../state/ledger.ts';
import { OutcomeStore } from '../state/outcomes.ts';
import { newestRows, rowOf } from './history.ts';
import { redecide } from './redecide.ts';
import { type HistoryRow, rowsOf, SegmentWriter } from './segment.ts';
import { type LedgerParts, ledgerParts } from './segment-files.ts';
import { count, emptyTally, type KnownOutcome, type TallyData } from './tally.ts';

export interface NamedBundle {
  readonly version: string;
  readonly files: PolicyBundle['files'];
}

/** Part of history. */
export type Part =
  /** A file of a segment. */
  { readonly kind: 'segment'; readonly file: string } | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

export type BacktestTask =
  /** Decide a part again under `after`; and under `before`, where it was decided under another policy. */
  | {
      readonly kind: 'count';
      readonly part: Part;
      readonly before: NamedBundle;
      readonly after: NamedBundle;
      /** Folder of the outcomes; null: none are known. */
      readonly outcomesDir: string | null;
    }
  /** All of a ledger, as segments of this size in a folder, brought up to date by so many at most. */
  | {
      readonly kind: 'segments';
      readonly ledgerDir: string;
      readonly dir: string;
      readonly size: number;
      readonly newMax: number;
    }
  /** What a ledger has taken in from a commit on, up to about so many. */
  | { readonly kind: 'since'; readonly ledgerDir: string; readonly fromCommit: number; readonly max: number }
  /** The newest decisions of a ledger, as segments of this size. */
  | { readonly kind: 'newest'; readonly ledgerDir: string; readonly count: number; readonly size: number };

export type BacktestAnswer =
  | { readonly tally: TallyData }
  | { readonly segments: readonly Uint8Array[] }
  | LedgerParts
  /** Null: nothing was decided in those commits. */
  | { readonly segment: Uint8Array | null; readonly nextCommit: number }
  /** One of the policies does not compile. */
  | { readonly problems: readonly PolicyProblem[] };

export interface ThreadParts {
  readonly build: (bundle: PolicyBundle) => Policy;
}

/** One thread of backtests. It keeps the policies it was asked for last, so that only a changed one is compiled. */
export function serveBacktests({ build }: ThreadParts): (task: BacktestTask) => Promise<BacktestAnswer> {
  const policies = new Map<string, Policy>();
  const stores = new Map<string, OutcomeStore>();
  const outcomesIn = (dir: string | null): OutcomeOf => {
    if (dir === null) return () => null;
    const store = stores.get(dir) ?? new OutcomeStore(dir);
    stores.set(dir, store);
    return (submitter, id) => store.get(submitter, id);
  };
  const policyOf = ({ version, files }: NamedBundle): Policy => {
    const policy = policies.get(version) ?? build({ files });
    policies.delete(version);
    policies.set(version, policy);
    for (const oldest of [...policies.keys()].slice(0, -BACKTEST_POLICIES_MAX)) policies.delete(oldest);
    return policy;
  };
  return async (task) => {
    if (task.kind === 'newest') {
      return withLedger(task, (ledger) => ({ segments: [...segmentsOf(newestRows(ledger, task.count), task.size)] }));
    }
    if (task.kind === 'since') return withLedger(task, (ledger) => segmentSince(ledger, task.fromCommit, task.max));
    if (task.kind === 'segments') {
      return withLedger(task, (ledger) => ledgerParts(ledger, task.dir, task.size, task.newMax));
    }
    const bytes = task.part.kind === 'bytes' ? task.part.bytes : readFileSync(task.part.file);
    try {
      const before = policyOf(task.before);
      const after = policyOf(task.after);
      return { tally: tallyOf(rowsOf(bytes), before, after, outcomesIn(task.outcomesDir)) };
    } catch (error) {
      if (error instanceof PolicyError) return { problems: error.problems };
      throw error;
    }
  };
}

type OutcomeOf = (submitter: string, id: string) => KnownOutcome | null;

/** What `after` would decide of these, beside what `before` did, or would have done. */
export function tallyOf(
  rows: Iterable<HistoryRow>,
  before: Policy,
  after: Policy,
  outcomeOf: OutcomeOf = () => null,
): TallyData {
  const tally = emptyTally();
  for (const row of rows) {
    const old = row.policyVersion === before.version ? row.corridor : redecide(row, before).corridor;
    count(tally, row, old, redecide(row, after), outcomeOf(row.submitter, row.declaration.id));
  }
  return tally;
}

function segmentSince(
  ledger: Ledger,
  fromCommit: number,
  max: number,
): Extract<BacktestAnswer, { readonly nextCommit: number }> {
  const writer = new SegmentWriter();
  // Before the entries are read: what comes meanwhile is for the next time.
  const last = ledger.head().commit;
  let at = fromCommit;
  for (const { commit, entry } of ledger.entries(fromCommit)) {
    if (commit > last) break;
    // A commit is counted as a whole.
    if (writer.rows >= max && commit > at) return { segment: writer.take(), nextCommit: commit };
    at = commit;
    const row = rowOf(entry);
    if (row !== null) writer.add(row);
  }
  return { segment: writer.rows === 0 ? null : writer.take(), nextCommit: last + 1 };
}

async function withLedger<T>({ ledgerDir }: { readonly ledgerDir: string }, use: (ledger: Ledger) => T): Promise<T> {
  const ledger = openLedger(ledgerDir, { readOnly: true });
  try {
    return use(ledger);
  } finally {
    await ledger.close();
  }
}

/** Rows in segments of this many. */
export function* segmentsOf(rows: Iterable<HistoryRow>, size: number): Iterable<Uint8Array> {
  let writer = new SegmentWriter();
  for (const row of rows) {
    writer.add(row);
    if (writer.rows < size) continue;
    yield writer.take();
    writer = new SegmentWriter();
  }
  if (writer.rows > 0) yield writer.take();
}
