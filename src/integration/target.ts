import type { DeclarationInput } from '../core/normalise.ts';

/** What a leaf of a declaration is written as. `decimal` and `instant` are texts of their own form. */
export type LeafType = 'text' | 'decimal' | 'instant' | 'number' | 'integer';

export type TargetShape = LeafType | readonly [TargetShape] | { readonly [field: string]: TargetShape };

/** The shape that stands for an input type: holds the table below to the core. */
type ShapeOf<T> = T extends string
  ? 'text' | 'decimal' | 'instant'
  : T extends number
    ? 'number' | 'integer'
    : T extends readonly (infer E)[]
      ? readonly [ShapeOf<E>]
      : { readonly [K in keyof T]-?: ShapeOf<NonNullable<T[K]>> };

const MONEY = { amount: 'decimal', currency: 'text', kzt: 'decimal' } as const;

/** Every field that a mapping may fill, and what it must give. */
export const DECLARATION_SHAPE = {
  id: 'text',
  version: 'integer',
  regNo: 'text',
  regime: 'text',
  procedure: 'text',
  previousProcedure: 'text',
  office: 'text',
  lodgedAt: 'instant',
  currency: 'text',
  exchangeRate: 'decimal',
  invoiceTotal: MONEY,
  customsValueTotal: MONEY,
  dispatchCountry: 'text',
  destinationCountry: 'text',
  tradingCountry: 'text',
  incoterms: 'text',
  transactionNature: 'text',
  transport: {
    modeAtBorder: 'text',
    modeInland: 'text',
    means: [{ id: 'text', nationality: 'text' }],
    containers: ['text'],
  },
  parties: [{ role: 'text', id: 'text', name: 'text', country: 'text' }],
  items: [
    {
      no: 'integer',
      hsCode: 'text',
      description: 'text',
      brand: 'text',
      manufacturer: 'text',
      originCountry: 'text',
      preference: 'text',
      grossMassKg: 'number',
      netMassKg: 'number',
      suppQuantity: 'number',
      suppUnit: 'text',
      packages: [{ kind: 'text', count: 'integer', marks: 'text' }],
      invoicePrice: MONEY,
      customsValue: MONEY,
      statisticalValueUsd: 'number',
      valuationMethod: 'integer',
      duties: [{ kind: 'text', rate: 'number', amount: MONEY }],
      previousDocuments: [{ code: 'text', number: 'text' }],
    },
  ],
  documents: [{ code: 'text', number: 'text', issuedAt: 'instant', validUntil: 'instant' }],
  transit: {
    mrn: 'text',
    officeOfDeparture: 'text',
    officesOfTransit: ['text'],
    officeOfDestination: 'text',
    itinerary: ['text'],
    seals: ['text'],
    timeLimit: 'instant',
    guarantee: { type: 'text', reference: 'text', amount: 'decimal', currency: 'text', kzt: 'decimal' },
    documentType: 'text',
  },
} as const satisfies ShapeOf<DeclarationInput>;
