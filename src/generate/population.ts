import type { Regime } from '../core/declaration.ts';
import { Market } from './market.ts';
import { exportOffers, importOffers, type Offer } from './offers.ts';
import { type Broker, Register, type Resident, type Trader } from './people.ts';
import { Random, Weighted } from './random.ts';
import type { Reference } from './reference.ts';
import { TraderMaker } from './traders.ts';

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

const IMPORTERS = 3000;
const EXPORTERS = 700;
const PRINCIPALS = 400;
const BROKERS = 150;
const CARRIERS = 260;
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
  const lawful = ({ country, restrictedOrigins }: Offer) => !restrictedOrigins.includes(country);
  const honest = new Market(offers.filter(lawful));
  const abroad = new Market(exports);
  const importers = Array.from({ length: IMPORTERS }, (_, rank) => maker.trader('import', rank, honest));
  importers.push(...maker.licensees(reference, honest));
  const exporters = Array.from({ length: EXPORTERS }, (_, rank) => maker.trader('export', rank, abroad));
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

/** The broker that turns is one of the larger ones, so that it has clients to turn with. */
const TURNING_BROKER = 3;

function broker(random: Random, register: Register, index: number): Broker {
  return { ...register.resident(random), carelessness: random.logNormal(1, 0.5), turns: index === TURNING_BROKER };
}
