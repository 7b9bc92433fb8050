import type {
  Declaration,
  Duty,
  Guarantee,
  Item,
  Money,
  Package,
  Party,
  PreviousDocument,
  SupportingDocument,
  Transit,
  Transport,
  TransportMeans,
} from '../core/declaration.ts';
import { compileCodec, list, maybe, record } from './codec.ts';

const MONEY = record<Money>({ amount: 'text', currency: 'text', tiyn: 'number' });

const TRANSPORT = record<Transport>({
  modeAtBorder: 'text',
  modeInland: maybe('text'),
  means: list(record<TransportMeans>({ id: 'text', nationality: maybe('text') })),
  containers: list('text'),
});

const PARTY = record<Party>({ role: 'text', id: 'text', name: maybe('text'), country: 'text' });

const ITEM = record<Item>({
  no: 'number',
  hsCode: 'text',
  description: 'text',
  brand: maybe('text'),
  manufacturer: maybe('text'),
  originCountry: 'text',
  preference: maybe('text'),
  grossMassKg: 'number',
  netMassKg: 'number',
  suppQuantity: maybe('number'),
  suppUnit: maybe('text'),
  packages: list(record<Package>({ kind: 'text', count: 'number', marks: maybe('text') })),
  invoicePrice: MONEY,
  customsValue: MONEY,
  statisticalValueUsd: maybe('number'),
  valuationMethod: 'number',
  duties: list(record<Duty>({ kind: 'text', rate: maybe('number'), amount: MONEY })),
  previousDocuments: list(record<PreviousDocument>({ code: 'text', number: 'text' })),
});

const DOCUMENT = record<SupportingDocument>({
  code: 'text',
  number: 'text',
  issuedAt: maybe('number'),
  validUntil: maybe('number'),
});

const TRANSIT = record<Transit>({
  mrn: 'text',
  officeOfDeparture: 'text',
  officesOfTransit: list('text'),
  officeOfDestination: 'text',
  itinerary: list('text'),
  seals: list('text'),
  timeLimit: 'number',
  guarantee: maybe(record<Guarantee>({ type: 'text', reference: 'text', amount: MONEY })),
  documentType: 'text',
});

/** Canonical MessagePack of a declaration in normal form. */
export const declarationCodec = compileCodec<Declaration>(
  record<Declaration>({
    id: 'text',
    version: 'number',
    regNo: maybe('text'),
    regime: 'text',
    procedure: 'text',
    previousProcedure: maybe('text'),
    office: 'text',
    lodgedAt: 'number',
    currency: 'text',
    exchangeRate: 'number',
    invoiceTotal: MONEY,
    customsValueTotal: MONEY,
    dispatchCountry: 'text',
    destinationCountry: 'text',
    tradingCountry: maybe('text'),
    incoterms: maybe('text'),
    transactionNature: maybe('text'),
    transport: maybe(TRANSPORT),
    parties: list(PARTY),
    items: list(ITEM),
    documents: list(DOCUMENT),
    transit: maybe(TRANSIT),
  }),
);
