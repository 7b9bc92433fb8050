import { describe, expect, it } from 'vitest';
import { DAY_MS, priceDrift, rateOf, slots, vatPercent } from '../../src/generate/calendar.ts';

const FROM = Date.UTC(2026, 0, 1);

describe('slots', () => {
  it.each([0, 1, 7, 1000, 54_321])('gives exactly %i declarations, in order of time', (total) => {
    let sum = 0;
    let last = 0;
    for (const { at, count } of slots(total, FROM, 365)) {
      expect(at).toBeGreaterThan(last);
      last = at;
      sum += count;
    }
    expect(sum).toBe(total);
  });

  it('is quiet on Sundays and at night, and busy late in the year', () => {
    const byWeekday = new Array<number>(7).fill(0);
    const byMonth = new Array<number>(12).fill(0);
    const byHour = new Array<number>(24).fill(0);
    for (const { at, count } of slots(200_000, FROM, 364)) {
      const local = new Date(at + 5 * 3_600_000);
      byWeekday[local.getUTCDay()] = (byWeekday[local.getUTCDay()] ?? 0) + count;
      byMonth[local.getUTCMonth()] = (byMonth[local.getUTCMonth()] ?? 0) + count;
      byHour[local.getUTCHours()] = (byHour[local.getUTCHours()] ?? 0) + count;
    }
    expect(byWeekday[0]).toBeLessThan((byWeekday[2] ?? 0) / 2);
    expect(byMonth[0]).toBeLessThan((byMonth[10] ?? 0) * 0.85);
    expect(byHour[3]).toBeLessThan((byHour[11] ?? 0) / 4);
  });
});

describe('what the date changes', () => {
  it('raises VAT from 12 to 16 percent with 2026, in local time', () => {
    expect(vatPercent(Date.UTC(2025, 11, 31, 18, 59))).toBe(12);
    expect(vatPercent(Date.UTC(2025, 11, 31, 19, 0))).toBe(16);
  });

  it('gives one rate a day, positive, with the decimals a declaration may have', () => {
    for (const currency of ['USD', 'EUR', 'CNY', 'RUB', 'KRW', 'UZS']) {
      for (let day = 0; day < 365; day += 13) {
        expect(rateOf(currency, FROM + day * DAY_MS)).toMatch(/^\d+\.\d{2,5}$/);
        expect(Number(rateOf(currency, FROM + day * DAY_MS))).toBeGreaterThan(0);
      }
    }
    expect(rateOf('KZT', FROM)).toBe('1');
  });

  it('lets prices drift slowly', () => {
    expect(Math.abs(priceDrift(64, FROM) / priceDrift(64, FROM + DAY_MS) - 1)).toBeLessThan(0.01);
    expect(priceDrift(64, FROM)).not.toBe(priceDrift(64, FROM + 90 * DAY_MS));
  });
});
