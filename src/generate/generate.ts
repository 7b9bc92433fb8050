import type { Regime } from '../core/declaration.ts';
import type { DeclarationInput } from '../core/normalise.ts';
import type { Target } from '../core/profile.ts';
import { assemble } from './assemble.ts';
import { slots } from './calendar.ts';
import type { Trader } from './people.ts';
import { type Population, pickTrader, populate } from './population.ts';
import { Random, seedOf } from './random.ts';
import { defaultListsDir, type Reference, readReference } from './reference.ts';
import { type Plan, Planner } from './schemes/deviations.ts';
import { type Line, type Shipment, ship } from './shipment.ts';

export interface GenerateOptions {
  readonly declarations: number;
  readonly seed: number | string;
  /** Seed of those who take part, for declarations of several seeds from the same people. Default: `seed`. */
  readonly people?: number | string;
  /** ISO date of the first day, UTC. Default 2026-01-01. */
  readonly from?: string;
  /** Days that the declarations are spread over. Default 365. */
  readonly days?: number;
  /** Folder of the reference lists. Default: `rules/lists` beside the package. */
  readonly listsDir?: string;
}

/** What is wrong with a declaration, for those that something is wrong with. */
export interface Truth {
  readonly id: string;
  readonly kind: 'scheme' | 'error';
  readonly scheme: string;
  /** Numbers of the items concerned; empty: the declaration as a whole. */
  readonly items: readonly number[];
  /** The target of risk management that it falls under. */
  readonly expected: Target;
}

export interface Generated {
  readonly declaration: DeclarationInput;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly truth: Truth | null;
}

export const DEFAULT_FROM = '2026-01-01';
export const DEFAULT_DAYS = 365;

/**
 * Declarations in order of time. The same options and lists give the same declarations; nothing is kept of those that
 * went out.
 * @throws RangeError for options out of range.
 */
export function* generate(options: GenerateOptions): Generator<Generated> {
  const world = prepare(options);
  const { declarations, from, days, seed } = world;
  const random = new Random(seed);
  let index = 0;
  for (const slot of slots(declarations, from, days)) {
    for (let place = 0; place < slot.count; place++) {
      random.restart(seed, index);
      const at = slot.at + Math.floor(((place + random.unit()) / slot.count) * slot.widthMs);
      yield one(random, world, at, serialOf(seed, index));
      index++;
    }
  }
}

interface World {
  readonly declarations: number;
  readonly from: number;
  readonly days: number;
  readonly seed: number;
  /** Seed of those who take part. */
  readonly people: number;
  readonly reference: Reference;
  readonly population: Population;
  readonly planner: Planner;
}

/** Checks the options, fills in the defaults, and brings the world to life. @throws RangeError */
export function prepare(options: GenerateOptions): World {
  const from = Date.parse(options.from ?? DEFAULT_FROM);
  const days = options.days ?? DEFAULT_DAYS;
  if (!Number.isSafeInteger(options.declarations) || options.declarations < 0) {
    throw new RangeError('declarations must be a whole number, 0 or more');
  }
  if (Number.isNaN(from)) throw new RangeError('from must be an ISO date');
  if (!Number.isSafeInteger(days) || days < 1 || days > 3660) throw new RangeError('days must be between 1 and 3660');
  const seed = seedOf(options.seed);
  const reference = readReference(options.listsDir ?? defaultListsDir());
  const people = seedOf(options.people ?? options.seed);
  const population = populate(people, reference, from, days);
  const planner = new Planner(population, from);
  return { declarations: options.declarations, from, days, seed, people, reference, population, planner };
}

function one(random: Random, world: World, at: number, serial: string): Generated {
  const { population, planner } = world;
  const regime = regimeOf(random);
  let plan = planner.plan(random, regime, at);
  const trader = plan?.trader ?? traderOf(random, world, regime, at);
  plan ??= planner.turned(random, trader, at);
  const shipment = ship(random, trader, at, plan?.deviation ?? null);
  const items = plan === null ? [] : deviate(random, world, shipment, plan);
  const declaration = assemble(random, population, shipment, serial);
  const truth = plan === null ? null : truthOf(declaration.id, plan, items);
  return { declaration, receivedAt: at + random.integer(200, 4000), truth };
}

/** Applies the plan and says which items it concerns. */
function deviate(random: Random, world: World, shipment: Shipment, { deviation, trader }: Plan): number[] {
  const { population, reference } = world;
  const lines = shipment.lines.filter(({ source }) => deviation.fits(source, trader));
  const concerned: readonly Line[] = deviation.apply({ random, population, reference, shipment, lines });
  return concerned.map((line) => shipment.lines.indexOf(line) + 1);
}

function truthOf(id: string, { deviation, scheme }: Plan, items: readonly number[]): Truth {
  return { id, kind: deviation.kind, scheme, items, expected: deviation.target };
}

function regimeOf(random: Random): Regime {
  const at = random.unit();
  return at < 0.65 ? 'import' : at < 0.85 ? 'export' : 'transit';
}

/** Share of the declarations of a mixed load, where a regime knows them: fixed, so that lengths compare across seeds. */
const MIXED_LOADS = 0.082;

function traderOf(random: Random, { population }: World, regime: Regime, at: number): Trader {
  const { mixed, plain } = population.pools[regime];
  const pool = mixed !== null && random.chance(MIXED_LOADS) ? mixed : plain;
  return pickTrader(random, pool, at) ?? (plain.traders[0] as Trader);
}

/** Unique within a seed, and hardly ever the same for two. */
function serialOf(seed: number, index: number): string {
  return `${seed.toString(36).toUpperCase().slice(-3).padStart(3, '0')}${index.toString(36).toUpperCase().padStart(5, '0')}`;
}
