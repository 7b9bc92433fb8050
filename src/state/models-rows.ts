import { CORRIDORS, type Corridor } from '../core/corridor.ts';
import type { QuantileFacts, TraderFacts, WindowFacts } from '../core/facts.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { dayOf } from './calendar.ts';
import { Sketch } from './sketch.ts';

/**
 * Layouts of the read models' rows. What a decision reads is fixed-width, little endian, and read in place: one
 * look-up costs about a microsecond. Everything else is MessagePack.
 */

/** What one trader's declarations of one UTC day add up to. */
export interface DayBucket {
  readonly day: number;
  count: number;
  valueTiyn: number;
}

export interface TraderRow {
  firstSeenAt: number | null;
  /** The latest day ever counted: older buckets fall away relative to it. */
  highDay: number;
  readonly days: Map<number, DayBucket>;
}

const TRADER_HEADER_BYTES = 12;
const DAY_BYTES = 16;

/** Header: firstSeenAt (double, NaN for none), highDay (int32). Then each day, ascending: day, count, value. */
export function encodeTrader({ firstSeenAt, highDay, days }: TraderRow): Buffer {
  const bytes = Buffer.alloc(TRADER_HEADER_BYTES + days.size * DAY_BYTES);
  bytes.writeDoubleLE(firstSeenAt ?? Number.NaN, 0);
  bytes.writeInt32LE(highDay, 8);
  let at = TRADER_HEADER_BYTES;
  for (const { day, count, valueTiyn } of [...days.values()].sort((a, b) => a.day - b.day)) {
    bytes.writeInt32LE(day, at);
    bytes.writeUInt32LE(count, at + 4);
    bytes.writeDoubleLE(valueTiyn, at + 8);
    at += DAY_BYTES;
  }
  return bytes;
}

export function decodeTrader(bytes: Buffer): TraderRow {
  const days = new Map<number, DayBucket>();
  for (let at = TRADER_HEADER_BYTES; at < bytes.length; at += DAY_BYTES) {
    const day = bytes.readInt32LE(at);
    days.set(day, { day, count: bytes.readUInt32LE(at + 4), valueTiyn: bytes.readDoubleLE(at + 8) });
  }
  return { firstSeenAt: numberOrNull(bytes.readDoubleLE(0)), highDay: bytes.readInt32LE(8), days };
}

const NOTHING: WindowFacts = { count: 0, valueTiyn: 0 };

/** Sums over 1, 7, 30 and 90 UTC days, of which the day of `receivedAt` is the last. */
export function traderFactsOf(id: string | null, receivedAt: number, bytes: Buffer | null): TraderFacts {
  if (bytes === null) {
    return { id, firstSeenAt: null, d1: NOTHING, d7: NOTHING, d30: NOTHING, d90: NOTHING };
  }
  const today = dayOf(receivedAt);
  const windows = [1, 7, 30, 90].map((days) => ({ days, count: 0, valueTiyn: 0 }));
  for (let at = bytes.length - DAY_BYTES; at >= TRADER_HEADER_BYTES; at -= DAY_BYTES) {
    const age = today - bytes.readInt32LE(at);
    if (age < 0) continue;
    if (age >= 90) break;
    for (const window of windows) {
      if (age >= window.days) continue;
      window.count += bytes.readUInt32LE(at + 4);
      window.valueTiyn += bytes.readDoubleLE(at + 8);
    }
  }
  const [d1, d7, d30, d90] = windows.map(({ count, valueTiyn }) => ({ count, valueTiyn })) as [
    WindowFacts,
    WindowFacts,
    WindowFacts,
    WindowFacts,
  ];
  return { id, firstSeenAt: numberOrNull(bytes.readDoubleLE(0)), d1, d7, d30, d90 };
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

/** The quantiles of `QuantileFacts`. */
export const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
/** Statistics of value reach over this many months, the month of `receivedAt` included. */
export const VALUE_MONTHS = 12;

/**
 * The last VALUE_MONTHS of one HS code × origin in one, kept so that a read need not merge. It holds for every month
 * in [`to`, `from` + VALUE_MONTHS − 1], where `from` and `to` are the first and last month merged: in those months the
 * window covers exactly the same sketches. The window itself is not stored: the writer merges it again where needed.
 */
export interface SummaryRow {
  readonly from: number;
  /** The latest month ever counted: older sketches fall away relative to it. */
  readonly to: number;
  /** The merged sketch. */
  readonly window: Sketch;
  /** Of the month `to`, which changes most; the months before have rows of their own. */
  readonly latest: Sketch;
}

const SUMMARY_HEADER_BYTES = 52;

/** Header: from, to (int32), n (uint32), the quantiles (double). Then the latest sketch. */
export function encodeSummary({ from, to, window, latest }: SummaryRow): Buffer {
  const sketch = latest.encode();
  const bytes = Buffer.alloc(SUMMARY_HEADER_BYTES + sketch.length);
  bytes.writeInt32LE(from, 0);
  bytes.writeInt32LE(to, 4);
  bytes.writeUInt32LE(window.n, 8);
  window.quantiles(QUANTILES).forEach((value, index) => {
    bytes.writeDoubleLE(value, 12 + index * 8);
  });
  sketch.copy(bytes, SUMMARY_HEADER_BYTES);
  return bytes;
}

export function decodeSummary(summary: Buffer): Omit<SummaryRow, 'window'> {
  return {
    from: summary.readInt32LE(0),
    to: summary.readInt32LE(4),
    latest: new Sketch(summary.subarray(SUMMARY_HEADER_BYTES)),
  };
}

export function summaryHoldsFor(summary: Buffer, month: number): boolean {
  return month >= summary.readInt32LE(4) && month < summary.readInt32LE(0) + VALUE_MONTHS;
}

export function summaryFacts(summary: Buffer): QuantileFacts | null {
  const n = summary.readUInt32LE(8);
  if (n === 0) return null;
  return {
    n,
    p05: summary.readDoubleLE(12),
    p25: summary.readDoubleLE(20),
    p50: summary.readDoubleLE(28),
    p75: summary.readDoubleLE(36),
    p95: summary.readDoubleLE(44),
  };
}

/** A withdrawn declaration that goods like its own inherit from. */
export interface WithdrawnGoods {
  readonly submitter: string;
  readonly declarationId: string;
  readonly corridor: Corridor;
  readonly draw: number;
  readonly withdrawnAt: number;
}

export function encodeWithdrawn(goods: readonly WithdrawnGoods[]): Uint8Array {
  return encode(
    goods.map(({ submitter, declarationId, corridor, draw, withdrawnAt }) => [
      submitter,
      declarationId,
      CORRIDORS.indexOf(corridor),
      draw,
      withdrawnAt,
    ]),
  );
}

export function decodeWithdrawn(bytes: Uint8Array): WithdrawnGoods[] {
  const rows = decode(bytes) as [string, string, number, number, number][];
  return rows.map(([submitter, declarationId, corridor, draw, withdrawnAt]) => ({
    submitter,
    declarationId,
    corridor: CORRIDORS[corridor] ?? 'red',
    draw,
    withdrawnAt,
  }));
}
