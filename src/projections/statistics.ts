import { CACHED_PAIRS_MAX, CACHED_TRADERS_MAX } from '../limits.ts';
import { dayOf, monthOf } from '../state/calendar.ts';
import {
  decodeSummary,
  decodeTrader,
  encodeSummary,
  encodeTrader,
  type TraderRow,
  VALUE_MONTHS,
} from '../state/models-rows.ts';
import type { FirstKey, ModelsStore } from '../state/models-store.ts';
import { Sketch } from '../state/sketch.ts';
import { RowCache } from './cache.ts';

/** Day buckets are kept this long before the trader's latest day: 90 days, and room for declarations that come late. */
const DAYS_KEPT = 120;
/** Monthly sketches likewise. */
const MONTHS_KEPT = VALUE_MONTHS * 2;

/** Everything a declaration adds to one trader, or takes away. */
export interface TraderChange {
  readonly traderId: string;
  readonly submitter: string;
  readonly id: string;
  readonly eventAt: number;
  readonly valueTiyn: number;
}

/** One HS code × origin: its window over the latest months, and the monthly sketches at hand. */
interface CachedPair {
  readonly hsCode: string;
  readonly origin: string;
  from: number;
  /** FAR_PAST: nothing was ever counted, or it is forgotten. */
  to: number;
  /** Of the month `to`. */
  latest: Sketch;
  /** Null until it is needed. */
  window: Sketch | null;
  /** Months before `to` that this transaction counts for. */
  readonly months: Map<number, Sketch>;
}

/**
 * The statistics, for their one writer: rows are read once, changed in memory, and written once a transaction by
 * `flush`. What a row ends up as depends on what was added and taken away, not on where transactions end: sums are
 * integers, and what is too old is dropped relative to the latest day or month ever counted. What was dropped is not
 * there to be taken away any more.
 */
export class Statistics {
  readonly #store: ModelsStore;
  readonly #traders: RowCache<TraderRow>;
  readonly #pairs: RowCache<CachedPair>;

  constructor(store: ModelsStore) {
    this.#store = store;
    this.#traders = new RowCache(CACHED_TRADERS_MAX, (id) => this.#readTrader(id));
    this.#pairs = new RowCache(CACHED_PAIRS_MAX, (key) => this.#readPair(key));
  }

  /** @param by 1 adds the declaration, −1 takes it away. */
  countDeclaration({ traderId, submitter, id, eventAt, valueTiyn }: TraderChange, by: 1 | -1): void {
    const row = this.#traders.change(traderId);
    const day = dayOf(eventAt);
    const key: FirstKey = [traderId, eventAt, submitter, id];
    if (by === 1) {
      this.#store.firsts.put(key, NOTHING);
      row.firstSeenAt = Math.min(row.firstSeenAt ?? eventAt, eventAt);
    } else {
      this.#store.firsts.remove(key);
      if (eventAt === row.firstSeenAt) row.firstSeenAt = this.#firstOf(traderId);
    }
    const bucket = row.days.get(day) ?? { day, count: 0, valueTiyn: 0 };
    if (by === -1 && bucket.count === 0) return;
    bucket.count += by;
    bucket.valueTiyn += by * valueTiyn;
    if (bucket.count === 0) row.days.delete(day);
    else row.days.set(day, bucket);
    row.highDay = Math.max(row.highDay, day);
  }

  countValue(hsCode: string, origin: string, bucket: number, eventAt: number, by: 1 | -1): void {
    const pair = this.#pairs.change(`${hsCode}\n${origin}`);
    const month = monthOf(eventAt);
    if (month < pair.to - MONTHS_KEPT) return;
    if (month > pair.to) {
      if (by === -1) return;
      this.#advance(pair, month);
    }
    const window = this.#window(pair);
    const sketch = month === pair.to ? pair.latest : this.#month(pair, month);
    if (by === -1 && sketch.count(bucket) === 0) return;
    sketch.add(bucket, by);
    if (month <= pair.to - VALUE_MONTHS) return;
    window.add(bucket, by);
    pair.from = Math.min(pair.from, month);
  }

  /** A declaration is forgotten, last heard of at `lastAt`; its trader too, where nothing later was counted for it. */
  forgetDeclaration({ traderId, submitter, id, eventAt }: Omit<TraderChange, 'valueTiyn'>, lastAt: number): void {
    this.#store.firsts.remove([traderId, eventAt, submitter, id] satisfies FirstKey);
    const { highDay } = this.#traders.get(traderId);
    if (highDay === FAR_PAST || highDay > dayOf(lastAt)) return;
    Object.assign(this.#traders.change(traderId), NO_TRADER, { days: new Map() });
  }

  /** The same of an HS code × origin. */
  forgetValue(hsCode: string, origin: string, lastAt: number): void {
    const key = `${hsCode}\n${origin}`;
    const { to } = this.#pairs.get(key);
    if (to === FAR_PAST || to > monthOf(lastAt)) return;
    const pair = this.#pairs.change(key);
    this.#dropMonths(pair, pair.to);
    Object.assign(pair, NO_PAIR, { latest: new Sketch(), window: null });
  }

  /** Writes what has changed. */
  flush(): void {
    this.#traders.flush((id, row) => this.#writeTrader(id, row));
    this.#pairs.flush((key, pair) => this.#writePair(key, pair));
  }

  /** The transaction was given up: the rows are as they were before it. */
  clear(): void {
    this.#traders.clear();
    this.#pairs.clear();
  }

  #readTrader(id: string): TraderRow {
    const bytes = this.#store.traders.getBinary(id);
    if (bytes === undefined) return { ...NO_TRADER, days: new Map() };
    return decodeTrader(bytes);
  }

  #readPair(key: string): CachedPair {
    const stored = this.#store.summaries.getBinary(key);
    const [hsCode, origin] = key.split('\n') as [string, string];
    const summary = stored === undefined ? { ...NO_PAIR, latest: new Sketch() } : decodeSummary(stored);
    return { hsCode, origin, ...summary, window: null, months: new Map() };
  }

  #window(pair: CachedPair): Sketch {
    pair.window ??= this.#merged(pair);
    return pair.window;
  }

  /** The months from `from` to `to` in one. */
  #merged({ hsCode, origin, from, to, latest, months }: CachedPair): Sketch {
    const merged = new Sketch(latest.encode());
    for (let month = from; month < to; month++) {
      const stored = months.get(month)?.encode() ?? this.#store.sketches.getBinaryFast([hsCode, origin, month]);
      if (stored !== undefined) merged.mergeStored(stored);
    }
    return merged;
  }

  /** The sketch of a month before the latest. */
  #month({ hsCode, origin, months }: CachedPair, month: number): Sketch {
    const known = months.get(month);
    if (known !== undefined) return known;
    const sketch = new Sketch(this.#store.sketches.getBinary([hsCode, origin, month]) ?? null);
    months.set(month, sketch);
    return sketch;
  }

  /** Goes on to a later month: the window moves on, and sketches that it has left far behind are dropped. */
  #advance(pair: CachedPair, month: number): void {
    if (pair.to !== FAR_PAST) pair.months.set(pair.to, pair.latest);
    pair.from = Math.max(pair.from, month - VALUE_MONTHS + 1);
    while (pair.from < month && !this.#isCounted(pair, pair.from)) pair.from += 1;
    pair.to = month;
    pair.latest = new Sketch();
    pair.window = null;
    this.#dropMonths(pair, month - MONTHS_KEPT);
  }

  #isCounted({ hsCode, origin, months }: CachedPair, month: number): boolean {
    const known = months.get(month);
    if (known !== undefined) return known.n > 0;
    return this.#store.sketches.getBinaryFast([hsCode, origin, month]) !== undefined;
  }

  /** Sketches of the months before this one. */
  #dropMonths({ hsCode, origin, months }: CachedPair, before: number): void {
    for (const month of months.keys()) if (month < before) months.delete(month);
    const start: [string, string, number] = [hsCode, origin, FAR_PAST];
    const end: [string, string, number] = [hsCode, origin, before];
    for (const key of [...this.#store.sketches.getKeys({ start, end })]) this.#store.sketches.remove(key);
  }

  #writeTrader(id: string, row: TraderRow): void {
    if (row.highDay === FAR_PAST) {
      this.#store.traders.remove(id);
      return;
    }
    for (const day of row.days.keys()) if (day < row.highDay - DAYS_KEPT) row.days.delete(day);
    this.#store.traders.put(id, encodeTrader(row));
  }

  #firstOf(traderId: string): number | null {
    const start: FirstKey = [traderId, FAR_PAST, '', ''];
    const end: FirstKey = [traderId, Number.MAX_SAFE_INTEGER, '', ''];
    for (const [, eventAt] of this.#store.firsts.getKeys({ start, end, limit: 1 })) return eventAt;
    return null;
  }

  #writePair(key: string, pair: CachedPair): void {
    const { hsCode, origin, from, to, latest, months } = pair;
    for (const [month, sketch] of months) {
      if (sketch.n === 0) this.#store.sketches.remove([hsCode, origin, month]);
      else this.#store.sketches.put([hsCode, origin, month], sketch.encode());
    }
    months.clear();
    if (to === FAR_PAST) this.#store.summaries.remove(key);
    else this.#store.summaries.put(key, encodeSummary({ from, to, latest, window: this.#window(pair) }));
  }
}

const NOTHING = new Uint8Array(0);
const FAR_PAST = -1_000_000;
const NO_TRADER = { firstSeenAt: null, highDay: FAR_PAST };
const NO_PAIR = { from: FAR_PAST, to: FAR_PAST };
