import { cpus, release, totalmem } from 'node:os';
import { type Line, plot, short } from './plot.ts';
import type { SteadyMinute } from './steady.ts';
import { median, type Point, type Trend, trendOf } from './trend.ts';
import { PROCESSES, type Sample } from './watch.ts';

export interface LongRun {
  readonly startedAt: string;
  readonly minutes: number;
  /** Declarations a second. */
  readonly rate: number;
  /** What a closed loop reached before, a second; null where the rate was given. */
  readonly capacity: number | null;
  readonly decisionsMinutes: number;
  readonly node: string;
  readonly broker: string;
  readonly samples: readonly Sample[];
  readonly answers: readonly SteadyMinute[];
  /** Why it ended early; null while it runs, and where it did not. */
  readonly cut: string | null;
}

/** A series whose second half must not rise. */
interface Watched {
  readonly name: string;
  readonly unit: string;
  /** A rise of less than this an hour is none, whatever its share. */
  readonly negligible: number;
  readonly points: readonly Point[];
}

interface Verdict {
  readonly name: string;
  readonly verdict: 'flat' | 'rises' | 'too short';
  readonly text: string;
}

const MIB = 1024 * 1024;
const HOUR_MINUTES = 60;
/** A rise that is no more than this share of the level an hour is none. */
const RISE_MAX = 0.05;
const POINTS_MIN = 12;
const TABLE_MINUTES = 5;
/** Bytes a decision, second half over first. */
const GROWTH_RATIO_MAX = 1.1;

export function plots({ samples, answers, startedAt }: LongRun): Record<string, string> {
  const over = (value: (sample: Sample) => number | null): Point[] => seriesOf(samples, value);
  const start = Date.parse(startedAt);
  const minutes = (value: (one: SteadyMinute) => number): Point[] =>
    answers.map((one) => [(one.at - start) / 60_000, value(one)]);
  const lines = (entries: Record<string, Point[]>): Line[] =>
    Object.entries(entries).map(([name, points]) => ({ name, points }));
  return {
    memory: plot('Memory', 'MiB', [
      ...PROCESSES.map((name) => ({ name, points: over(({ memory }) => inMib(memory[name])) })),
      { name: 'service’s heap', points: over(({ heap }) => heap / MIB) },
    ]),
    latency: plot(
      'Answers, from when they were due',
      'ms',
      lines({
        p50: minutes(({ latencyMs }) => latencyMs.p50),
        p99: minutes(({ latencyMs }) => latencyMs.p99),
        'p99.9': minutes(({ latencyMs }) => latencyMs.p999),
        'sent late, p99': minutes(({ lateMs }) => lateMs),
      }),
    ),
    lag: plot('Lag', 'messages', [
      { name: 'engine', points: over(({ lag }) => lag.engine) },
      { name: 'read models', points: over(({ lag }) => lag.projection) },
    ]),
    files: plot('On disk', 'MiB', [
      { name: 'ledger', points: over(({ files }) => files.ledger / MIB) },
      { name: 'read models', points: over(({ files }) => files.models / MIB) },
      { name: 'broker', points: over(({ files }) => files.broker / MIB) },
    ]),
    streams: plot('Streams', 'messages', [
      { name: 'DECLARATIONS', points: over(({ streams }) => streams.DECLARATIONS.messages) },
      { name: 'DECISIONS', points: over(({ streams }) => streams.DECISIONS.messages) },
    ]),
    processor: plot(
      'Processor',
      'cores',
      PROCESSES.map((name) => ({ name, points: over(({ cpu }) => cpu[name]) })),
    ),
  };
}

/** By minute; what could not be read is left out. */
function seriesOf(samples: readonly Sample[], value: (sample: Sample) => number | null): Point[] {
  return samples.flatMap((one): Point[] => {
    const y = value(one);
    return y === null ? [] : [[one.minute, y]];
  });
}

function inMib(bytes: number | null): number | null {
  return bytes === null ? null : bytes / MIB;
}

/** Everything that must be flat, over the second half, and how it is. */
export function verdicts({ samples, answers, startedAt }: LongRun): Verdict[] {
  const start = Date.parse(startedAt);
  const over = (value: (sample: Sample) => number | null): Point[] => seriesOf(samples, value);
  const minutes = (value: (one: SteadyMinute) => number): Point[] =>
    answers.map((one) => [(one.at - start) / 60_000, value(one)]);
  const flat: Watched[] = [
    { name: 'memory of the service', unit: 'MiB', negligible: 4, points: over(({ memory }) => inMib(memory.service)) },
    { name: 'heap of the service', unit: 'MiB', negligible: 2, points: over(({ heap }) => heap / MIB) },
    { name: 'memory of the broker', unit: 'MiB', negligible: 4, points: over(({ memory }) => inMib(memory.broker)) },
    { name: 'p50', unit: 'ms', negligible: 0.1, points: minutes(({ latencyMs }) => latencyMs.p50) },
    { name: 'p99', unit: 'ms', negligible: 0.5, points: minutes(({ latencyMs }) => latencyMs.p99) },
    { name: 'event loop, p99', unit: 'ms', negligible: 0.5, points: over(({ eventLoopP99Ms }) => eventLoopP99Ms) },
    { name: 'lag of the engine', unit: 'messages', negligible: 2, points: over(({ lag }) => lag.engine) },
    { name: 'lag of the read models', unit: 'messages', negligible: 2, points: over(({ lag }) => lag.projection) },
    { name: 'broker on disk', unit: 'MiB', negligible: 16, points: over(({ files }) => files.broker / MIB) },
    {
      name: 'DECISIONS',
      unit: 'messages',
      negligible: 100,
      points: over(({ streams }) => streams.DECISIONS.messages),
    },
  ];
  return [...flat.map(verdictOf), growthOf('ledger', samples), growthOf('models', samples)];
}

function verdictOf({ name, unit, negligible, points }: Watched): Verdict {
  const half = points.slice(Math.floor(points.length / 2));
  if (half.length < POINTS_MIN) return { name, verdict: 'too short', text: `${half.length} points in the second half` };
  const { slope, low, high, level }: Trend = trendOf(half.map(([minute, value]) => [minute / HOUR_MINUTES, value]));
  const bound = Math.max(negligible, level * RISE_MAX);
  const text = `${short(level)} ${unit}, ${short(slope)} an hour [${short(low)}, ${short(high)}]`;
  return { name, verdict: low > 0 && slope > bound ? 'rises' : 'flat', text };
}

/** It must grow (the read models until they begin to forget), by the same number of bytes for each decision. */
function growthOf(file: 'ledger' | 'models', samples: readonly Sample[]): Verdict {
  const name = `${file === 'ledger' ? 'ledger' : 'read models'}, bytes a decision`;
  const middle = Math.floor(samples.length / 2);
  const [first, second] = [samples.slice(0, middle), samples.slice(middle)];
  if (second.length < POINTS_MIN) return { name, verdict: 'too short', text: `${second.length} points` };
  const perDecision = (part: readonly Sample[]): number =>
    trendOf(part.map(({ decisions, files }) => [decisions, files[file]])).slope;
  const [before, after] = [perDecision(first), perDecision(second)];
  const text = `${short(before)} in the first half, ${short(after)} in the second`;
  return { name, verdict: after <= before * GROWTH_RATIO_MAX ? 'flat' : 'rises', text };
}

/** The report, in Markdown; its pictures stand in `long-run/`. */
export function report(run: LongRun): string {
  const { startedAt, minutes, rate, capacity, decisionsMinutes, node, broker, samples, answers, cut } = run;
  const found = verdicts(run);
  const rising = found.filter(({ verdict }) => verdict === 'rises');
  const short_ = found.some(({ verdict }) => verdict === 'too short');
  const decided = answers.reduce((sum, one) => sum + one.decided, 0);
  const failed = answers.reduce((sum, one) => sum + one.failed, 0);
  const ran = samples.at(-1)?.minute ?? 0;
  const verdict =
    rising.length > 0
      ? `Not flat: ${rising.map(({ name }) => name).join(', ')}.`
      : short_
        ? 'Too short for a verdict.'
        : 'All flat.';
  const [cpu] = cpus();
  return [
    '# Long run',
    '',
    'Written by `npm run bench -- long`. One service with its own broker and the sender beside it, the shipped profiles, an open loop',
    'at a steady rate: an answer’s time runs from when its declaration was due. DECISIONS keeps',
    `${decisionsMinutes} minutes, so that its trimming is seen; the ledger keeps everything.`,
    '',
    `- ${startedAt}, ${short(ran)} of ${minutes} minutes${cut === null ? '' : ` (${cut})`}, ${rate} declarations a second${capacity === null ? '' : `, a third of the ${Math.round(capacity)} that a closed loop of 50 connections reached just before`}`,
    `- ${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()}, Node ${node}, ${broker}`,
    `- ${decided} decided, ${failed} failed`,
    '',
    `**${verdict}** The second half is judged. A series *rises* where its slope (Theil–Sen) is above 5 % of its median an hour (or`,
    'above a negligible absolute rise) and the 95 % interval of the slope (moving-block bootstrap) is above zero. Ledger and read models',
    '(which forget after 400 days) must grow, but by no more than a tenth more bytes for each decision than in the first half.',
    '',
    '| | verdict | level, and slope with its 95 % interval |',
    '|---|---|---|',
    ...found.map(({ name, verdict: how, text }) => `| ${name} | ${how} | ${text} |`),
    '',
    ...Object.keys(plots(run)).map((name) => `![${name}](long-run/${name}.svg)`),
    '',
    ...table(run),
    '',
    'Not measured: more than one node, a broker on another machine, amendments and withdrawals, a disk that is shared with others.',
    '',
  ].join('\n');
}

function table({ samples, answers, startedAt }: LongRun): string[] {
  const start = Date.parse(startedAt);
  const rows: string[] = [];
  for (let from = 0; from < (samples.at(-1)?.minute ?? 0); from += TABLE_MINUTES) {
    const within = (minute: number) => minute > from && minute <= from + TABLE_MINUTES;
    const part = samples.filter(({ minute }) => within(minute));
    const minutes = answers.filter(({ at }) => within((at - start) / 60_000));
    const of = (value: (sample: Sample) => number | null) => {
      const series = seriesOf(part, value).map(([, y]) => y);
      return series.length === 0 ? '–' : short(median(series));
    };
    const over = (value: (one: SteadyMinute) => number) => short(median(minutes.map(value)));
    rows.push(
      `| ${from}–${from + TABLE_MINUTES} | ${over(({ decided }) => decided / 60)} | ${over(({ latencyMs }) => latencyMs.p50)} | ${over(({ latencyMs }) => latencyMs.p99)} | ${over(({ latencyMs }) => latencyMs.p999)} | ${over(({ lateMs }) => lateMs)} | ${of(({ memory }) => inMib(memory.service))} | ${of(({ heap }) => heap / MIB)} | ${of(({ memory }) => inMib(memory.broker))} | ${of(({ eventLoopP99Ms }) => eventLoopP99Ms)} | ${of(({ lag }) => lag.engine)} / ${of(({ lag }) => lag.projection)} | ${of(({ streams }) => streams.DECLARATIONS.messages)} / ${of(({ streams }) => streams.DECISIONS.messages)} | ${of(({ files }) => files.ledger / MIB)} / ${of(({ files }) => files.models / MIB)} / ${of(({ files }) => files.broker / MIB)} | ${of(({ cpu }) => cpu.service)} / ${of(({ cpu }) => cpu.broker)} |`,
    );
  }
  return [
    'Medians of five minutes. Memory and files in MiB, times in ms. Memory is a process’s own: mapped files are page cache.',
    '',
    '| minutes | decided/s | p50 | p99 | p99.9 | sent late, p99 | memory | heap | broker’s memory | event loop p99 | lag: engine / models | messages: DECLARATIONS / DECISIONS | on disk: ledger / models / broker | cores: service / broker |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ];
}
