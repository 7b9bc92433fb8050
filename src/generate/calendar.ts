/** When declarations are lodged: seasons, weekdays, hours, and the slow drift of prices and exchange rates. */

export const DAY_MS = 86_400_000;
/** Kazakhstan has one time zone, UTC+5, since 2024-03-01. */
const LOCAL_OFFSET_MS = 5 * 3_600_000;
const HOUR_MS = 3_600_000;
const SLOT_MS = HOUR_MS / 4;

const BY_WEEKDAY = [0.32, 1.08, 1.15, 1.16, 1.17, 1.22, 0.55];
const BY_MONTH = [0.78, 0.85, 1.0, 1.02, 0.98, 1.0, 1.0, 1.03, 1.07, 1.08, 1.1, 1.14];
const BY_HOUR = [
  0.25, 0.2, 0.2, 0.2, 0.2, 0.3, 0.4, 0.6, 1.0, 1.7, 2.1, 2.2, 2.0, 1.4, 1.8, 2.1, 2.1, 1.9, 1.4, 0.8, 0.6, 0.5, 0.4,
  0.3,
];
/** Month-day of the fixed public holidays, on which only borders work. */
const HOLIDAYS = new Set([
  '01-01',
  '01-02',
  '01-07',
  '03-08',
  '03-21',
  '03-22',
  '03-23',
  '05-01',
  '05-07',
  '05-09',
  '07-06',
  '08-30',
  '10-25',
  '12-16',
]);

/** Relative number of declarations in each hour of the 24 that start here, with the UTC hour first. */
function intensities(midnight: number): number[] {
  return BY_HOUR.map((_, hour) => {
    const at = midnight + hour * HOUR_MS + LOCAL_OFFSET_MS;
    return dayFactor(Math.floor(at / DAY_MS)) * (BY_HOUR[Math.floor(at / HOUR_MS) % 24] as number);
  });
}

/** Of a local day, counted from 1970-01-01. */
function dayFactor(day: number): number {
  const date = new Date(day * DAY_MS);
  const holiday = HOLIDAYS.has(date.toISOString().slice(5, 10)) ? 0.35 : 1;
  return holiday * (BY_WEEKDAY[date.getUTCDay()] as number) * (BY_MONTH[date.getUTCMonth()] as number);
}

export interface Slot {
  readonly at: number;
  readonly widthMs: number;
  /** Declarations lodged in it. */
  readonly count: number;
}

/**
 * Spreads `total` declarations over `days` from `from`: quarter of an hour by quarter of an hour, in proportion to the
 * season; exactly `total` in sum. Holds one slot at a time.
 */
export function* slots(total: number, from: number, days: number): Generator<Slot> {
  let weight = 0;
  for (let day = 0; day < days; day++) for (const hourly of intensities(from + day * DAY_MS)) weight += hourly;
  let passed = 0;
  let given = 0;
  for (let day = 0; day < days; day++) {
    for (const [hour, hourly] of intensities(from + day * DAY_MS).entries()) {
      for (let quarter = 0; quarter < 4; quarter++) {
        passed += hourly / 4;
        const last = day === days - 1 && hour === 23 && quarter === 3;
        const due = last ? total : Math.min(total, Math.round((total * passed) / weight));
        if (due > given)
          yield { at: from + day * DAY_MS + hour * HOUR_MS + quarter * SLOT_MS, widthMs: SLOT_MS, count: due - given };
        given = due;
      }
    }
  }
}

/** Months since the start of 2025, with the part of the month. */
function months(at: number): number {
  return (at - Date.UTC(2025, 0, 1)) / (30.4375 * DAY_MS);
}

/** World prices drift: goods of one chapter share a slow wave and an inflation of about 4 % a year. */
export function priceDrift(chapter: number, at: number): number {
  const month = months(at);
  const wave = 0.05 * Math.sin((2 * Math.PI * month) / 14 + chapter * 1.7);
  return Math.exp(0.0033 * (month - 12) + wave);
}

/** How much of a chapter is traded in this season, against its yearly mean: fruit in winter, garden tools in spring. */
export function seasonOf(chapter: number, at: number): number {
  const month = new Date(at + LOCAL_OFFSET_MS).getUTCMonth();
  const peak = SEASON_PEAK[chapter];
  return peak === undefined ? 1 : 1 + 0.6 * Math.cos((2 * Math.PI * (month - peak)) / 12);
}

/** Month (0 = January) in which a chapter peaks. */
const SEASON_PEAK: Readonly<Record<number, number>> = {
  7: 1,
  8: 0,
  31: 2,
  38: 3,
  61: 8,
  62: 8,
  64: 8,
  84: 3,
  94: 9,
  95: 10,
};

/** KZT per unit, mid-2026 level. */
const RATES: Readonly<Record<string, readonly [level: number, swing: number, phase: number]>> = {
  KZT: [1, 0, 0],
  USD: [512, 0.035, 0],
  EUR: [596, 0.04, 1.1],
  CNY: [72.1, 0.035, 0.2],
  RUB: [6.32, 0.06, 2],
  TRY: [11.9, 0.05, 3.3],
  JPY: [3.41, 0.04, 4],
  KRW: [0.372, 0.04, 5],
  GBP: [689, 0.04, 0.7],
  UZS: [0.0427, 0.03, 1.6],
  AED: [139.4, 0.035, 0],
};

/** The official rate of the day, as a decimal string (KZT per unit). A public fact: it does not depend on the seed. */
export function rateOf(currency: string, at: number): string {
  const [level, swing, phase] = RATES[currency] ?? [1, 0, 0];
  if (currency === 'KZT') return '1';
  const day = Math.floor((at + LOCAL_OFFSET_MS) / DAY_MS);
  const month = months(day * DAY_MS);
  const wave = Math.sin((2 * Math.PI * month) / 9 + phase) + 0.25 * Math.sin(day * 1.93 + phase * 7);
  const rate = level * (1 + swing * wave + 0.002 * (month - 18));
  return level < 1 ? rate.toFixed(5) : rate.toFixed(2);
}

/** 12 % until the end of 2025, 16 % from 2026 (Tax Code of the Republic of Kazakhstan of 18 July 2025). */
export function vatPercent(at: number): number {
  return at < Date.UTC(2025, 11, 31, 19) ? 12 : 16;
}
