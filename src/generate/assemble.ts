import type { DeclarationInput, DocumentInput, ItemInput, MoneyInput, PartyInput } from '../core/normalise.ts';
import { DAY_MS, vatPercent } from './calendar.ts';
import { container, foreignParty, meansOf, mrn } from './identifiers.ts';
import { borderOffice, WAYBILL } from './places.ts';
import type { Population } from './population.ts';
import type { Random } from './random.ts';
import type { Line, Shipment } from './shipment.ts';

type Duty = NonNullable<ItemInput['duties']>[number];

/** Writes the declaration of a shipment: values, duties, parties and papers follow from what the shipment says. */
export function assemble(random: Random, population: Population, shipment: Shipment, serial: string): DeclarationInput {
  const date = new Date(shipment.at).toISOString();
  const items = shipment.lines.map((line, index) => item(random, shipment, line, index + 1));
  const sum = shipment.lines.reduce((total, line) => total + line.priceCents, 0);
  const valueTiyn = shipment.lines.reduce((total, line) => total + customsTiyn(shipment, line), 0);
  const id = `${shipment.office.code}-${date.slice(2, 10).replaceAll('-', '')}-${serial}`;
  return {
    id,
    version: 1,
    regime: shipment.regime,
    procedure: shipment.procedure,
    previousProcedure: shipment.previousProcedure ?? '00',
    office: shipment.office.code,
    lodgedAt: `${date.slice(0, 19)}Z`,
    currency: shipment.currency,
    exchangeRate: shipment.exchangeRate,
    invoiceTotal: cents(Math.max(1, Math.round(sum * shipment.totalFactor)), shipment.currency),
    customsValueTotal: cents(valueTiyn, 'KZT'),
    dispatchCountry: shipment.dispatchCountry,
    destinationCountry: shipment.destinationCountry,
    tradingCountry: shipment.lines[0]?.source.partner.country ?? null,
    incoterms: shipment.incoterms,
    transactionNature: '010',
    transport: transport(random, shipment),
    parties: parties(random, population, shipment),
    items,
    documents: documents(random, shipment),
    transit: shipment.regime === 'transit' ? transit(random, population, shipment, items, serial) : null,
  };
}

function cents(amount: number, currency: string): MoneyInput {
  return { amount: decimal(amount), currency };
}

/** 12345 → `123.45`. */
function decimal(hundredths: number): string {
  const whole = Math.floor(hundredths / 100);
  const rest = hundredths - whole * 100;
  return `${whole}.${rest < 10 ? '0' : ''}${rest}`;
}

const WITHOUT_FREIGHT = new Set(['EXW', 'FCA', 'FAS', 'FOB']);

/** Customs value in tiyn: the price, and the freight where the terms leave it out (EAEU Customs Code, articles 39, 40). */
function customsTiyn(shipment: Shipment, line: Line): number {
  const freight = shipment.addsFreight && WITHOUT_FREIGHT.has(shipment.incoterms) ? shipment.freight : 0;
  const factor = shipment.regime === 'export' ? 1 : 1 + freight;
  return Math.max(1, Math.round(line.priceCents * Number(shipment.exchangeRate) * factor * line.valueFactor));
}

function item(random: Random, shipment: Shipment, line: Line, no: number): ItemInput {
  const valueTiyn = customsTiyn(shipment, line);
  const { good } = line.source.offer;
  return {
    no,
    hsCode: line.hsCode,
    description: line.description,
    brand: line.brand,
    manufacturer: line.maker,
    originCountry: line.origin,
    preference: line.preference?.code ?? null,
    grossMassKg: line.grossKg,
    netMassKg: line.netKg,
    suppQuantity: line.units,
    suppUnit: line.units === null ? null : (good.unit?.code ?? null),
    packages: [{ kind: packageKind(line), count: Math.max(1, Math.round(line.grossKg / random.between(12, 40))) }],
    invoicePrice: cents(line.priceCents, shipment.currency),
    customsValue: cents(valueTiyn, 'KZT'),
    statisticalValueUsd: Math.round(valueTiyn / 512) / 100,
    valuationMethod: line.method,
    duties: duties(shipment, line, valueTiyn, no),
    previousDocuments: previousDocuments(random, shipment),
  };
}

function packageKind(line: Line): string {
  if (line.source.offer.good.lineKg > 15_000) return 'BG';
  return line.units !== null && line.netKg / line.units > 200 ? 'NE' : 'CT';
}

function previousDocuments(random: Random, shipment: Shipment): { code: string; number: string }[] {
  if (shipment.previousProcedure === null) return [];
  const from = borderOffice(random, shipment.dispatchCountry, shipment.mode).code;
  const year = new Date(shipment.at).getUTCFullYear();
  if (shipment.previousProcedure === '80') return [{ code: '09011', number: mrn(year, from, `T${random.digits(7)}`) }];
  return [{ code: '09023', number: `${from}/${random.digits(6)}/${random.digits(7)}` }];
}

/** Excise in tiyn per litre or kilogram, by heading; rounded levels of 2026. */
const EXCISE_TIYN: Readonly<Record<string, number>> = {
  '2203': 7_500,
  '2204': 3_500,
  '2208': 115_000,
  '2402': 1_650_000,
  '2710': 2_500,
};
const FEE_TIYN = 2_595_000;

function duties(shipment: Shipment, line: Line, valueTiyn: number, no: number): Duty[] {
  const fee: Duty[] = no === 1 ? [{ kind: 'fee', rate: null, amount: cents(FEE_TIYN, 'KZT') }] : [];
  if (shipment.regime === 'export' || shipment.procedure === '53' || shipment.procedure === '51') return fee;
  const relief = line.preference === null ? 1 : line.preference.code === 'GSP' ? 0.75 : 0;
  const found: Duty[] = [];
  const rate = line.tariff * relief;
  const importTiyn = share(valueTiyn, rate);
  found.push({ kind: 'import_duty', rate, amount: cents(importTiyn, 'KZT') });
  let base = valueTiyn + importTiyn;
  if (line.antiDumping !== null) {
    const tiyn = share(valueTiyn, line.antiDumping);
    found.push({ kind: 'anti_dumping', rate: line.antiDumping, amount: cents(tiyn, 'KZT') });
    base += tiyn;
  }
  const perUnit = line.excise ? EXCISE_TIYN[line.hsCode.slice(0, 4)] : undefined;
  if (perUnit !== undefined) {
    const tiyn = Math.round(perUnit * (line.units ?? line.netKg));
    found.push({ kind: 'excise', rate: null, amount: cents(tiyn, 'KZT') });
    base += tiyn;
  }
  const vat = vatPercent(shipment.at);
  if (line.vat) found.push({ kind: 'vat', rate: vat, amount: cents(share(base, vat), 'KZT') });
  return [...found, ...fee];
}

function share(tiyn: number, percent: number): number {
  return Math.round((tiyn * percent) / 100);
}

function transport(random: Random, shipment: Shipment): NonNullable<DeclarationInput['transport']> {
  const { mode } = shipment;
  const means = [meansOf(random, mode, shipment.dispatchCountry)];
  const boxed = mode === '20' || mode === '10' ? random.chance(0.7) : mode === '30' && random.chance(0.15);
  const containers = boxed ? Array.from({ length: random.integer(1, 2) }, () => container(random)) : [];
  return { modeAtBorder: mode, modeInland: shipment.office.kind === 'inland' ? '30' : null, means, containers };
}

function parties(random: Random, population: Population, shipment: Shipment): PartyInput[] {
  const { trader } = shipment;
  const partner = shipment.lines[0]?.source.partner;
  const own = (role: PartyInput['role']): PartyInput => ({ role, id: trader.id, name: trader.name, country: 'KZ' });
  const { carrier } = trader;
  const found: PartyInput[] = [own(trader.role)];
  if (shipment.regime === 'transit') {
    const consignee = foreignParty(random, shipment.destinationCountry);
    if (partner !== undefined) found.push({ role: 'consignor', ...partner, country: shipment.dispatchCountry });
    found.push({ role: 'consignee', ...consignee });
  } else if (partner !== undefined) {
    found.push({ role: shipment.regime === 'import' ? 'consignor' : 'consignee', ...partner });
    found.push(own(shipment.regime === 'import' ? 'consignee' : 'consignor'));
  }
  found.push(own('declarant'));
  if (trader.broker !== null)
    found.push({ role: 'broker', id: trader.broker.id, name: trader.broker.name, country: 'KZ' });
  found.push({ role: 'carrier', id: carrier.id, name: carrier.name, country: 'KZ' });
  if (shipment.regime === 'transit' && trader.broker === null) {
    const guarantor = population.guarantors[Number(trader.id.slice(-2)) % population.guarantors.length];
    if (guarantor !== undefined)
      found.push({ role: 'guarantor', id: guarantor.id, name: guarantor.name, country: 'KZ' });
  }
  return found;
}

/** The day of an instant, UTC, in ISO 8601. Days repeat, and writing them is what takes time. */
function dateOf(at: number): string {
  const day = Math.floor(at / DAY_MS);
  let text = DATES.get(day);
  if (text === undefined) {
    text = new Date(day * DAY_MS).toISOString().slice(0, 10);
    if (DATES.size >= DATES_MAX) DATES.clear();
    DATES.set(day, text);
  }
  return text;
}

const DATES = new Map<number, string>();
const DATES_MAX = 5000;

function documents(random: Random, shipment: Shipment): DocumentInput[] {
  const { at } = shipment;
  const day = (offset: number) => dateOf(at + offset * DAY_MS);
  const found: DocumentInput[] = [];
  const add = (code: string, issuedDaysAgo: number, validDays: number | null) => {
    if (shipment.withheld.has(code) || found.some((each) => each.code === code)) return;
    const expired = shipment.expired.has(code);
    const validUntil = expired ? day(-random.integer(2, 90)) : validDays === null ? null : day(validDays);
    const issuedAt = day(-(expired ? issuedDaysAgo + 120 : issuedDaysAgo));
    found.push({ code, number: `${random.digits(4)}-${random.digits(5)}`, issuedAt, validUntil });
  };
  add('04021', random.integer(3, 35), null);
  add('03011', random.integer(60, 700), random.integer(90, 900));
  add(WAYBILL[shipment.mode], random.integer(1, 20), null);
  add('09013', random.integer(1, 30), null);
  if (WITHOUT_FREIGHT.has(shipment.incoterms) && shipment.regime === 'import')
    add('04031', random.integer(1, 15), null);
  if (shipment.regime !== 'transit') {
    for (const line of shipment.lines) {
      for (const code of line.documents) add(code, random.integer(10, 200), random.integer(30, 500));
      if (line.preference !== null) add(line.preference.document, random.integer(2, 40), random.integer(60, 330));
    }
  }
  if (shipment.procedure === '53') add('10031', 1, shipment.termDays);
  if (shipment.procedure === '51') add('10011', random.integer(5, 60), random.integer(90, 360));
  if (shipment.previousProcedure === '53') add('10031', 300, shipment.termDays);
  for (const code of shipment.extra) add(code, random.integer(5, 200), random.integer(60, 500));
  if (shipment.regime === 'transit') add('10022', random.integer(1, 200), random.integer(30, 300));
  return found;
}

/** Office abroad for what leaves the Union's south-east through Russia. */
const THROUGH_RUSSIA = '10418010';

function transit(
  random: Random,
  _population: Population,
  shipment: Shipment,
  items: readonly ItemInput[],
  serial: string,
): NonNullable<DeclarationInput['transit']> {
  const stake = items.reduce((sum, { duties: due = [] }) => {
    return sum + due.reduce((total, duty) => total + (duty.kind === 'fee' ? 0 : Number(duty.amount.amount)), 0);
  }, 0);
  const { destinationCountry: to, trader } = shipment;
  const out = borderOffice(random, to, '30');
  const destination = out.kind === 'inland' ? THROUGH_RUSSIA : out.code;
  const tir = shipment.mode === '30' && random.chance(0.25);
  const days = Math.max(
    1,
    Math.round((shipment.mode === '20' ? 14 : 9) * shipment.timeFactor * random.between(0.8, 1.2)),
  );
  const via = [shipment.office.name, ...random.pick(VIA)];
  return {
    mrn: mrn(new Date(shipment.at).getUTCFullYear(), shipment.office.code, serial),
    officeOfDeparture: shipment.office.code,
    officesOfTransit: [],
    officeOfDestination: destination,
    itinerary: via,
    seals: shipment.sealed ? Array.from({ length: random.integer(1, 2) }, () => `KZ${random.digits(7)}`) : [],
    timeLimit: `${new Date(shipment.at + days * DAY_MS).toISOString().slice(0, 10)}T18:00:00Z`,
    guarantee: {
      type: tir ? 'tir' : trader.authorisedOperator ? 'aeo' : (GUARANTEES[Number(trader.id.slice(-1)) % 4] ?? 'surety'),
      reference: `${random.digits(5)}/${random.digits(6)}`,
      amount: decimal(Math.ceil((stake * shipment.guaranteeFactor) / 1000) * 100_000),
      currency: 'KZT',
    },
    documentType: tir ? 'TIR' : shipment.mode === '30' ? 'CMR' : 'T1',
  };
}

const GUARANTEES = ['surety', 'bank', 'general', 'cash'];
const VIA = [
  ['Almaty', 'Taraz', 'Shymkent'],
  ['Almaty', 'Korday'],
  ['Balkhash', 'Karaganda', 'Kostanay'],
  ['Aktobe', 'Beyneu'],
];
