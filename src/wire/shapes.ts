import type { Decision, Reason } from '../core/decide.ts';
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
import type {
  Facts,
  InheritedFacts,
  ItemFacts,
  ModelScore,
  PartyFacts,
  PreviousFacts,
  QuantileFacts,
  TraderFacts,
  WindowFacts,
} from '../core/facts.ts';
import type { Measure } from '../core/profile.ts';
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

export const DECLARATION = record<Declaration>({
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
});

/** Canonical MessagePack of a declaration in normal form. */
export const declarationCodec = compileCodec<Declaration>(DECLARATION);

const WINDOW = record<WindowFacts>({ count: 'number', valueTiyn: 'number' });

const TRADER = record<TraderFacts>({
  id: maybe('text'),
  firstSeenAt: maybe('number'),
  d1: WINDOW,
  d7: WINDOW,
  d30: WINDOW,
  d90: WINDOW,
});

const PARTY_FACTS = record<PartyFacts>({
  role: 'text',
  id: 'text',
  category: 'text',
  known: 'boolean',
  authorisedOperator: 'boolean',
  openViolations: 'number',
  arrearsTiyn: 'number',
});

const QUANTILES = record<QuantileFacts>({
  n: 'number',
  p05: 'number',
  p25: 'number',
  p50: 'number',
  p75: 'number',
  p95: 'number',
});

const MODEL_SCORE = record<ModelScore>({
  model: 'text',
  version: 'text',
  group: 'text',
  probability: 'number',
  reasons: list('text'),
});

export const PREVIOUS = record<PreviousFacts>({ version: 'number', corridor: 'text' });
export const INHERITED = record<InheritedFacts>({ declarationId: 'text', corridor: 'text', draw: 'number' });

/** In the key order that `gatherFacts` makes. */
export const FACTS = record<Facts>({
  receivedAt: 'number',
  decidedAt: 'number',
  draw: record<Facts['draw']>({ value: 'number', keyId: 'text' }),
  parties: list(PARTY_FACTS),
  trader: TRADER,
  items: list(record<ItemFacts>({ valuePerKg: maybe(QUANTILES) })),
  previous: maybe(PREVIOUS),
  inherited: maybe(INHERITED),
  models: list(MODEL_SCORE),
  suspended: list('text'),
});

const MEASURE = record<Measure>({ code: 'text', instructions: 'text' });

const REASON = record<Reason>({
  kind: 'text',
  code: 'text',
  text: 'text',
  target: maybe('text'),
  corridor: 'text',
  settled: 'text',
  weight: 'number',
  items: list('number'),
  values: 'scalars',
  measures: list(MEASURE),
});

export const DECISION = record<Decision>({
  declarationId: 'text',
  version: 'number',
  corridor: 'text',
  released: 'boolean',
  score: 'number',
  expectedDamageTiyn: 'number',
  reasons: list(REASON),
  measures: list(MEASURE),
  policyVersion: 'text',
  compilerVersion: 'text',
  decidedAt: 'number',
});
