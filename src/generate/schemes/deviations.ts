import type { Regime } from '../../core/declaration.ts';
import { DAY_MS } from '../calendar.ts';
import type { Source, Trader } from '../people.ts';
import { type Pool, type Population, pickTrader, poolOf } from '../population.ts';
import type { Random } from '../random.ts';
import { BORDER_SCHEMES } from './borders.ts';
import type { Deviation } from './deviation.ts';
import { IMPORT_ERRORS, OTHER_ERRORS } from './errors.ts';
import { GOODS_SCHEMES } from './goods.ts';
import { ORIGIN_SCHEMES } from './origin.ts';
import { VALUE_SCHEMES } from './value.ts';

export const DEVIATIONS: readonly Deviation[] = [
  ...VALUE_SCHEMES,
  ...ORIGIN_SCHEMES,
  ...GOODS_SCHEMES,
  ...BORDER_SCHEMES,
  ...IMPORT_ERRORS,
  ...OTHER_ERRORS,
];

/** What the broker that turned bad sells to its clients; the truth names these `turned_broker`. */
const BROKER_OFFERS = ['undervaluation', 'misdescription', 'missing_licence', 'false_preference', 'false_origin'];

/** The broker turns with the seventh month: 181 days after the first, which is 1 July for a start on 1 January. */
export const BROKER_TURNS_MS = 181 * DAY_MS;
const BROKER_SHARE = 0.4;

/** Schemes are the work of crooked traders, but not only of those. */
const BY_CROOKED = 0.85;

export interface Plan {
  readonly trader: Trader;
  readonly deviation: Deviation;
  /** Name in the truth. */
  readonly scheme: string;
}

/**
 * Decides which declarations deviate, how, and by whom. Shares are fixed, so that runs of any seed are comparable; who
 * takes part follows from what a trader deals in, its character and its care.
 */
export class Planner {
  private readonly population: Population;
  private readonly turnsAt: number;
  private readonly crooked = new Map<Deviation, Pool | null>();
  private readonly anybody = new Map<Deviation, Pool | null>();

  constructor(population: Population, from: number) {
    this.population = population;
    this.turnsAt = from + BROKER_TURNS_MS;
  }

  /** A deviation for the next declaration of this regime, with somebody to commit it; mostly null. */
  plan(random: Random, regime: Regime, at: number): Plan | null {
    const deviation = pick(random, regime);
    if (deviation === null) return null;
    const crooked = deviation.kind === 'scheme' && random.chance(BY_CROOKED);
    const doers = this.doers(deviation, crooked) ?? this.doers(deviation, false);
    if (doers === null) return null;
    const trader = pickTrader(random, doers, at);
    return trader === null ? null : { trader, deviation, scheme: deviation.name };
  }

  /** What the turned broker does with an honest client's declaration. */
  turned(random: Random, trader: Trader, at: number): Plan | null {
    if (at < this.turnsAt || trader.regime !== 'import' || trader.broker?.turns !== true) return null;
    if (!random.chance(BROKER_SHARE)) return null;
    const offers = DEVIATIONS.filter(({ name }) => BROKER_OFFERS.includes(name)).filter((each) => able(each, trader));
    return offers.length === 0 ? null : { trader, deviation: random.pick(offers), scheme: 'turned_broker' };
  }

  private doers(deviation: Deviation, crooked: boolean): Pool | null {
    const known = crooked ? this.crooked : this.anybody;
    let doers = known.get(deviation);
    if (doers === undefined) {
      const all = this.population.traders[deviation.regime].filter((trader) => able(deviation, trader));
      const traders = crooked ? all.filter((trader) => trader.crooked) : all;
      const care = (trader: Trader) => (deviation.kind === 'error' ? trader.carelessness : 1);
      // Who deals in everything could do everything; without this factor they would.
      doers = traders.length === 0 ? null : poolOf(traders, (trader) => care(trader) * (trader.groupage ? 0.35 : 1));
      known.set(deviation, doers);
    }
    return doers;
  }
}

function able(deviation: Deviation, trader: Trader): boolean {
  return trader.sources.some((source: Source) => deviation.fits(source, trader));
}

const BY_REGIME: Readonly<Record<Regime, readonly Deviation[]>> = {
  import: DEVIATIONS.filter(({ regime }) => regime === 'import'),
  export: DEVIATIONS.filter(({ regime }) => regime === 'export'),
  transit: DEVIATIONS.filter(({ regime }) => regime === 'transit'),
};

function pick(random: Random, regime: Regime): Deviation | null {
  let at = random.unit() * 100;
  for (const deviation of BY_REGIME[regime]) {
    at -= deviation.percent;
    if (at < 0) return deviation;
  }
  return null;
}
