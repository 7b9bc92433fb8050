import type { PartyRole, Regime } from '../core/declaration.ts';
import { DAY_MS } from './calendar.ts';
import { bin, companyName, type ForeignParty, foreignParty, iin, soleTraderName } from './identifiers.ts';
import { exportOffers, importOffers, type Offer } from './offers.ts';
import { heaviest, INLAND, type Mode, type Office, usualCurrency, usualMode } from './places.ts';
import { Random, Weighted } from './random.ts';
import type { Mark, Reference } from './reference.ts';

/** Everybody who takes part in trade, with habits of their own. Built once from the seed; the same for any length. */
export interface Population {
  readonly offers: readonly Offer[];
  readonly exports: readonly Offer[];
  readonly traders: Readonly<Record<Regime, readonly Trader[]>>;
  /** Those who send mixed loads, and the others, with how much each trades. */
  readonly pools: Readonly<Record<Regime, { readonly mixed: Pool | null; readonly plain: Pool }>>;
  readonly brokers: readonly Broker[];
  readonly carriers: readonly Resident[];
  readonly guarantors: readonly Resident[];
}

export interface Pool {
  readonly traders: readonly Trader[];
  readonly draw: Weighted;
}

export interface Resident {
  readonly id: string;
  readonly name: string;
}

export interface Broker extends Resident {
  /** How often its clerks slip, against others. */
  readonly carelessness: number;
  /** From the seventh month on, this one sells false papers to its clients. */
  readonly turns: boolean;
}

/** What a trader buys (or sells) where, from whom, how and at what level of price. */
export interface Source {
  readonly offer: Offer;
  readonly partner: ForeignParty;
  readonly maker: string;
  /** Its own anti-dumping rate, the general one, or null where no measure applies. */
  readonly antiDumping: number | null;
  readonly brand: string | null;
  readonly mark: Mark | null;
  /** Factor on the usual price: this trader with this partner. */
  readonly level: number;
  readonly currency: string;
  readonly incoterms: string;
  readonly mode: Mode;
}

export interface Trader extends Resident {
  readonly regime: Regime;
  readonly role: PartyRole;
  readonly weight: number;
  /** Trades from this time on; most of them always did. */
  readonly since: number;
  readonly office: Office;
  /** Share of its goods cleared at the border, not inland. */
  readonly atBorder: number;
  readonly sources: readonly Source[];
  /** Sends mixed loads of many lines. */
  readonly groupage: boolean;
  /** Factor on the usual mass of a line. */
  readonly scale: number;
  readonly broker: Broker | null;
  readonly carrier: Resident;
  readonly carelessness: number;
  /** Lives by schemes. */
  readonly crooked: boolean;
  readonly authorisedOperator: boolean;
  readonly claimsPreference: boolean;
}

const IMPORTERS = 3000;
const EXPORTERS = 700;
const PRINCIPALS = 400;
const BROKERS = 150;
const CARRIERS = 260;
const NEWCOMERS = 0.15;
const GROUPAGE = 1 / 14;
const CROOKED: Readonly<Record<Regime, number>> = { import: 1 / 10, export: 1 / 12, transit: 1 / 10 };

/** Stream of the seed that population comes from; declarations count up from 0. */
const POPULATION_STREAM = 0xffff_fff0;

export function populate(seed: number, reference: Reference, from: number, days: number): Population {
  const random = new Random(seed, POPULATION_STREAM);
  const offers = importOffers(reference, from);
  const exports = exportOffers(reference, from);
  const register = new Register();
  const brokers = Array.from({ length: BROKERS }, (_, index) => broker(random, register, index));
  const carriers = Array.from({ length: CARRIERS }, () => register.resident(random));
  const guarantors = Array.from({ length: 8 }, (_, index) => ({
    id: register.bin(random),
    name: `AO Guarantee ${index + 1}`,
  }));
  const maker = new TraderMaker(random, register, brokers, carriers, from, days);
  const honest = offers.filter(({ country, restrictedOrigins }) => !restrictedOrigins.includes(country));
  const importers = Array.from({ length: IMPORTERS }, (_, rank) => maker.trader('import', rank, honest));
  importers.push(...maker.licensees(reference, honest));
  const exporters = Array.from({ length: EXPORTERS }, (_, rank) => maker.trader('export', rank, exports));
  const principals = Array.from({ length: PRINCIPALS }, (_, rank) => maker.trader('transit', rank, honest));
  const traders = { import: importers, export: exporters, transit: principals };
  const pools = { import: poolsOf(importers), export: poolsOf(exporters), transit: poolsOf(principals) };
  return { offers, exports, traders, pools, brokers, carriers, guarantors };
}

function poolsOf(traders: readonly Trader[]) {
  const mixed = traders.filter(({ groupage }) => groupage);
  return {
    mixed: mixed.length === 0 ? null : poolOf(mixed),
    plain: poolOf(traders.filter(({ groupage }) => !groupage)),
  };
}

export function poolOf(traders: readonly Trader[], factor: (trader: Trader) => number = () => 1): Pool {
  return { traders, draw: new Weighted(traders.map((trader) => trader.weight * factor(trader))) };
}

/** Somebody who trades already, in proportion to how much; null where nobody was found. */
export function pickTrader(random: Random, { traders, draw }: Pool, at: number): Trader | null {
  for (let attempt = 0; attempt < 50; attempt++) {
    const trader = traders[draw.draw(random)] as Trader;
    if (trader.since <= at) return trader;
  }
  return null;
}

/** Everybody with a number of their own. */
class Register {
  private readonly taken = new Set<string>();

  bin(random: Random): string {
    return this.fresh(() => bin(random));
  }

  iin(random: Random): string {
    return this.fresh(() => iin(random));
  }

  resident(random: Random): Resident {
    return { id: this.bin(random), name: companyName(random) };
  }

  private fresh(make: () => string): string {
    let number = make();
    while (this.taken.has(number)) number = make();
    this.taken.add(number);
    return number;
  }
}

/** The broker that turns is one of the larger ones, so that it has clients to turn with. */
const TURNING_BROKER = 3;

function broker(random: Random, register: Register, index: number): Broker {
  return { ...register.resident(random), carelessness: random.logNormal(1, 0.5), turns: index === TURNING_BROKER };
}

class TraderMaker {
  private readonly random: Random;
  private readonly register: Register;
  private readonly brokers: readonly Broker[];
  private readonly brokerDraw: Weighted;
  private readonly carriers: readonly Resident[];
  private readonly from: number;
  private readonly days: number;
  private readonly places = new Map<string, number>();
  private readonly draws = new Map<readonly Offer[], Weighted>();

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

  /** Activity falls with rank, as a power law. */
  trader(regime: Regime, rank: number, offers: readonly Offer[]): Trader {
    const groupage = regime !== 'export' && this.spread(`groupage ${regime}`, rank, GROUPAGE);
    const crooked = this.spread(`crooked ${regime}`, rank, CROOKED[regime]);
    const sources = this.assortment(offers, groupage, regime);
    return this.make(regime, 1 / (rank + 12) ** 0.75, sources, groupage, crooked);
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
  licensees(reference: Reference, offers: readonly Offer[]): Trader[] {
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
  private assortment(offers: readonly Offer[], groupage: boolean, regime: Regime): Source[] {
    const { random } = this;
    const first = this.draw(offers);
    const near = groupage
      ? offers.filter(({ good, country }) => country === first.country && good.lineKg < 8000)
      : offers.filter(({ good }) => good.chapter === first.good.chapter);
    const count = groupage ? random.integer(12, 40) : 1 + Math.min(6, random.geometric(1.6));
    const chosen = [groupage ? (near[0] ?? first) : first];
    while (chosen.length < count) {
      chosen.push(!groupage && random.chance(0.3) ? this.draw(offers) : this.draw(near.length > 0 ? near : offers));
    }
    return chosen.map((offer) => this.source(offer, regime, null));
  }

  private draw(offers: readonly Offer[]): Offer {
    let weighted = this.draws.get(offers);
    if (weighted === undefined) {
      weighted = new Weighted(offers.map(({ weight }) => weight));
      if (offers.length > 300) this.draws.set(offers, weighted);
    }
    return offers[weighted.draw(this.random)] as Offer;
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
