import { CORRIDORS, type Corridor } from '../core/corridor.ts';
import { type Interval, wilson } from '../core/interval.ts';
import type { Sample, TallyData } from './tally.ts';

export interface Rate {
  readonly of: number;
  readonly findings: number;
  /** Share of controls that found something; null where no outcome is known. */
  readonly rate: number | null;
  /** 95 %, Wilson. */
  readonly interval: Interval | null;
}

/** What a policy would have done, beside another one. */
export interface BacktestReport {
  readonly declarations: number;
  /** Event time of the first and the last; null where there are none. */
  readonly from: string | null;
  readonly until: string | null;
  readonly before: Readonly<Record<Corridor, number>>;
  readonly after: Readonly<Record<Corridor, number>>;
  /** Declarations that would change their corridor. */
  readonly moves: readonly { readonly from: Corridor; readonly to: Corridor; readonly declarations: number }[];
  readonly hitRate: { readonly before: Rate; readonly after: Rate };
  readonly profiles: readonly ProfileReport[];
  /** The busiest first. */
  readonly offices: readonly OfficeReport[];
}

export interface ProfileReport {
  readonly id: string;
  readonly hits: number;
  readonly alone: number;
  readonly faults: number;
  readonly hitRate: Rate;
  readonly samples: readonly Sample[];
}

export interface OfficeReport {
  readonly office: string;
  /** Days (UTC) with at least one control. */
  readonly days: number;
  readonly controls: number;
  readonly perDay: number;
  readonly busiestDay: number;
  /** Controls a day that it can do, by the list office_capacity; null: not known. */
  readonly capacity: number | null;
  /** Days beyond it. */
  readonly daysOver: number;
}

export function reportOf(tally: TallyData, capacities: ReadonlyMap<string, number> = new Map()): BacktestReport {
  const { declarations, from, until, moves, labelled } = tally;
  const before = shares();
  const after = shares();
  const changed: { from: Corridor; to: Corridor; declarations: number }[] = [];
  for (const [i, source] of CORRIDORS.entries()) {
    for (const [j, to] of CORRIDORS.entries()) {
      const moved = moves[i * CORRIDORS.length + j] ?? 0;
      before[source] += moved;
      after[to] += moved;
      if (source !== to && moved > 0) changed.push({ from: source, to, declarations: moved });
    }
  }
  return {
    declarations,
    from: declarations === 0 ? null : new Date(from).toISOString(),
    until: declarations === 0 ? null : new Date(until).toISOString(),
    before,
    after,
    moves: changed,
    hitRate: {
      before: rateOf(labelled.before, labelled.beforeFindings),
      after: rateOf(labelled.after, labelled.afterFindings),
    },
    profiles: Object.entries(tally.profiles)
      .map(([id, { labelled: of, findings, ...rest }]) => ({ id, ...rest, hitRate: rateOf(of, findings) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    offices: officesOf(tally, capacities),
  };
}

function shares(): Record<Corridor, number> {
  return { green: 0, blue: 0, yellow: 0, red: 0 };
}

function rateOf(of: number, findings: number): Rate {
  return { of, findings, rate: of === 0 ? null : findings / of, interval: wilson(findings, of) };
}

function officesOf({ controls }: TallyData, capacities: ReadonlyMap<string, number>): OfficeReport[] {
  const days = new Map<string, number[]>();
  for (const [key, [yellow, red]] of Object.entries(controls)) {
    const office = key.slice(0, key.lastIndexOf(' '));
    days.set(office, [...(days.get(office) ?? []), yellow + red]);
  }
  const offices = [...days].map(([office, each]): OfficeReport => {
    const all = each.reduce((sum, one) => sum + one, 0);
    const capacity = capacities.get(office) ?? null;
    const daysOver = capacity === null ? 0 : each.filter((one) => one > capacity).length;
    const busiestDay = Math.max(...each);
    return { office, days: each.length, controls: all, perDay: all / each.length, busiestDay, capacity, daysOver };
  });
  return offices.sort((a, b) => b.controls - a.controls || (a.office < b.office ? -1 : 1));
}
