import type { Declaration, Instant } from '../../src/core/declaration.ts';
import { traderIndex } from '../../src/core/declaration.ts';
import type { Category, Facts, PartyFacts, QuantileFacts, TraderFacts, WindowFacts } from '../../src/core/facts.ts';

/**
 * The facts that the service looks up in its read models, kept in memory: prices of goods × origin over twelve
 * months, each trader's last 90 days, and what is known of the parties. For measuring a policy offline.
 */

const DAY_MS = 86_400_000;
/** Buckets of equal ratio, so that a quantile is right within 1 %, as in DDSketch. */
const LOG_GAMMA = Math.log(1.02);
const LOWEST_LOG = Math.log(1e-2);
const BUCKETS = 1300;
const MONTHS = 12;

export interface Standing {
  readonly category: Category;
  readonly authorisedOperator: boolean;
  readonly openViolations: number;
  /** KZT. */
  readonly arrears: number;
}

export class History {
  private readonly prices = new Map<string, Prices>();
  private readonly traders = new Map<string, Days>();
  private readonly standings = new Map<string, Standing>();

  setStanding(role: string, id: string, standing: Standing): void {
    this.standings.set(`${role} ${id}`, standing);
  }

  /** What is known when this declaration arrives; itself not counted. */
  facts(declaration: Declaration, receivedAt: Instant, draw: number): Facts {
    const trader = declaration.parties[traderIndex(declaration)]?.id ?? null;
    const days = trader === null ? undefined : this.traders.get(trader);
    return {
      receivedAt,
      decidedAt: receivedAt,
      draw: { value: draw, keyId: 'bench' },
      parties: declaration.parties.map(({ role, id }): PartyFacts => {
        const standing = this.standings.get(`${role} ${id}`);
        return {
          role,
          id,
          category: standing?.category ?? 'medium',
          known: standing !== undefined,
          authorisedOperator: standing?.authorisedOperator ?? false,
          openViolations: standing?.openViolations ?? 0,
          arrearsTiyn: (standing?.arrears ?? 0) * 100,
        };
      }),
      trader: days === undefined ? newcomer(trader) : days.facts(trader, receivedAt),
      items: declaration.items.map(({ hsCode, originCountry }) => ({
        valuePerKg: this.prices.get(`${hsCode} ${originCountry}`)?.facts(month(receivedAt)) ?? null,
      })),
      previous: null,
      inherited: null,
      models: [],
      suspended: [],
    };
  }

  add(declaration: Declaration, receivedAt: Instant): void {
    const trader = declaration.parties[traderIndex(declaration)]?.id;
    if (trader !== undefined) {
      const days = this.traders.get(trader) ?? new Days(receivedAt);
      days.add(receivedAt, declaration.customsValueTotal.tiyn);
      this.traders.set(trader, days);
    }
    for (const { hsCode, originCountry, netMassKg, customsValue } of declaration.items) {
      if (netMassKg <= 0 || customsValue.tiyn <= 0) continue;
      const key = `${hsCode} ${originCountry}`;
      const prices = this.prices.get(key) ?? new Prices();
      prices.add(month(receivedAt), customsValue.tiyn / 100 / netMassKg);
      this.prices.set(key, prices);
    }
  }
}

function month(at: Instant): number {
  const date = new Date(at);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

const NOTHING: WindowFacts = { count: 0, valueTiyn: 0 };

function newcomer(id: string | null): TraderFacts {
  return { id, firstSeenAt: null, d1: NOTHING, d7: NOTHING, d30: NOTHING, d90: NOTHING };
}

/** Count and value by UTC day. */
class Days {
  private readonly firstSeenAt: Instant;
  private days: { day: number; count: number; valueTiyn: number }[] = [];

  constructor(firstSeenAt: Instant) {
    this.firstSeenAt = firstSeenAt;
  }

  add(at: Instant, valueTiyn: number): void {
    const day = Math.floor(at / DAY_MS);
    const last = this.days.at(-1);
    if (last?.day === day) {
      last.count += 1;
      last.valueTiyn += valueTiyn;
    } else {
      this.days.push({ day, count: 1, valueTiyn });
      if (this.days.length > 128) this.days = this.days.filter((each) => each.day > day - 90);
    }
  }

  facts(id: string | null, at: Instant): TraderFacts {
    const today = Math.floor(at / DAY_MS);
    const window = (length: number): WindowFacts => {
      let count = 0;
      let valueTiyn = 0;
      for (let i = this.days.length - 1; i >= 0; i--) {
        const each = this.days[i];
        if (each === undefined || each.day <= today - length) break;
        count += each.count;
        valueTiyn += each.valueTiyn;
      }
      return { count, valueTiyn };
    };
    return { id, firstSeenAt: this.firstSeenAt, d1: window(1), d7: window(7), d30: window(30), d90: window(90) };
  }
}

/** Prices per kg of one kind of goods, by month, and their sum over the months that count. */
class Prices {
  private readonly months = new Map<number, Uint32Array>();
  private sum = new Uint32Array(BUCKETS);
  private n = 0;
  private upTo = 0;

  add(at: number, kztPerKg: number): void {
    this.forget(at);
    const bucket = Math.ceil((Math.log(kztPerKg) - LOWEST_LOG) / LOG_GAMMA);
    const place = Math.min(BUCKETS - 1, Math.max(0, bucket));
    const counts = this.months.get(at) ?? new Uint32Array(BUCKETS);
    this.months.set(at, counts);
    counts[place] = (counts[place] ?? 0) + 1;
    this.sum[place] = (this.sum[place] ?? 0) + 1;
    this.n += 1;
  }

  private forget(at: number): void {
    if (at === this.upTo) return;
    this.upTo = at;
    for (const [month, counts] of this.months) {
      if (month > at - MONTHS) continue;
      this.months.delete(month);
      for (let i = 0; i < BUCKETS; i++) this.sum[i] = (this.sum[i] ?? 0) - (counts[i] ?? 0);
      this.n -= counts.reduce((total, count) => total + count, 0);
    }
  }

  facts(at: number): QuantileFacts | null {
    this.forget(at);
    if (this.n === 0) return null;
    const [p05 = 0, p25 = 0, p50 = 0, p75 = 0, p95 = 0] = this.quantiles([0.05, 0.25, 0.5, 0.75, 0.95]);
    return { n: this.n, p05, p25, p50, p75, p95 };
  }

  private quantiles(shares: readonly number[]): number[] {
    const values: number[] = [];
    let bucket = 0;
    let below = this.sum[0] ?? 0;
    for (const share of shares) {
      const rank = share * (this.n - 1);
      while (below <= rank && bucket < BUCKETS - 1) below += this.sum[++bucket] ?? 0;
      values.push(Math.exp(LOWEST_LOG + (bucket - 0.5) * LOG_GAMMA));
    }
    return values;
  }
}
