import type { Declaration, Item, Money, Party, PartyRole, Regime } from '../../src/core/declaration.ts';
import type { Category, Facts } from '../../src/core/facts.ts';
import type { PolicyBundle } from '../../src/profiles/bundle.ts';

/**
 * Profiles and declarations over so few values that profiles hit, miss and fail often: what the index is tried on.
 * The same seed gives the same ones.
 */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** Uniform in [0, 1): mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  upTo(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.upTo(values.length)] as T;
  }

  some<T>(values: readonly T[]): T[] {
    return values.filter(() => this.next() < 0.4);
  }

  chance(p: number): boolean {
    return this.next() < p;
  }
}

const HS = ['8471300000', '8471500000', '8401100000', '730441', '7304410009', '6403510000', '9303200000'];
const PREFIXES = ['84', '8471', '847130', '73', '7304', '7304410009', '64', '99'];
const COUNTRIES = ['CN', 'DE', 'UZ', 'KZ'];
const BRANDS = ['ACME', 'Nord', 'Öresund'];
const OFFICES = ['55301', '55302', '55099'];
const PROCEDURES = ['40', '10', '80', '53'];
const REGIMES: readonly Regime[] = ['import', 'export', 'transit'];
const CATEGORIES: readonly Category[] = ['low', 'medium', 'high'];
const ROLES: readonly PartyRole[] = ['importer', 'exporter', 'principal', 'declarant', 'broker', 'carrier'];
const IDS = ['100000000001', '100000000002', '100000000003'];
const DAYS = ['2025-01-01', '2026-01-01', '2026-06-01', '2027-01-01'];

const LISTS: Readonly<Record<string, string>> = {
  'lists/goods.csv': '*hs:hs,rate:number,document:string\n8471,1.5,L-1\n847130,2.5,\n73,3,L-2\n',
  'lists/pairs.csv':
    '*hs:hs,*origin:string,rate:number,validFrom:date,validUntil:date\n7304,CN,1,2025-01-01,2026-03-01\n84,DE,2,,\n',
  'lists/origins.csv': '*origin:string\nCN\nUZ\n',
  'lists/words.csv': 'words:phrase\nspare parts\nsamples\n',
};
const POLICY = 'label: generated\nrandom: { lanes: [] }\n';

/** Something that can be true of one item; `v` is what the item is called. */
function ofItem(dice: Dice, v: string): string {
  const prefix = dice.pick(PREFIXES);
  return dice.pick([
    `${v}.hsCode.startsWith("${prefix}")`,
    `(${v}.hsCode.startsWith("${prefix}") || ${v}.hsCode.startsWith("${dice.pick(PREFIXES)}"))`,
    `${v}.hsCode in list("goods")`,
    `!(${v}.hsCode in list("goods"))`,
    `listed("pairs", ${v}.hsCode, ${v}.originCountry)`,
    `lookup("goods", "rate", ${v}.hsCode) > 2`,
    `!hasDocument(lookup("goods", "document", ${v}.hsCode))`,
    `${v}.originCountry == "${dice.pick(COUNTRIES)}"`,
    `${v}.originCountry in ["${dice.pick(COUNTRIES)}", "${dice.pick(COUNTRIES)}"]`,
    `${v}.originCountry in list("origins")`,
    `${v}.brand == "${dice.pick(BRANDS)}"`,
    `${v}.brand != "${dice.pick(BRANDS)}"`,
    `mentions(${v}.description, "words")`,
    `${v}.customsValue / ${v}.netMassKg < 500`,
    `${v}.suppQuantity > ${dice.upTo(20)}`,
    `${v}.valuationMethod == ${1 + dice.upTo(3)}`,
    `stats.valuePerKg(${v}).p50 > 100`,
    `duty(${v}, "vat") == 0`,
    // A comprehension inside of another one is beyond the limit of cost.
    v === 'item' ? 'item.duties.exists(d, d.kind == "vat")' : `${v}.no > ${dice.upTo(4)}`,
    // Fails where the mass is whole.
    `10 / (int(${v}.netMassKg) - 7) > 1`,
  ]);
}

function ofDeclaration(dice: Dice): string {
  return dice.pick([
    `declaration.office == "${dice.pick(OFFICES)}"`,
    `declaration.dispatchCountry in ["${dice.pick(COUNTRIES)}"]`,
    `declaration.procedure == "${dice.pick(PROCEDURES)}"`,
    `declaration.previousProcedure == "${dice.pick(PROCEDURES)}"`,
    `declaration.destinationCountry in list("origins")`,
    `trader.category == "${dice.pick(CATEGORIES)}"`,
    `trader.id == "${dice.pick(IDS)}"`,
    `parties.broker.category == "${dice.pick(CATEGORIES)}"`,
    `parties.${dice.pick(ROLES)}.id == "${dice.pick(IDS)}"`,
    `has(parties.broker)`,
    `trader.d30.count < ${dice.upTo(10)}`,
    `declaration.items.exists(i, ${ofItem(dice, 'i')} && ${ofItem(dice, 'i')})`,
    `declaration.items.all(i, ${ofItem(dice, 'i')})`,
    `sum(declaration.items.map(i, i.customsValue)) > ${dice.upTo(100_000)}`,
    `size(declaration.items) > ${dice.upTo(4)}`,
    `10 / (trader.d30.count - 3) > 1`,
    `now > timestamp("2026-01-01T00:00:00Z")`,
  ]);
}

function expression(dice: Dice, level: string, depth: number): string {
  const leaf = () => (level === 'item' && dice.chance(0.65) ? ofItem(dice, 'item') : ofDeclaration(dice));
  if (depth === 0 || dice.chance(0.2)) return leaf();
  const parts = Array.from({ length: 2 + dice.upTo(2) }, () => expression(dice, level, depth - 1));
  if (dice.chance(0.1)) return `!(${parts[0]})`;
  return `(${parts.join(dice.chance(0.7) ? ' && ' : ' || ')})`;
}

function profileText(dice: Dice, id: string): string {
  const level = dice.chance(0.6) ? 'item' : 'declaration';
  const [from, until] = [dice.pick(DAYS.slice(0, 2)), dice.pick(DAYS.slice(2))];
  const scope = {
    ...(dice.chance(0.3) ? { regimes: dice.some(REGIMES) } : {}),
    ...(dice.chance(0.2) ? { offices: dice.some(OFFICES) } : {}),
    ...(dice.chance(0.2) ? { procedures: dice.some(PROCEDURES) } : {}),
    ...(dice.chance(0.2) ? { categories: dice.some(CATEGORIES) } : {}),
    ...(dice.chance(0.3) ? { validFrom: from, validUntil: until } : {}),
  };
  return JSON.stringify({
    id,
    title: `Generated ${id}`,
    target: 'customs_procedure',
    corridor: 'yellow',
    measures: [{ code: 'documentary_check', instructions: 'Check.' }],
    weight: 0.1,
    scope,
    level,
    when: expression(dice, level, 2),
    ...(dice.chance(0.3) ? { unless: expression(dice, level, 1) } : {}),
    tests: [
      { name: 'hits', hits: true },
      { name: 'does not', hits: false },
    ],
  });
}

/** A policy of so many profiles. Their tests are there for form's sake and are not meant to hold. */
export function generatedBundle(seed: number, profiles: number): PolicyBundle {
  const dice = new Dice(seed);
  const files: Record<string, string> = { 'policy.yaml': POLICY, ...LISTS };
  for (let i = 0; i < profiles; i++) {
    const id = `P-${String(i).padStart(5, '0')}`;
    files[`profiles/${id}.yaml`] = profileText(dice, id);
  }
  return { files };
}

const kzt = (tiyn: number): Money => ({ amount: String(tiyn / 100), currency: 'KZT', tiyn });

function item(dice: Dice, no: number): Item {
  return {
    no,
    hsCode: dice.pick(HS),
    description: dice.pick(['Spare parts for cars', 'laptops', 'SAMPLES, various', '']),
    brand: dice.chance(0.5) ? dice.pick(BRANDS) : null,
    manufacturer: null,
    originCountry: dice.pick(COUNTRIES),
    preference: null,
    grossMassKg: 10,
    netMassKg: dice.pick([0, 7, 7.5, 100]),
    suppQuantity: dice.chance(0.5) ? dice.upTo(20) : null,
    suppUnit: null,
    packages: [],
    invoicePrice: kzt(100_000),
    customsValue: kzt(dice.upTo(50) * 100_000),
    statisticalValueUsd: null,
    valuationMethod: 1 + dice.upTo(3),
    duties: dice.some(['vat', 'import_duty', 'anti_dumping']).map((kind) => ({ kind, rate: 1, amount: kzt(5000) })),
    previousDocuments: [],
  };
}

export interface GeneratedCase {
  readonly declaration: Declaration;
  readonly facts: Facts;
}

export function generatedCase(dice: Dice): GeneratedCase {
  const receivedAt = Date.parse(dice.pick(['2024-06-01', '2025-06-01', '2026-02-01', '2026-08-01', '2028-01-01']));
  const parties: Party[] = dice
    .some(ROLES)
    .map((role) => ({ role, id: dice.pick(IDS), name: null, country: dice.pick(COUNTRIES) }));
  const declaration: Declaration = {
    id: `G-${dice.upTo(1_000_000)}`,
    version: 1,
    regNo: null,
    regime: dice.pick(REGIMES),
    procedure: dice.pick(PROCEDURES),
    previousProcedure: dice.chance(0.5) ? dice.pick(PROCEDURES) : null,
    office: dice.pick(OFFICES),
    lodgedAt: receivedAt,
    currency: 'KZT',
    exchangeRate: 1,
    invoiceTotal: kzt(100_000),
    customsValueTotal: kzt(100_000),
    dispatchCountry: dice.pick(COUNTRIES),
    destinationCountry: dice.pick(COUNTRIES),
    tradingCountry: null,
    incoterms: null,
    transactionNature: null,
    transport: null,
    parties,
    items: Array.from({ length: dice.upTo(5) }, (_, index) => item(dice, index + 1)),
    documents: dice.some(['L-1', 'L-2']).map((code) => ({ code, number: '1', issuedAt: null, validUntil: null })),
    transit: null,
  };
  const window = { count: dice.upTo(6), valueTiyn: 0 };
  const facts: Facts = {
    receivedAt,
    decidedAt: receivedAt + 5,
    draw: { value: dice.next(), keyId: 'k' },
    parties: parties.map(({ role, id }) => ({
      role,
      id,
      category: dice.pick(CATEGORIES),
      known: true,
      authorisedOperator: false,
      openViolations: 0,
      arrearsTiyn: 0,
    })),
    trader: { id: dice.pick(IDS), firstSeenAt: null, d1: window, d7: window, d30: window, d90: window },
    items: declaration.items.map(() => ({
      valuePerKg: dice.chance(0.5) ? { n: 50, p05: 1, p25: 2, p50: dice.upTo(200), p75: 300, p95: 400 } : null,
    })),
    previous: null,
    inherited: null,
    models: [],
    suspended: dice.chance(0.1) ? [`P-${String(dice.upTo(20)).padStart(5, '0')}`] : [],
  };
  return { declaration, facts };
}
