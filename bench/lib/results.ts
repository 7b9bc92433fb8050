import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/config.ts';
import { interval, median } from './stats.ts';

/** What one benchmark found: `bench/results/NAME.json`. README's table is made of these files. */
export interface Results {
  readonly name: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number };
  /** Of Node, nats-server, and the packages that are measured. */
  readonly versions: Readonly<Record<string, string>>;
  /** How it was measured: runs, seconds, mix. */
  readonly method: string;
  readonly notMeasured: readonly string[];
  readonly ratios: readonly Ratio[];
  readonly figures: readonly Figure[];
}

/** One thing beside another of the same run: comparable across machines, so this is what is compared with the baseline. */
export interface Ratio {
  /** Never changes: the baseline knows it by this. */
  readonly id: string;
  readonly what: string;
  readonly median: number;
  /** Interval of 95 % for the median. */
  readonly low: number;
  readonly high: number;
  readonly runs: number;
  readonly better: 'higher' | 'lower';
  /** What is wanted, or null. */
  readonly wanted: number | null;
}

/** A row of absolute figures, medians; they belong to the machine. */
export interface Figure {
  readonly what: string;
  readonly values: Readonly<Record<string, number | string>>;
}

const FOLDER = join(packageRoot(), 'bench/results');

export function ratioOf(
  { id, what, better, wanted }: Pick<Ratio, 'id' | 'what' | 'better' | 'wanted'>,
  values: readonly number[],
): Ratio {
  return { id, what, median: median(values), ...interval(values), runs: values.length, better, wanted };
}

/** Machine and versions come from here; a quick run is for looking only and leaves no file. */
export function keep(found: Omit<Results, 'machine' | 'versions'>, packages: readonly string[], quick: boolean): void {
  const versions = { node: process.version, ...brokerVersion(), ...versionsOf(packages) };
  const results: Results = { ...found, machine: machine(), versions };
  for (const { what, median: ratio, low, high, wanted } of results.ratios) {
    const goal = wanted === null ? '' : `, wanted ${wanted}`;
    process.stdout.write(`${what}: ${digits(ratio)} (${digits(low)} to ${digits(high)}${goal})\n`);
  }
  if (results.figures.length > 0)
    console.table(Object.fromEntries(results.figures.map(({ what, values }) => [what, values])));
  if (quick) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${results.name}.json`), `${JSON.stringify(results, shortened, 2)}\n`);
}

/** Of the benchmarks that have ratios and figures; the long run's report is another. */
export function readResults(): Results[] {
  if (!existsSync(FOLDER)) return [];
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  const all = files.sort().map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Partial<Results>);
  return all.filter((each): each is Results => each.ratios !== undefined && each.figures !== undefined);
}

/** Three digits that count. */
export function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function shortened(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(digits(value)) : value;
}

function machine(): Results['machine'] {
  const all = cpus();
  return { cpu: all[0]?.model.trim() ?? '?', cores: all.length, memoryGiB: Math.round(totalmem() / 1024 ** 3) };
}

function brokerVersion(): Record<string, string> {
  const text = execFileSync('nats-server', ['--version'], { encoding: 'utf8' });
  return { 'nats-server': /\d+\.\d+\.\d+/.exec(text)?.[0] ?? '?' };
}

function versionsOf(packages: readonly string[]): Record<string, string> {
  const version = (name: string): string => {
    const file = join(packageRoot(), 'node_modules', name, 'package.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  };
  return Object.fromEntries(packages.map((name) => [name, version(name)]));
}
