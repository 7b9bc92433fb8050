import type { CpuTimes } from './cpu.ts';
import type { Measured } from './load.ts';
import type { Percentiles } from './orders.ts';
import { digits, type Figure } from './results.ts';
import { median } from './stats.ts';

/** Medians over the runs of one target: rate, latency, and CPU time per answer by thread. */
export function figureOf(what: string, runs: readonly Measured[]): Figure {
  const values: Record<string, number | string> = {
    'per second': Math.round(median(runs.map((run) => run.perSecond))),
  };
  const latency = percentiles(runs.map((run) => run.latencyMs));
  if (latency !== null) values['p50 / p99 / p99.9 ms'] = latency;
  const lateness = percentiles(runs.map((run) => run.latenessMs));
  if (lateness !== null) values['generator late, ms'] = lateness;
  values['CPU µs'] = Math.round(median(runs.map((run) => totalCpu(run))));
  for (const role of Object.keys(runs[0]?.cpu ?? {}))
    values[role] = Math.round(median(runs.map(({ cpu }) => cpu[role] ?? 0)));
  return { what, values };
}

function percentiles(all: readonly (Percentiles | null)[]): string | null {
  const known = all.filter((each) => each !== null);
  if (known.length === 0) return null;
  return (['p50', 'p99', 'p999'] as const).map((key) => digits(median(known.map((each) => each[key])))).join(' / ');
}

/** Of all processes, or of those whose threads are named so; microseconds per answer. */
export function totalCpu({ cpu }: { readonly cpu: CpuTimes }, prefix = ''): number {
  return Object.entries(cpu).reduce((sum, [role, time]) => (role.startsWith(prefix) ? sum + time : sum), 0);
}
