import type { PartyRole, Regime } from '../core/declaration.ts';
import type { DeclarationInput, ItemInput, PartyInput } from '../core/normalise.ts';

/**
 * What the tests of profiles are patched over: one valid, unremarkable declaration per regime. Established parties,
 * plain goods (roasted coffee from Germany, 100 kg at 3,000 KZT per kg), duties calculated, no documents, all in KZT.
 */

/** Event time of the tests unless they say otherwise. */
export const BASE_RECEIVED_AT = Date.UTC(2026, 2, 2, 9);

const PARTY_OF_ROLE: Readonly<Record<PartyRole, PartyInput>> = {
  importer: { role: 'importer', id: '150240000111', name: 'Almaty Trade LLP', country: 'KZ' },
  exporter: { role: 'exporter', id: '160340000222', name: 'Karaganda Metals LLP', country: 'KZ' },
  declarant: { role: 'declarant', id: '170440000333', name: 'Declarant LLP', country: 'KZ' },
  broker: { role: 'broker', id: '180540000444', name: 'Broker LLP', country: 'KZ' },
  carrier: { role: 'carrier', id: '190640000555', name: 'Carrier LLP', country: 'KZ' },
  consignor: { role: 'consignor', id: 'DE811111111', name: 'Handel GmbH', country: 'DE' },
  consignee: { role: 'consignee', id: '150240000111', name: 'Almaty Trade LLP', country: 'KZ' },
  principal: { role: 'principal', id: '200740000666', name: 'Transit LLP', country: 'KZ' },
  guarantor: { role: 'guarantor', id: '210840000777', name: 'Guarantee JSC', country: 'KZ' },
  warehouse: { role: 'warehouse', id: '220940000888', name: 'Warehouse LLP', country: 'KZ' },
  manufacturer: { role: 'manufacturer', id: 'DE822222222', name: 'Rösterei GmbH', country: 'DE' },
};

export function basePartyOf(role: PartyRole): PartyInput {
  return PARTY_OF_ROLE[role];
}

const BASE_ITEM: ItemInput = {
  no: 1,
  hsCode: '0901210009',
  description: 'Roasted coffee beans, not decaffeinated, in bags of 1 kg',
  brand: null,
  manufacturer: null,
  originCountry: 'DE',
  preference: null,
  grossMassKg: 105,
  netMassKg: 100,
  suppQuantity: null,
  suppUnit: null,
  packages: [{ kind: 'CT', count: 10, marks: null }],
  invoicePrice: { amount: '300000', currency: 'KZT' },
  customsValue: { amount: '300000', currency: 'KZT' },
  statisticalValueUsd: null,
  valuationMethod: 1,
  duties: [
    { kind: 'import_duty', rate: 8, amount: { amount: '24000', currency: 'KZT' } },
    { kind: 'vat', rate: 12, amount: { amount: '38880', currency: 'KZT' } },
  ],
  previousDocuments: [],
};

export function baseItem(no: number): ItemInput {
  return { ...BASE_ITEM, no };
}

const COMMON = {
  id: 'VECTOR',
  version: 1,
  regNo: null,
  previousProcedure: null,
  office: '55301',
  lodgedAt: '2026-03-02T08:55:00Z',
  currency: 'KZT',
  exchangeRate: '1',
  invoiceTotal: { amount: '300000', currency: 'KZT' },
  customsValueTotal: { amount: '300000', currency: 'KZT' },
  tradingCountry: null,
  incoterms: 'CIP',
  transactionNature: '010',
  transport: {
    modeAtBorder: '30',
    modeInland: '30',
    means: [{ id: '123ABC02', nationality: 'KZ' }],
    containers: [],
  },
  items: [BASE_ITEM],
  documents: [],
  transit: null,
} satisfies Partial<DeclarationInput>;

const roles = (...named: PartyRole[]): PartyInput[] => named.map(basePartyOf);

const BASES: Readonly<Record<Regime, DeclarationInput>> = {
  import: {
    ...COMMON,
    regime: 'import',
    procedure: '40',
    dispatchCountry: 'DE',
    destinationCountry: 'KZ',
    parties: roles('importer', 'declarant', 'carrier', 'consignor'),
  },
  export: {
    ...COMMON,
    regime: 'export',
    procedure: '10',
    dispatchCountry: 'KZ',
    destinationCountry: 'DE',
    parties: roles('exporter', 'declarant', 'carrier'),
  },
  transit: {
    ...COMMON,
    regime: 'transit',
    procedure: '80',
    dispatchCountry: 'DE',
    destinationCountry: 'UZ',
    parties: roles('principal', 'declarant', 'carrier', 'guarantor'),
    transit: {
      mrn: '26KZ55301000000001',
      officeOfDeparture: '55301',
      officesOfTransit: [],
      officeOfDestination: '55302',
      itinerary: ['KZ', 'UZ'],
      seals: ['S-1'],
      timeLimit: '2026-03-12T00:00:00Z',
      guarantee: { type: '1', reference: 'G-2026-1', amount: '100000', currency: 'KZT' },
      documentType: 'T1',
    },
  },
};

/** A copy of its own for every test. */
export function baseDeclaration(regime: Regime): DeclarationInput {
  return structuredClone(BASES[regime]);
}

const MONEY_SHAPE = { amount: '', currency: '', kzt: '' };

/** Every setting that a patch may name, with a value of its kind; null where any text or number will do. */
export const DECLARATION_SHAPE = {
  ...COMMON,
  regNo: '',
  regime: '',
  procedure: '',
  previousProcedure: '',
  tradingCountry: '',
  dispatchCountry: '',
  destinationCountry: '',
  invoiceTotal: MONEY_SHAPE,
  customsValueTotal: MONEY_SHAPE,
  transport: { modeAtBorder: '', modeInland: '', means: [{ id: '', nationality: '' }], containers: [''] },
  parties: [{ role: '', id: '', name: '', country: '' }],
  items: [
    {
      ...BASE_ITEM,
      brand: '',
      manufacturer: '',
      preference: '',
      suppQuantity: 0,
      suppUnit: '',
      statisticalValueUsd: 0,
      packages: [{ kind: '', count: 0, marks: '' }],
      invoicePrice: MONEY_SHAPE,
      customsValue: MONEY_SHAPE,
      duties: [{ kind: '', rate: 0, amount: MONEY_SHAPE }],
      previousDocuments: [{ code: '', number: '' }],
    },
  ],
  documents: [{ code: '', number: '', issuedAt: '', validUntil: '' }],
  transit: {
    mrn: '',
    officeOfDeparture: '',
    officesOfTransit: [''],
    officeOfDestination: '',
    itinerary: [''],
    seals: [''],
    timeLimit: '',
    guarantee: { type: '', reference: '', ...MONEY_SHAPE },
    documentType: '',
  },
};

const WINDOW_SHAPE = { count: 0, value: '' };
const STANDING_SHAPE = {
  category: '',
  known: true,
  authorisedOperator: true,
  openViolations: 0,
  arrears: '',
};

/** Every fact that a patch may name. `arrears` and `value` are decimal KZT. */
export const FACTS_SHAPE = {
  receivedAt: '',
  trader: {
    ...STANDING_SHAPE,
    firstSeenAt: '',
    d1: WINDOW_SHAPE,
    d7: WINDOW_SHAPE,
    d30: WINDOW_SHAPE,
    d90: WINDOW_SHAPE,
  },
  parties: [{ role: '', ...STANDING_SHAPE }],
  items: [{ valuePerKg: { n: 0, p05: 0, p25: 0, p50: 0, p75: 0, p95: 0 } }],
};
