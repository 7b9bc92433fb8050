import type { Decision } from '../core/decide.ts';
import type { Declaration } from '../core/declaration.ts';
import type { Target } from '../core/profile.ts';
import type { Tally } from './protocol.ts';

/** Counts what a batch came to, for the metrics: by corridor and office, by target, never by profile. */
export class Counter {
  private readonly decisions = new Map<
    string,
    { -readonly [K in keyof Tally['decisions'][number]]: Tally['decisions'][number][K] }
  >();
  private readonly hits = new Map<Target, number>();
  private readonly faults = new Map<Target, number>();

  add({ office }: Declaration, { corridor, reasons }: Decision): void {
    const key = `${corridor} ${office}`;
    const cell = this.decisions.get(key);
    if (cell === undefined) this.decisions.set(key, { corridor, office, count: 1 });
    else cell.count++;
    for (const { kind, target } of reasons) {
      if (target === null) continue;
      const counts = kind === 'fault' ? this.faults : this.hits;
      counts.set(target, (counts.get(target) ?? 0) + 1);
    }
  }

  tally(): Tally {
    const list = (counts: Map<Target, number>) => [...counts].map(([target, count]) => ({ target, count }));
    return { decisions: [...this.decisions.values()], hits: list(this.hits), faults: list(this.faults) };
  }
}
