import type { Regime } from '../core/declaration.ts';
import { priceDrift, rateOf, seasonOf } from './calendar.ts';
import type { Source, Trader } from './people.ts';
import { borderOffice, FREIGHT_PERCENT, type Mode, type Office, TRANSIT_ROUTES } from './places.ts';
import type { Random } from './random.ts';

/**
 * What is in the lorry and what is going to be declared of it, before it becomes a declaration. Schemes and errors
 * change it in place; `assemble.ts` then works out values, duties and documents from what stands here.
 */
export interface Shipment {
  readonly regime: Regime;
  readonly at: number;
  readonly trader: Trader;
  procedure: string;
  previousProcedure: string | null;
  office: Office;
  currency: string;
  exchangeRate: string;
  incoterms: string;
  mode: Mode;
  /** Freight to the border, as a share of the price. */
  freight: number;
  dispatchCountry: string;
  destinationCountry: string;
  lines: Line[];
  /** Codes of documents that are due but stay away. */
  withheld: Set<string>;
  /** Codes of documents that ran out before lodging. */
  expired: Set<string>;
  /** Codes of documents beyond those that are due. */
  extra: string[];
  /** Factor on the invoice total, against the sum of its lines. */
  totalFactor: number;
  /** Adds freight to the value where the terms leave it out. */
  addsFreight: boolean;
  /** Guarantee against the duties at stake; seals; days allowed. Transit only. */
  guaranteeFactor: number;
  sealed: boolean;
  timeFactor: number;
  /** For procedures with a term: days until it ends, from lodging. */
  termDays: number;
}

export interface Line {
  readonly source: Source;
  hsCode: string;
  description: string;
  brand: string | null;
  maker: string;
  origin: string;
  preference: { readonly code: string; readonly document: string } | null;
  netKg: number;
  grossKg: number;
  units: number | null;
  /** Hundredths of the invoice currency. */
  priceCents: number;
  /** Factor on the customs value that belongs to the price: 1 when computed well. */
  valueFactor: number;
  tariff: number;
  antiDumping: number | null;
  excise: boolean;
  vat: boolean;
  documents: readonly string[];
  method: number;
}

/** Which of a trader's sources the first line has to come from. */
export interface Wanted {
  fits(source: Source, trader: Trader): boolean;
}

/** An honest shipment of this trader at this time. */
export function ship(random: Random, trader: Trader, at: number, wanted: Wanted | null): Shipment {
  const fitting = wanted === null ? [] : trader.sources.filter((source) => wanted.fits(source, trader));
  const main = seasonal(random, fitting.length > 0 ? fitting : trader.sources, at);
  const transit = trader.regime === 'transit';
  const country = main.offer.country;
  const route = transit ? pickRoute(random, country) : null;
  const mode = main.mode;
  const border = borderOffice(random, route?.[0] ?? country, mode);
  const shipment: Shipment = {
    regime: trader.regime,
    at,
    trader,
    procedure: transit ? '80' : trader.regime === 'export' ? '10' : '40',
    previousProcedure: null,
    office: transit || random.chance(trader.atBorder) ? border : trader.office,
    currency: main.currency,
    exchangeRate: rateOf(main.currency, at),
    incoterms: main.incoterms,
    mode,
    freight: (FREIGHT_PERCENT[mode] / 100) * Math.exp(0.35 * random.normal()),
    dispatchCountry: route?.[0] ?? (trader.regime === 'export' ? 'KZ' : country),
    destinationCountry: route?.[1] ?? (trader.regime === 'export' ? country : 'KZ'),
    lines: [],
    withheld: new Set(),
    expired: new Set(),
    extra: [],
    totalFactor: 1,
    addsFreight: true,
    guaranteeFactor: random.between(1, 1.25),
    sealed: true,
    timeFactor: 1,
    termDays: random.integer(90, 360),
  };
  const count = lineCount(random, trader);
  const usdRate = Number(rateOf('USD', at));
  for (let no = 0; no < count; no++) {
    const source = no === 0 ? main : random.pick(trader.sources);
    const compatible = source.offer.country === country || trader.regime !== 'import' ? source : main;
    shipment.lines.push(line(random, shipment, trader.regime === 'export' ? main : compatible, usdRate, count));
  }
  if (trader.regime === 'import') arrive(random, shipment, wanted === null);
  return shipment;
}

/**
 * Lines of a declaration. Most traders declare one to four; mixed loads twenty and more. With the share of mixed loads
 * that the population gives, about 3 on average and 20 at the 95th percentile.
 */
function lineCount(random: Random, trader: Trader): number {
  if (trader.groupage && random.chance(0.95)) return 20 + random.geometric(3.5);
  if (trader.regime === 'export') return 1 + random.geometric(0.35);
  return 1 + Math.min(14, random.geometric(0.8));
}

function seasonal(random: Random, sources: readonly Source[], at: number): Source {
  const source = random.pick(sources);
  if (random.unit() * 1.6 < seasonOf(source.offer.good.chapter, at)) return source;
  return random.pick(sources);
}

/** From the country of the goods to another, by the usual routes where it has some. */
function pickRoute(random: Random, from: string): readonly [from: string, to: string] {
  const routes = TRANSIT_ROUTES.filter((route) => route[0] === from);
  let at = random.unit() * routes.reduce((sum, [, , weight]) => sum + weight, 0);
  for (const [, to, weight] of routes) {
    at -= weight;
    if (at < 0) return [from, to];
  }
  return [from, random.pick(['UZ', 'KG', 'TJ'].filter((country) => country !== from))];
}

function line(random: Random, shipment: Shipment, source: Source, usdRate: number, count: number): Line {
  const { offer } = source;
  const { good } = offer;
  const share = count >= 20 ? 0.06 : 1 / Math.sqrt(count);
  const wanted = random.logNormal(good.lineKg * shipment.trader.scale * share, 0.55);
  const units = good.unit === null ? null : Math.max(1, Math.round(wanted / good.unit.kg));
  const netKg = kilograms(
    units === null || good.unit === null ? wanted : units * good.unit.kg * random.between(0.97, 1.03),
  );
  const packing = Math.max(1, good.packing * (1 + 0.02 * random.normal()));
  const brandLevel = source.mark === null ? offer.usdPerKg : source.mark.kztPerKg / 512;
  const lot = Math.exp((source.mark === null ? good.spread * 0.6 : 0.12) * random.normal()) * bargain(random);
  const usdPerKg = brandLevel * source.level * lot * priceDrift(good.chapter, shipment.at);
  const priceCents = Math.max(1, Math.round((netKg * usdPerKg * usdRate * 100) / Number(shipment.exchangeRate)));
  const preference = shipment.regime === 'import' && shipment.trader.claimsPreference ? offer.preference : null;
  return {
    source,
    hsCode: good.hsCode,
    description: describe(random, source),
    brand: source.brand,
    maker: source.maker,
    origin: shipment.regime === 'export' ? 'KZ' : offer.country,
    preference,
    netKg,
    grossKg: kilograms(netKg * packing),
    units,
    priceCents,
    valueFactor: 1,
    tariff: offer.tariff,
    antiDumping: source.antiDumping,
    excise: offer.excisable,
    vat: true,
    documents: offer.documents,
    method: random.chance(0.965) ? 1 : random.pick([2, 3, 6, 6]),
  };
}

/** End of season, second quality, a large order: honest lots are cheap now and then. */
function bargain(random: Random): number {
  return random.chance(0.015) ? random.between(0.4, 0.85) : 1;
}

/** Three decimals below a tonne, whole kilograms above. */
export function kilograms(value: number): number {
  return value < 1000 ? Math.max(0.001, Math.round(value * 1000) / 1000) : Math.round(value);
}

const DETAILS = ['model', 'article', 'type', 'series', 'mark'];

function describe(random: Random, source: Source): string {
  const name = random.pick(source.offer.good.names);
  const detail = random.pick(DETAILS);
  const number = `${String.fromCharCode(65 + random.below(26))}${random.integer(10, 9999)}`;
  const brand = source.brand === null ? 'no trade mark' : `trade mark ${source.brand}`;
  return `${name}, ${detail} ${number}, ${brand}, maker ${source.maker}`;
}

/** Many goods come out of transit; a few imports are temporary, or for processing. */
function arrive(random: Random, shipment: Shipment, anyProcedure: boolean): void {
  const at = random.unit();
  if (at < 0.24 && shipment.office.kind === 'inland') shipment.previousProcedure = '80';
  else if (!anyProcedure) return;
  else if (at < 0.26) shipment.procedure = '53';
  else if (at < 0.28) shipment.procedure = '51';
  else if (at < 0.3) shipment.procedure = '78';
  else if (at < 0.315) shipment.previousProcedure = '53';
}
