import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/config.ts';
import { digits, type Figure, type Ratio, type Results, readResults } from './lib/results.ts';

/**
 * Writes the last results into the README, between its two marks: ratios first, which hold elsewhere too.
 *
 *   npm run bench -- table
 */
const README = join(packageRoot(), 'README.md');
const BEGIN = '<!-- written by npm run bench -->';
const END = '<!-- until here -->';
/** Columns of the figures that the README shows; the files have them by thread too. */
const COLUMNS = ['per second', 'p50 / p99 / p99.9 ms', 'CPU µs'];

function ratioRow({ what, median, low, high, better, wanted }: Ratio): string {
  const goal = wanted === null ? '' : `${better === 'higher' ? '≥' : '≤'} ${wanted}`;
  return `| ${what} | ${digits(median)} | ${digits(low)} – ${digits(high)} | ${goal} |`;
}

function figureRow({ what, values }: Figure): string {
  return `| ${what} | ${COLUMNS.map((column) => values[column] ?? '').join(' | ')} |`;
}

function tableOf(results: readonly Results[]): string {
  const [first] = results;
  if (first === undefined) throw new Error('there are no results: npm run bench');
  const { cpu, cores, memoryGiB } = first.machine;
  const versions = Object.assign({}, ...results.map((each) => each.versions)) as Record<string, string>;
  const figures = results.flatMap((each) =>
    each.figures.filter(({ values }) => COLUMNS.some((name) => name in values)),
  );
  return [
    '| beside one another, in the same run | ratio | 95 % interval | wanted |',
    '|---|---|---|---|',
    ...results.flatMap(({ ratios }) => ratios.map(ratioRow)),
    '',
    `| on this machine | ${COLUMNS.join(' | ')} |`,
    '|---|---|---|---|',
    ...figures.map(figureRow),
    '',
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, shared by broker, service and generator; ${versionsText(versions)}.`,
  ].join('\n');
}

function versionsText(versions: Record<string, string>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version.replace(/^v/, '')}`)
    .join(', ');
}

const text = readFileSync(README, 'utf8');
const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
if (begin < 0 || end < begin) throw new Error(`README.md lacks its marks ${BEGIN} and ${END}`);
const before = text.slice(0, begin + BEGIN.length);
writeFileSync(README, `${before}\n\n${tableOf(readResults())}\n\n${text.slice(end)}`);
