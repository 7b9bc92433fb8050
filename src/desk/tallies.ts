import { CORRIDORS, type Corridor, type Shares, severity } from '../core/corridor.ts';
import { OFFICES_TALLIED_MAX, OVERVIEW_SERIES_S } from '../limits.ts';

const MINUTES = 60;
const MINUTE_MS = 60_000;
const WIDTH = CORRIDORS.length;

/** Counts by corridor, in the order of CORRIDORS. */
export type Counts = readonly number[];

/** Counts of the last hour by corridor, in a bucket a minute. */
class Hour {
  readonly #counts = new Uint32Array(MINUTES * WIDTH);
  /** Which minute a bucket is of. */
  readonly #minutes = new Float64Array(MINUTES).fill(-1);
  latest = -1;

  add(minute: number, corridor: Corridor): void {
    const bucket = minute % MINUTES;
    const of = this.#minutes[bucket] as number;
    if (of > minute) return;
    if (of < minute) {
      this.#minutes[bucket] = minute;
      this.#counts.fill(0, bucket * WIDTH, (bucket + 1) * WIDTH);
    }
    this.latest = Math.max(this.latest, minute);
    const at = bucket * WIDTH + severity(corridor);
    this.#counts[at] = (this.#counts[at] as number) + 1;
  }

  counts(now: number): Counts {
    const sums = new Array<number>(WIDTH).fill(0);
    for (let bucket = 0; bucket < MINUTES; bucket++) {
      if (!isOfLastHour(this.#minutes[bucket] as number, now)) continue;
      for (let corridor = 0; corridor < WIDTH; corridor++) {
        sums[corridor] = (sums[corridor] as number) + (this.#counts[bucket * WIDTH + corridor] as number);
      }
    }
    return sums;
  }
}

/** Whether a minute is the one of `now` or one of the 59 before. */
function isOfLastHour(minute: number, now: number): boolean {
  return minute <= now && minute > now - MINUTES;
}

/** To two decimals: nobody reads more, and it is sent every second. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Percent by corridor; all zero where there is nothing. */
export function sharesOf(counts: Counts): Shares {
  const total = totalOf(counts);
  const share = (corridor: Corridor) => rounded(((counts[severity(corridor)] as number) * 100) / Math.max(1, total));
  return { green: share('green'), blue: share('blue'), yellow: share('yellow'), red: share('red') };
}

export function totalOf(counts: Counts): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

export function sumOf(all: readonly Counts[]): Counts {
  return CORRIDORS.map((_, at) => all.reduce((sum, counts) => sum + (counts[at] as number), 0));
}

/** Decisions of the last hour by office and corridor, and of the last seconds, in constant memory. */
export class Tallies {
  readonly #now: () => number;
  readonly #offices = new Map<string, Hour>();
  readonly #all = new Hour();
  readonly #seconds = new Uint32Array(OVERVIEW_SERIES_S);
  readonly #secondOf = new Float64Array(OVERVIEW_SERIES_S).fill(-1);
  /** Since the start of this process. */
  total = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** One that was made more than an hour ago, before this process started, does not count. */
  add(office: string, corridor: Corridor, decidedAt: number): void {
    const now = this.#now();
    // Another machine's clock may be ahead.
    const at = Math.min(decidedAt, now);
    const minute = Math.floor(at / MINUTE_MS);
    if (!isOfLastHour(minute, Math.floor(now / MINUTE_MS))) return;
    this.total += 1;
    this.#all.add(minute, corridor);
    this.#office(office)?.add(minute, corridor);
    this.#addSecond(Math.floor(at / 1000));
  }

  #addSecond(second: number): void {
    const bucket = second % OVERVIEW_SERIES_S;
    const of = this.#secondOf[bucket] as number;
    if (of > second) return;
    if (of < second) this.#seconds[bucket] = 0;
    this.#secondOf[bucket] = second;
    this.#seconds[bucket] = (this.#seconds[bucket] as number) + 1;
  }

  /** Offices are declared by clients: past OFFICES_TALLIED_MAX further ones count in the whole only. */
  #office(office: string): Hour | undefined {
    const known = this.#offices.get(office);
    if (known !== undefined || this.#offices.size >= OFFICES_TALLIED_MAX) return known;
    const hour = new Hour();
    this.#offices.set(office, hour);
    return hour;
  }

  inSecond(second: number): number {
    const bucket = second % OVERVIEW_SERIES_S;
    return this.#secondOf[bucket] === second ? (this.#seconds[bucket] as number) : 0;
  }

  /** Of the last hour, all offices together. */
  all(): Counts {
    return this.#all.counts(this.#minute());
  }

  /** Of the last hour, by office; those without a decision are let go. */
  offices(): { readonly office: string; readonly counts: Counts }[] {
    const now = this.#minute();
    for (const [office, { latest }] of this.#offices) if (!isOfLastHour(latest, now)) this.#offices.delete(office);
    return [...this.#offices].map(([office, hour]) => ({ office, counts: hour.counts(now) }));
  }

  #minute(): number {
    return Math.floor(this.#now() / MINUTE_MS);
  }
}
