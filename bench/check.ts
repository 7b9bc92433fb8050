import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../src/config.ts';
import { digits, type Ratio, readResults } from './lib/results.ts';

/**
 * Holds the ratios of the last results to the stored ones. Absolute times depend on the machine; ratios of one run hardly
 * do. Fails where one is worse by more than the tolerance, or is missing.
 *
 *   npm run bench -- check [--accept]     --accept: the last results become the baseline
 */
const BASELINE = join(packageRoot(), 'bench/baseline.json');
/** Of the stored ratio: what seven interleaved rounds on a shared machine differ by from one run to the next. */
const TOLERANCE = 0.15;
/** For ratios near nothing, such as the share that metrics take. */
const TOLERANCE_ABSOLUTE = 0.03;

type Baseline = Readonly<Record<string, Pick<Ratio, 'what' | 'median' | 'better'>>>;

const { accept } = parseArgs({ options: { accept: { type: 'boolean', default: false } } }).values;
const found = new Map(readResults().flatMap(({ ratios }) => ratios.map((ratio) => [ratio.id, ratio] as const)));

if (found.size === 0) throw new Error('there are no results: npm run bench');
if (accept) {
  const entries = [...found.values()].map(({ id, what, median, better }) => [id, { what, median, better }]);
  writeFileSync(BASELINE, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
} else {
  const baseline = JSON.parse(readFileSync(BASELINE, 'utf8')) as Baseline;
  const problems = Object.entries(baseline).flatMap(([id, before]) => problemOf(before, found.get(id)));
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.stdout.write(`${Object.keys(baseline).length} ratios, ${problems.length} worse than the baseline\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

function problemOf({ what, median: before, better }: Baseline[string], now: Ratio | undefined): string[] {
  if (now === undefined) return [`${what}: no result`];
  const room = Math.max(TOLERANCE * Math.abs(before), TOLERANCE_ABSOLUTE);
  const worse = better === 'higher' ? now.median < before - room : now.median > before + room;
  return worse ? [`${what}: ${digits(now.median)}, the baseline has ${digits(before)}`] : [];
}
