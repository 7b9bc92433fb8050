import { dayOf, monthOf } from '../state/calendar.ts';
import { mergedSketch } from '../state/models.ts';
import {
  decodeSummary,
  decodeTrader,
  encodeSummary,
  encodeTrader,
  type SummaryRow,
  type TraderRow,
  VALUE_MONTHS,
} from '../state/models-rows.ts';
import type { FirstKey, ModelsStore } from '../state/models-store.ts';
import { Sketch } from '../state/sketch.ts';

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

interface TouchedTrader {
  readonly row: TraderRow;
  firstIsStale: boolean;
}

/** One HS code × origin: its window over the latest months, and the monthly sketches that changed. */
interface TouchedPair {
  readonly hsCode: string;
  readonly origin: string;
  from: number;
  to: number;
  readonly window: Sketch;
  /** The window moved on, or lost a month: it is merged anew. */
  windowIsStale: boolean;
  readonly months: Map<number, Sketch>;
}

/**
 * The statistics of one batch: rows are read once, changed in memory, and written once by `flush`. What a row ends up
 * as depends on what was added and taken away, not on the order or on where batches end: sums are integers, and what
 * is too old is dropped relative to the latest day or month ever counted.
 */
export class StatisticsBatch {
  readonly #store: ModelsStore;
  readonly #traders = new Map<string, TouchedTrader>();
  readonly #pairs = new Map<string, TouchedPair>();

  constructor(store: ModelsStore) {
    this.#store = store;
  }

  /** @param by 1 adds the declaration, −1 takes it away. */
  countDeclaration({ traderId, submitter, id, eventAt, valueTiyn }: TraderChange, by: 1 | -1): void {
    const touched = this.#trader(traderId);
    const { row } = touched;
    const day = dayOf(eventAt);
    const bucket = row.days.get(day) ?? { day, count: 0, valueTiyn: 0 };
    bucket.count += by;
    bucket.valueTiyn += by * valueTiyn;
    if (bucket.count === 0 && bucket.valueTiyn === 0) row.days.delete(day);
    else row.days.set(day, bucket);
    row.highDay = Math.max(row.highDay, day);
    const key: FirstKey = [traderId, eventAt, submitter, id];
    if (by === 1) {
      this.#store.firsts.put(key, NOTHING);
      row.firstSeenAt = Math.min(row.firstSeenAt ?? eventAt, eventAt);
    } else {
      this.#store.firsts.remove(key);
      touched.firstIsStale ||= eventAt === row.firstSeenAt;
    }
  }

  countValue(hsCode: string, origin: string, bucket: number, eventAt: number, by: 1 | -1): void {
    const pair = this.#pair(hsCode, origin);
    const month = monthOf(eventAt);
    if (month > pair.to) {
      pair.to = month;
      pair.windowIsStale = true;
    }
    if (month < pair.to - MONTHS_KEPT) return;
    const sketch = this.#month(pair, month);
    sketch.add(bucket, by);
    if (pair.windowIsStale || month <= pair.to - VALUE_MONTHS) return;
    if (sketch.n === 0) pair.windowIsStale = true;
    pair.from = Math.min(pair.from, month);
    pair.window.add(bucket, by);
  }

  flush(): void {
    for (const [id, touched] of this.#traders) this.#flushTrader(id, touched);
    for (const [key, pair] of this.#pairs) this.#flushPair(key, pair);
    this.#traders.clear();
    this.#pairs.clear();
  }

  #trader(id: string): TouchedTrader {
    const known = this.#traders.get(id);
    if (known !== undefined) return known;
    const bytes = this.#store.traders.getBinary(id);
    const row: TraderRow =
      bytes === undefined ? { firstSeenAt: null, highDay: FAR_PAST, days: new Map() } : decodeTrader(bytes);
    const touched: TouchedTrader = { row, firstIsStale: false };
    this.#traders.set(id, touched);
    return touched;
  }

  #pair(hsCode: string, origin: string): TouchedPair {
    const key = `${hsCode}\n${origin}`;
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    const stored = this.#store.summaries.getBinary(key);
    const { from, to, window } =
      stored === undefined ? { from: FAR_PAST, to: FAR_PAST, window: new Sketch() } : decodeSummary(stored);
    const pair: TouchedPair = { hsCode, origin, from, to, window, windowIsStale: false, months: new Map() };
    this.#pairs.set(key, pair);
    return pair;
  }

  #month({ hsCode, origin, months }: TouchedPair, month: number): Sketch {
    const known = months.get(month);
    if (known !== undefined) return known;
    const sketch = new Sketch(this.#store.sketches.getBinary([hsCode, origin, month]) ?? null);
    months.set(month, sketch);
    return sketch;
  }

  #flushTrader(id: string, { row, firstIsStale }: TouchedTrader): void {
    for (const day of row.days.keys()) if (day < row.highDay - DAYS_KEPT) row.days.delete(day);
    if (firstIsStale) row.firstSeenAt = this.#firstOf(id);
    this.#store.traders.put(id, encodeTrader(row));
  }

  #firstOf(traderId: string): number | null {
    const start: FirstKey = [traderId, FAR_PAST, '', ''];
    const end: FirstKey = [traderId, Number.MAX_SAFE_INTEGER, '', ''];
    for (const [, eventAt] of this.#store.firsts.getKeys({ start, end, limit: 1 })) return eventAt;
    return null;
  }

  #flushPair(key: string, pair: TouchedPair): void {
    const { hsCode, origin, months } = pair;
    for (const [month, sketch] of months) {
      if (sketch.n === 0) this.#store.sketches.remove([hsCode, origin, month]);
      else this.#store.sketches.put([hsCode, origin, month], sketch.encode());
    }
    this.#store.summaries.put(key, encodeSummary(pair.windowIsStale ? this.#moved(pair) : pair));
  }

  /** The window merged anew; sketches that it has left far behind are dropped. */
  #moved({ hsCode, origin, to }: TouchedPair): SummaryRow {
    const stored = this.#monthsOf(hsCode, origin, to);
    for (const month of stored) {
      if (month < to - MONTHS_KEPT) this.#store.sketches.remove([hsCode, origin, month]);
    }
    const from = stored.find((month) => month > to - VALUE_MONTHS) ?? to;
    return { from, to, window: mergedSketch(this.#store, hsCode, origin, to) };
  }

  /** Months that have a sketch, ascending. */
  #monthsOf(hsCode: string, origin: string, to: number): number[] {
    const start: [string, string, number] = [hsCode, origin, FAR_PAST];
    const end: [string, string, number] = [hsCode, origin, to + 1];
    return [...this.#store.sketches.getKeys({ start, end })].map(([, , month]) => month);
  }
}

const NOTHING = new Uint8Array(0);
const FAR_PAST = -1_000_000;
