import type { Regime } from '../core/declaration.ts';
import { DAY_MS } from './calendar.ts';
import { companyName, type ForeignParty, foreignParty, soleTraderName } from './identifiers.ts';
import type { Market } from './market.ts';
import type { Offer } from './offers.ts';
import type { Broker, Register, Resident, Source, Trader } from './people.ts';
import { heaviest, INLAND, usualCurrency, usualMode } from './places.ts';
import { type Random, Weighted } from './random.ts';
import type { Mark, Reference } from './reference.ts';

const NEWCOMERS = 0.15;
const GROUPAGE = 1 / 14;
const CROOKED: Readonly<Record<Regime, number>> = { import: 1 / 10, export: 1 / 12, transit: 1 / 10 };

/** Makes traders, each with goods, partners, habits and a character of its own. */
export class TraderMaker {
  private readonly random: Random;
  private readonly register: Register;
  private readonly brokers: readonly Broker[];
  private readonly brokerDraw: Weighted;
  private readonly carriers: readonly Resident[];
  private readonly from: number;
  private readonly days: number;
  private readonly places = new Map<string, number>();

  constructor(
    random: Random,
    register: Register,
    brokers: readonly Broker[],
    carriers: readonly Resident[],
    from: number,
    days: number,
  ) {
    this.random = random;
    this.register = register;
    this.brokers = brokers;
    this.brokerDraw = new Weighted(brokers.map((_, index) => 1 / (index + 4)));
    this.carriers = carriers;
    this.from = from;
    this.days = days;
  }

  /** Activity falls with rank, as a power law, flat at its head: no single trader makes more than a few in a thousand. */
  trader(regime: Regime, rank: number, market: Market): Trader {
    const groupage = regime !== 'export' && this.spread(`groupage ${regime}`, rank, GROUPAGE);
    const crooked = this.spread(`crooked ${regime}`, rank, CROOKED[regime]);
    const sources = this.assortment(market, groupage, regime);
    return this.make(regime, 1 / (rank + 60) ** 0.7, sources, groupage, crooked);
  }

  /**
   * True for one rank in every 1/share, at a place drawn anew for each such block: large and small traders get their
   * share of it for every seed.
   */
  private spread(what: string, rank: number, share: number): boolean {
    const block = Math.round(1 / share);
    if (rank % block === 0) this.places.set(what, rank + this.random.below(block));
    return this.places.get(what) === rank;
  }

  /** Those whom the holders of registered trade marks authorised, under the numbers of the register. */
  licensees(reference: Reference, { offers }: Market): Trader[] {
    const marked = new Map<string, Offer[]>();
    for (const offer of offers) {
      for (const { brand } of offer.marks) marked.set(brand, [...(marked.get(brand) ?? []), offer]);
    }
    const traders: Trader[] = [];
    for (const [brand, branded] of marked) {
      for (const id of reference.licensees(brand)) {
        const sources = Array.from({ length: 3 }, () => {
          const offer = this.random.pick(branded);
          const mark = offer.marks.find((each) => each.brand === brand) ?? null;
          return this.source(offer, 'import', mark);
        });
        traders.push({ ...this.make('import', 0.012, sources, false, false), id });
      }
    }
    return traders;
  }

  private make(
    regime: Regime,
    weight: number,
    sources: readonly Source[],
    groupage: boolean,
    crooked: boolean,
  ): Trader {
    const { random } = this;
    const sole = regime === 'import' && random.chance(0.18);
    const newcomer = random.chance(crooked ? 2 * NEWCOMERS : NEWCOMERS);
    return {
      id: sole ? this.register.iin(random) : this.register.bin(random),
      name: sole ? soleTraderName(random) : companyName(random),
      regime,
      role: regime === 'import' ? 'importer' : regime === 'export' ? 'exporter' : 'principal',
      weight,
      since: newcomer ? this.from + random.below(this.days) * DAY_MS : Number.NEGATIVE_INFINITY,
      office: heaviest(random, INLAND),
      atBorder: random.unit() ** 2,
      sources,
      groupage,
      scale: random.logNormal(sole ? 0.5 : 1, 0.55),
      broker: random.chance(0.7) ? (this.brokers[this.brokerDraw.draw(random)] ?? null) : null,
      carrier: random.pick(this.carriers),
      carelessness: random.logNormal(1, 0.7),
      crooked,
      authorisedOperator: !crooked && !sole && random.chance(0.04),
      claimsPreference: random.chance(0.75),
    };
  }

  /** A few related goods from a few partners; for groupage, many goods of any kind from one country. */
  private assortment(market: Market, groupage: boolean, regime: Regime): Source[] {
    const { random } = this;
    const first = market.draw(random);
    const draw = () => {
      if (groupage) return market.light(random, first.country);
      return random.chance(0.3) ? market.draw(random) : market.alike(random, first);
    };
    const chosen = [groupage ? draw() : first];
    const count = groupage ? random.integer(12, 40) : 1 + Math.min(6, random.geometric(1.6));
    while (chosen.length < count) chosen.push(draw());
    return chosen.map((offer) => this.source(offer, regime, null));
  }

  private source(offer: Offer, regime: Regime, mark: Mark | null): Source {
    const { random } = this;
    const { good, country } = offer;
    const partner = foreignParty(random, country);
    const producer = offer.producers.length > 0 && random.chance(0.45) ? random.pick(offer.producers) : null;
    return {
      offer,
      partner,
      maker: producer?.name ?? makerOf(random, partner, regime),
      antiDumping: producer?.rate ?? offer.antiDumping,
      brand: mark?.brand ?? (good.brands.length > 0 && random.chance(0.7) ? random.pick(good.brands) : null),
      mark,
      level: random.logNormal(1, 0.1),
      currency: usualCurrency(random, country),
      incoterms: random.pick(INCOTERMS),
      mode: usualMode(random, country, good.usdPerKg, good.lineKg),
    };
  }
}

const INCOTERMS = ['EXW', 'FCA', 'FCA', 'FOB', 'CPT', 'CPT', 'CIP', 'CIF', 'DAP', 'DAP', 'DAP'];

function makerOf(random: Random, partner: ForeignParty, regime: Regime): string {
  if (regime === 'export') return companyName(random).toUpperCase();
  return (random.chance(0.6) ? partner.name : foreignParty(random, partner.country).name).toUpperCase();
}
