import { type Static, type TSchema, Type } from 'typebox';
import { PARTY_ROLES, type PartyRole, REGIMES, type Regime } from '../core/declaration.ts';
import type { DeclarationInput } from '../core/normalise.ts';
import {
  DOCUMENTS_MAX,
  DUTIES_PER_ITEM_MAX,
  ITEMS_MAX,
  LIST_LENGTH_MAX,
  PARTIES_MAX,
  TEXT_LENGTH_MAX,
  VERSION_MAX,
} from '../limits.ts';

/**
 * JSON Schema of a declaration as the API takes it. A leaf's description says what it must be, which is what a fault
 * says too, since a pattern says little; its example stands in for a faulty value where the rest is checked on.
 * Every pattern is anchored and linear.
 */
interface Leaf {
  pattern: string;
  description: string;
  example: string;
}

const code = (max: number, example: string): Leaf => ({
  pattern: `^[A-Za-z0-9][A-Za-z0-9._/-]{0,${max - 1}}$`,
  description: `1 to ${max} letters or digits (also . _ / - inside)`,
  example,
});
/** Codes that some administrations write in their own script. */
const label = (max: number, example: string): Leaf => ({
  pattern: `^[\\p{L}\\p{N}][\\p{L}\\p{N} ./^-]{0,${max - 1}}$`,
  description: `1 to ${max} letters or digits (also space . / ^ - inside)`,
  example,
});
const matching = (pattern: string, description: string, example: string): Leaf => ({ pattern, description, example });

const ID = matching(
  '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$',
  '1 to 64 letters or digits (also . _ : - inside)',
  'KZ-2026-0000001',
);
const COUNTRY = matching('^[A-Z]{2}$', 'an ISO 3166-1 alpha-2 country code', 'KZ');
const CURRENCY = matching('^[A-Z]{3}$', 'an ISO 4217 currency code', 'KZT');
const DECIMAL = matching(
  '^\\d{1,15}(\\.\\d{1,6})?$',
  'a decimal string of at most 15 digits and 6 decimals, not negative',
  '1',
);
const HS_CODE = matching('^\\d{6,10}$', '6 to 10 digits', '640399');
const INSTANT = matching(
  '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?(Z|[+-]\\d{2}:\\d{2}))?$',
  'an ISO 8601 date, or date and time with its offset',
  '2026-01-15T08:30:00Z',
);
const PROCEDURE = matching('^[0-9A-Z]{2,4}$', 'a procedure code of 2 to 4 digits or capitals', '40');

function stringOf({ pattern, description, example }: Leaf) {
  return Type.String({ pattern, description, examples: [example] });
}

/** May be null, which is the same as left out. */
function nullable({ pattern, description, example }: Leaf) {
  return Type.Optional(
    Type.Unsafe<string | null>({ type: ['string', 'null'], pattern, description, examples: [example] }),
  );
}

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, examples: ['text'] });
const nullableText = (maxLength: number) =>
  Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength, examples: ['text'] }));

const quantity = (maximum: number) => Type.Number({ minimum: 0, maximum, examples: [1] });
const nullableQuantity = (maximum: number) =>
  Type.Optional(Type.Unsafe<number | null>({ type: ['number', 'null'], minimum: 0, maximum, examples: [1] }));

const list = <T extends TSchema>(items: T, maxItems: number, minItems = 0) => Type.Array(items, { minItems, maxItems });
const optionalList = <T extends TSchema>(items: T, maxItems: number) => Type.Optional(list(items, maxItems));

const CLOSED = { additionalProperties: false } as const;
const MASS_KG_MAX = 1e9;
const QUANTITY_MAX = 1e12;

const MoneySchema = Type.Object(
  { amount: stringOf(DECIMAL), currency: stringOf(CURRENCY), kzt: Type.Optional(stringOf(DECIMAL)) },
  { ...CLOSED, description: 'A decimal amount; `kzt` may be left out in KZT and in the currency of the declaration.' },
);

const PartySchema = Type.Object(
  {
    role: Type.Unsafe<PartyRole>({ type: 'string', enum: [...PARTY_ROLES] }),
    id: stringOf(code(64, '123456789012')),
    name: nullableText(500),
    country: stringOf(COUNTRY),
  },
  CLOSED,
);

const ItemSchema = Type.Object(
  {
    no: Type.Integer({ minimum: 1, maximum: 99_999 }),
    hsCode: stringOf(HS_CODE),
    description: text(TEXT_LENGTH_MAX),
    brand: nullableText(200),
    manufacturer: nullableText(500),
    originCountry: stringOf(COUNTRY),
    preference: nullable(label(35, 'OO')),
    grossMassKg: quantity(MASS_KG_MAX),
    netMassKg: quantity(MASS_KG_MAX),
    suppQuantity: nullableQuantity(QUANTITY_MAX),
    suppUnit: nullable(label(16, 'PCE')),
    packages: optionalList(
      Type.Object(
        {
          kind: stringOf(code(8, 'CT')),
          count: Type.Integer({ minimum: 0, maximum: 100_000_000 }),
          marks: nullableText(500),
        },
        CLOSED,
      ),
      LIST_LENGTH_MAX,
    ),
    invoicePrice: MoneySchema,
    customsValue: MoneySchema,
    statisticalValueUsd: nullableQuantity(QUANTITY_MAX),
    valuationMethod: Type.Optional(Type.Integer({ minimum: 1, maximum: 6 })),
    duties: optionalList(
      Type.Object(
        { kind: stringOf(code(32, 'import_duty')), rate: nullableQuantity(100_000), amount: MoneySchema },
        CLOSED,
      ),
      DUTIES_PER_ITEM_MAX,
    ),
    previousDocuments: optionalList(
      Type.Object({ code: stringOf(code(16, '01011')), number: text(100) }, CLOSED),
      LIST_LENGTH_MAX,
    ),
  },
  CLOSED,
);

const TransportSchema = Type.Object(
  {
    modeAtBorder: stringOf(code(4, '30')),
    modeInland: nullable(code(4, '30')),
    means: optionalList(Type.Object({ id: text(64), nationality: nullable(COUNTRY) }, CLOSED), LIST_LENGTH_MAX),
    containers: optionalList(text(32), LIST_LENGTH_MAX),
  },
  CLOSED,
);

const DocumentSchema = Type.Object(
  {
    code: stringOf(code(16, '04021')),
    number: text(100),
    issuedAt: nullable(INSTANT),
    validUntil: nullable(INSTANT),
  },
  CLOSED,
);

const GuaranteeSchema = Type.Object(
  {
    type: stringOf(code(16, '1')),
    reference: text(64),
    amount: stringOf(DECIMAL),
    currency: stringOf(CURRENCY),
    kzt: Type.Optional(stringOf(DECIMAL)),
  },
  CLOSED,
);

const OFFICE = code(16, 'KZ50430');
const MRN = code(35, '26KZ504300000001');

const TransitSchema = Type.Object(
  {
    mrn: stringOf(MRN),
    officeOfDeparture: stringOf(OFFICE),
    officesOfTransit: optionalList(stringOf(OFFICE), LIST_LENGTH_MAX),
    officeOfDestination: stringOf(OFFICE),
    itinerary: optionalList(text(200), LIST_LENGTH_MAX),
    seals: optionalList(text(64), LIST_LENGTH_MAX),
    timeLimit: stringOf(INSTANT),
    guarantee: orNull(GuaranteeSchema),
    documentType: Type.Unsafe<string>({ type: 'string', enum: ['T1', 'TIR', 'CMR'] }),
  },
  CLOSED,
);

/** An object that may be null or left out; one schema with two types, so that its faults point inside it. */
function orNull<T extends TSchema>(schema: T) {
  return Type.Optional(Type.Unsafe<Static<T> | null>({ ...schema, type: ['object', 'null'] }));
}

export const DeclarationSchema = Type.Object(
  {
    id: stringOf(ID),
    version: Type.Optional(Type.Integer({ minimum: 1, maximum: VERSION_MAX })),
    regNo: nullable(code(64, '50430/150126/0000001')),
    regime: Type.Unsafe<Regime>({ type: 'string', enum: [...REGIMES] }),
    procedure: stringOf(PROCEDURE),
    previousProcedure: nullable(PROCEDURE),
    office: stringOf(OFFICE),
    lodgedAt: stringOf(INSTANT),
    currency: stringOf(CURRENCY),
    exchangeRate: stringOf(DECIMAL),
    invoiceTotal: MoneySchema,
    customsValueTotal: MoneySchema,
    dispatchCountry: stringOf(COUNTRY),
    destinationCountry: stringOf(COUNTRY),
    tradingCountry: nullable(COUNTRY),
    incoterms: nullable(matching('^[A-Z]{3}$', 'an Incoterms code of three capitals', 'CIP')),
    transactionNature: nullable(code(8, '010')),
    transport: orNull(TransportSchema),
    parties: list(PartySchema, PARTIES_MAX, 1),
    items: list(ItemSchema, ITEMS_MAX, 1),
    documents: optionalList(DocumentSchema, DOCUMENTS_MAX),
    transit: orNull(TransitSchema),
  },
  { ...CLOSED, title: 'Declaration', description: 'A customs declaration: import, export or transit.' },
);

/** Holds the schema to the core's type: what passes the schema is a `DeclarationInput`. */
export function asInput(checked: Static<typeof DeclarationSchema>): DeclarationInput {
  return checked;
}

export const WithdrawalSchema = Type.Object(
  { reason: text(TEXT_LENGTH_MAX) },
  { ...CLOSED, title: 'Withdrawal', description: 'Why the declaration is withdrawn.' },
);

export const DECLARATION_ID = new RegExp(ID.pattern, 'u');
export const MRN_PATTERN = new RegExp(MRN.pattern, 'u');
