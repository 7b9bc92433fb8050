import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Generator, type Load, type Measured } from './load.ts';
import { seed, type Target } from './targets.ts';

/** `--quick` tries everything out once and briefly; its figures mean nothing. */
const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values;

/** How often and how long a comparison is run. */
export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  /** Before each run, of the same load. */
  readonly warmUpSeconds: number;
}

export const PLAN: Plan = plan({ rounds: 7, seconds: 5, warmUpSeconds: 1 });
/** The first load of a process: until its code is compiled. */
const FIRST_WARM_UP_SECONDS = quick ? 1 : 5;

export function plan(whole: Plan): Plan {
  return quick ? { rounds: 1, seconds: 1, warmUpSeconds: 0.5 } : whole;
}

export function methodOf({ rounds, seconds, warmUpSeconds }: Plan): string {
  return `${rounds} interleaved rounds of ${seconds} s, each after ${warmUpSeconds} s of the same load; medians over the rounds; broker, service and generator share the machine`;
}

/** A folder with seeded data, and the process that sends. */
export interface Setting {
  readonly root: string;
  readonly generator: Generator;
}

export async function withSetting(use: (setting: Setting) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'corridor-bench-'));
  try {
    await seed(root);
    const generator = await Generator.start('A');
    try {
      await use({ root, generator });
    } finally {
      generator.stop();
    }
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Starts targets one after the other, and ends and removes them, whatever happens. */
export async function withTargets<T>(
  starts: readonly (() => Promise<Target>)[],
  use: (targets: Target[]) => Promise<T>,
): Promise<T> {
  const targets: Target[] = [];
  try {
    for (const start of starts) targets.push(await start());
    return await use(targets);
  } finally {
    for (const target of targets) await target.stop();
  }
}

/** One that is measured in every round, and what it has to bear. */
export interface Contender {
  readonly name: string;
  readonly target: Target;
  readonly load: WithoutSeconds;
}

type WithoutSeconds = Load extends infer L ? (L extends Load ? Omit<L, 'seconds'> : never) : never;

/** Runs by the contender's name, in the order of the rounds: in each, all of them in turn. */
export async function interleave(
  { generator }: Setting,
  contenders: readonly Contender[],
  { rounds, seconds, warmUpSeconds }: Plan,
): Promise<Map<string, Measured[]>> {
  const runs = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]));
  const run = ({ target, load }: Contender, forSeconds: number) =>
    generator.run(target, { ...load, seconds: forSeconds } as Load);
  for (const contender of contenders) await run(contender, FIRST_WARM_UP_SECONDS);
  for (let round = 0; round < rounds; round++) {
    // Every other round the other way round, so that no one always follows the same one.
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      await run(contender, warmUpSeconds);
      const measured = await run(contender, seconds);
      runs.get(contender.name)?.push(measured);
      process.stderr.write(`${contender.name}: ${Math.round(measured.perSecond)}/s\n`);
    }
  }
  for (const [name, measured] of runs) refuseErrors(name, measured);
  return runs;
}

/** Above it something else is measured than decisions. */
const ERRORS_MAX = 0.001;
let errors = false;

/** Fails the bench where too many answers of one contender are not what they must be; the others are still measured. */
function refuseErrors(name: string, runs: readonly Measured[]): void {
  const sum = (value: (run: Measured) => number) => runs.reduce((total, run) => total + value(run), 0);
  const [wrong, right] = [sum((run) => run.errors), sum((run) => run.answers)];
  if (wrong <= ERRORS_MAX * right) return;
  const statuses = JSON.stringify(runs.map((run) => run.statuses));
  process.stderr.write(`${name}: ${wrong} errors beside ${right} answers; by run and status ${statuses}\n`);
  // A quick run is over before code is compiled: the first answers miss the deadline of a decision.
  if (quick) return;
  errors = true;
  process.exitCode = 1;
}

/** Whether what was found may stand in the results. */
export function isWorthKeeping(): boolean {
  return !(quick || errors);
}

/** One value per round of one target beside another. */
export function perRound(
  runs: ReadonlyMap<string, readonly Measured[]>,
  of: string,
  to: string,
  value: (run: Measured) => number,
): number[] {
  const others = runs.get(to) ?? [];
  return (runs.get(of) ?? []).map((run, round) => value(run) / value(others[round] as Measured));
}
