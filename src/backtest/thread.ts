import { readFileSync } from 'node:fs';
import type { Policy } from '../core/policy.ts';
import { BACKTEST_POLICIES_MAX } from '../limits.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { openLedger } from '../state/ledger.ts';
import { newestRows } from './history.ts';
import { redecide } from './redecide.ts';
import { type HistoryRow, rowsOf, SegmentWriter } from './segment.ts';
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
  | { readonly kind: 'count'; readonly part: Part; readonly before: NamedBundle; readonly after: NamedBundle }
  /** The newest decisions of a ledger, as segments of this size. */
  | { readonly kind: 'newest'; readonly ledgerDir: string; readonly count: number; readonly size: number };

export type BacktestAnswer = { readonly tally: TallyData } | { readonly segments: readonly Uint8Array[] };

export interface ThreadParts {
  readonly build: (bundle: PolicyBundle) => Policy;
}

/** One thread of backtests. It keeps the policies it was asked for last, so that only a changed one is compiled. */
export function serveBacktests({ build }: ThreadParts): (task: BacktestTask) => Promise<BacktestAnswer> {
  const policies = new Map<string, Policy>();
  const policyOf = ({ version, files }: NamedBundle): Policy => {
    const policy = policies.get(version) ?? build({ files });
    policies.delete(version);
    policies.set(version, policy);
    for (const oldest of [...policies.keys()].slice(0, -BACKTEST_POLICIES_MAX)) policies.delete(oldest);
    return policy;
  };
  return async (task) => {
    if (task.kind === 'newest') return { segments: await newestSegments(task) };
    const bytes = task.part.kind === 'bytes' ? task.part.bytes : readFileSync(task.part.file);
    const before = policyOf(task.before);
    return { tally: tallyOf(rowsOf(bytes), before, policyOf(task.after)) };
  };
}

/** What `after` would decide of these, beside what `before` did, or would have done. */
export function tallyOf(
  rows: Iterable<HistoryRow>,
  before: Policy,
  after: Policy,
  outcomeOf: (submitter: string, id: string) => KnownOutcome | null = () => null,
): TallyData {
  const tally = emptyTally();
  for (const row of rows) {
    const old = row.policyVersion === before.version ? row.corridor : redecide(row, before).corridor;
    count(tally, row, old, redecide(row, after), outcomeOf(row.submitter, row.declaration.id));
  }
  return tally;
}

async function newestSegments(task: Extract<BacktestTask, { kind: 'newest' }>): Promise<Uint8Array[]> {
  const ledger = openLedger(task.ledgerDir, { readOnly: true });
  try {
    return [...segmentsOf(newestRows(ledger, task.count), task.size)];
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
