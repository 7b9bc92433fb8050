import { PARTY_ROLES } from '../core/declaration.ts';
import { BOOL, DOUBLE, field, INT, listOf, MONEY, objectOf, STRING, TIMESTAMP } from './cel/types.ts';

/**
 * Core's `Declaration` and `Facts` as expressions see them: the same names, money as Money, instants as timestamps,
 * what core has as null as absence. A test holds that the two agree field by field.
 */

const text = (property: string) => field(STRING, property);
const maybeText = (property: string) => field(STRING, property, { optional: true });
const texts = (property: string) => field(listOf(STRING), property);
/** Facts keep money as a number of tiyn. */
const tiyn = (property: string) => field(MONEY, property, { access: 'plain' });

const DUTY = objectOf('Duty', {
  kind: text('kind'),
  rate: field(DOUBLE, 'rate', { optional: true }),
  amount: field(MONEY, 'amount'),
});

const PACKAGE = objectOf('Package', {
  kind: text('kind'),
  count: field(INT, 'count'),
  marks: maybeText('marks'),
});

const PREVIOUS_DOCUMENT = objectOf('PreviousDocument', { code: text('code'), number: text('number') });

export const ITEM = objectOf('Item', {
  no: field(INT, 'no'),
  hsCode: text('hsCode'),
  description: text('description'),
  brand: maybeText('brand'),
  manufacturer: maybeText('manufacturer'),
  originCountry: text('originCountry'),
  preference: maybeText('preference'),
  grossMassKg: field(DOUBLE, 'grossMassKg'),
  netMassKg: field(DOUBLE, 'netMassKg'),
  suppQuantity: field(DOUBLE, 'suppQuantity', { optional: true }),
  suppUnit: maybeText('suppUnit'),
  packages: field(listOf(PACKAGE), 'packages'),
  invoicePrice: field(MONEY, 'invoicePrice'),
  customsValue: field(MONEY, 'customsValue'),
  statisticalValueUsd: field(DOUBLE, 'statisticalValueUsd', { optional: true }),
  valuationMethod: field(INT, 'valuationMethod'),
  duties: field(listOf(DUTY), 'duties'),
  previousDocuments: field(listOf(PREVIOUS_DOCUMENT), 'previousDocuments'),
});

const DECLARED_PARTY = objectOf('DeclaredParty', {
  role: text('role'),
  id: text('id'),
  name: maybeText('name'),
  country: text('country'),
});

const MEANS = objectOf('TransportMeans', { id: text('id'), nationality: maybeText('nationality') });

const TRANSPORT = objectOf('Transport', {
  modeAtBorder: text('modeAtBorder'),
  modeInland: maybeText('modeInland'),
  means: field(listOf(MEANS), 'means'),
  containers: texts('containers'),
});

const DOCUMENT = objectOf('Document', {
  code: text('code'),
  number: text('number'),
  issuedAt: field(TIMESTAMP, 'issuedAt', { optional: true }),
  validUntil: field(TIMESTAMP, 'validUntil', { optional: true }),
});

const GUARANTEE = objectOf('Guarantee', {
  type: text('type'),
  reference: text('reference'),
  amount: field(MONEY, 'amount'),
});

const TRANSIT = objectOf('Transit', {
  mrn: text('mrn'),
  officeOfDeparture: text('officeOfDeparture'),
  officesOfTransit: texts('officesOfTransit'),
  officeOfDestination: text('officeOfDestination'),
  itinerary: texts('itinerary'),
  seals: texts('seals'),
  timeLimit: field(TIMESTAMP, 'timeLimit'),
  guarantee: field(GUARANTEE, 'guarantee', { optional: true }),
  documentType: text('documentType'),
});

export const DECLARATION = objectOf('Declaration', {
  id: text('id'),
  version: field(INT, 'version'),
  regNo: maybeText('regNo'),
  regime: text('regime'),
  procedure: text('procedure'),
  previousProcedure: maybeText('previousProcedure'),
  office: text('office'),
  lodgedAt: field(TIMESTAMP, 'lodgedAt'),
  currency: text('currency'),
  exchangeRate: field(DOUBLE, 'exchangeRate'),
  invoiceTotal: field(MONEY, 'invoiceTotal'),
  customsValueTotal: field(MONEY, 'customsValueTotal'),
  dispatchCountry: text('dispatchCountry'),
  destinationCountry: text('destinationCountry'),
  tradingCountry: maybeText('tradingCountry'),
  incoterms: maybeText('incoterms'),
  transactionNature: maybeText('transactionNature'),
  transport: field(TRANSPORT, 'transport', { optional: true }),
  parties: field(listOf(DECLARED_PARTY), 'parties'),
  items: field(listOf(ITEM), 'items'),
  documents: field(listOf(DOCUMENT), 'documents'),
  transit: field(TRANSIT, 'transit', { optional: true }),
});

const STANDING = {
  category: text('category'),
  known: field(BOOL, 'known'),
  authorisedOperator: field(BOOL, 'authorisedOperator'),
  openViolations: field(INT, 'openViolations'),
  arrears: tiyn('arrearsTiyn'),
};

const WINDOW = objectOf('Window', { count: field(INT, 'count'), value: tiyn('valueTiyn') });

/** `TraderView` of context.ts. */
export const TRADER = objectOf('Trader', {
  id: maybeText('id'),
  ...STANDING,
  firstSeenAt: field(TIMESTAMP, 'firstSeenAt', { optional: true }),
  d1: field(WINDOW, 'd1'),
  d7: field(WINDOW, 'd7'),
  d30: field(WINDOW, 'd30'),
  d90: field(WINDOW, 'd90'),
});

/** `PartyView` of context.ts. */
const PARTY = objectOf('Party', {
  role: text('role'),
  id: text('id'),
  name: maybeText('name'),
  country: text('country'),
  ...STANDING,
});

/** The first party of each role, absent where the declaration names none. */
export const PARTIES = objectOf(
  'Parties',
  Object.fromEntries(PARTY_ROLES.map((role) => [role, field(PARTY, role, { optional: true })])),
);

const quantile = (property: string) => field(DOUBLE, property, { optional: true });

/** `QuantileView` of context.ts; n is 0 and the others are absent where nothing is known. */
export const QUANTILES = objectOf('Quantiles', {
  n: field(INT, 'n'),
  p05: quantile('p05'),
  p25: quantile('p25'),
  p50: quantile('p50'),
  p75: quantile('p75'),
  p95: quantile('p95'),
});
