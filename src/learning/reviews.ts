import { join } from 'node:path';
import { Piscina } from 'piscina';
import { BacktestThreads, partsOfLedger } from '../backtest/run.ts';
import { CATEGORIES, type Category } from '../core/facts.ts';
import { builtWorker } from '../engine/built-worker.ts';
import { threadOptions } from '../engine/thread-options.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { readPolicyFile } from '../profiles/policy-file.ts';
import { formOf } from '../profiles/profile-form.ts';
import type { Period, VersionTallies } from './contest.ts';
import { type ProfileReview, type Reviewed, reviewOf } from './review.ts';
import type { ReviewAnswer } from './thread.ts';

export interface Review {
  readonly version: string;
  readonly days: number;
  readonly declarations: number;
  readonly controls: number;
  readonly from: string | null;
  readonly until: string | null;
  readonly profiles: readonly ProfileReview[];
}

const DAY_MS = 86_400_000;

/**
 * Reviews every profile of a policy over the newest days of a ledger, in threads that end with it.
 * @param now Event time, epoch milliseconds.
 */
export async function reviewPolicy(
  dataDir: string,
  { version, bundle }: { readonly version: string; readonly bundle: PolicyBundle },
  days: number,
  now: number,
): Promise<Review> {
  const task = { from: now - days * DAY_MS, until: now, drawn: chancesOf(bundle), bundle: { files: bundle.files } };
  const { effects, costs } = await onHistory<ReviewAnswer>(dataDir, task);
  const { declarations, controls, from, until } = effects;
  const time = (at: number) => (declarations === 0 ? null : new Date(at).toISOString());
  const profiles = reviewOf(reviewedOf(bundle), effects, costs);
  return { version, days, declarations, controls, from: time(from), until: time(until), profiles };
}

/** What each version decided in a period. */
export function versionsOver(dataDir: string, period: Period): Promise<VersionTallies> {
  return onHistory<VersionTallies>(dataDir, period);
}

/** All history of a ledger in a thread that ends with it. */
async function onHistory<T>(dataDir: string, task: object): Promise<T> {
  const segments = new BacktestThreads(1);
  const pool = new Piscina<object, T>({
    ...{ filename: builtWorker('review'), minThreads: 0, maxThreads: 1, execArgv: threadOptions() },
    ...{ atomics: 'disabled', recordTiming: false, workerHistogram: false },
  });
  try {
    const parts = await partsOfLedger(segments, join(dataDir, 'ledger'), join(dataDir, 'history'), () => undefined);
    return await pool.run({
      files: parts.flatMap((part) => (part.kind === 'segment' ? [part.file] : [])),
      rest: parts.flatMap((part) => (part.kind === 'bytes' ? [part.bytes] : []))[0] ?? null,
      outcomesDir: join(dataDir, 'outcomes'),
      ...task,
    });
  } finally {
    await Promise.all([segments.close(), pool.destroy()]);
  }
}

/** In ascending order of id. */
function reviewedOf({ files }: PolicyBundle): Reviewed[] {
  const names = Object.keys(files).filter((name) => name.startsWith('profiles/'));
  return names.sort().map((name) => {
    const { id, title, mandatory } = formOf(files[name] ?? '');
    return { id, title, mandatory };
  });
}

/** Chance of being drawn in any lane, by category; offices with lanes of their own are taken for the others. */
function chancesOf({ files }: PolicyBundle): Record<Category, number> {
  const lanes = readPolicyFile('policy.yaml', files['policy.yaml'] ?? '', [])?.random.lanes ?? [];
  const chance = (category: Category) => lanes.reduce((sum, { percent }) => sum + percent[category], 0) / 100;
  return Object.fromEntries(CATEGORIES.map((category) => [category, chance(category)])) as Record<Category, number>;
}
