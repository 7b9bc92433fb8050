/**
 * The one shape every declaration ends in, whatever format it came in.
 *
 * Normal form, as `normalise()` makes it: every field is present (absent = null or empty), keys stand in the
 * order of these interfaces, instants are epoch milliseconds (UTC), masses are kg, money carries its value in
 * tiyn (1/100 KZT). Its MessagePack encoding is canonical: equal declarations give equal bytes.
 */

/** Epoch milliseconds, UTC. */
export type Instant = number;

/** An amount as declared (decimal string, ISO 4217) and its value in KZT, in integer tiyn. */
export interface Money {
  readonly amount: string;
  readonly currency: string;
  readonly tiyn: number;
}

export const REGIMES = ['import', 'export', 'transit'] as const;
export type Regime = (typeof REGIMES)[number];

export const PARTY_ROLES = [
  'importer',
  'exporter',
  'declarant',
  'broker',
  'carrier',
  'consignor',
  'consignee',
  'principal',
  'guarantor',
  'warehouse',
  'manufacturer',
] as const;
export type PartyRole = (typeof PARTY_ROLES)[number];

export interface Party {
  readonly role: PartyRole;
  /** BIN or IIN (12 digits), or a foreign number. */
  readonly id: string;
  readonly name: string | null;
  readonly country: string;
}

export interface Duty {
  /** `import_duty`, `vat`, `excise`, `anti_dumping`, `fee` … a code list, not an enumeration. */
  readonly kind: string;
  /** Percent, or null for a specific rate. */
  readonly rate: number | null;
  readonly amount: Money;
}

export interface Package {
  readonly kind: string;
  readonly count: number;
  readonly marks: string | null;
}

export interface PreviousDocument {
  readonly code: string;
  readonly number: string;
}

export interface Item {
  readonly no: number;
  /** 6 to 10 digits; TN VED is 10. */
  readonly hsCode: string;
  readonly description: string;
  readonly brand: string | null;
  readonly manufacturer: string | null;
  readonly originCountry: string;
  readonly preference: string | null;
  readonly grossMassKg: number;
  readonly netMassKg: number;
  readonly suppQuantity: number | null;
  readonly suppUnit: string | null;
  readonly packages: readonly Package[];
  readonly invoicePrice: Money;
  readonly customsValue: Money;
  readonly statisticalValueUsd: number | null;
  /** Customs valuation method, 1 to 6. */
  readonly valuationMethod: number;
  readonly duties: readonly Duty[];
  readonly previousDocuments: readonly PreviousDocument[];
}

export interface TransportMeans {
  readonly id: string;
  readonly nationality: string | null;
}

export interface Transport {
  readonly modeAtBorder: string;
  readonly modeInland: string | null;
  readonly means: readonly TransportMeans[];
  readonly containers: readonly string[];
}

export interface SupportingDocument {
  readonly code: string;
  readonly number: string;
  readonly issuedAt: Instant | null;
  readonly validUntil: Instant | null;
}

export interface Guarantee {
  readonly type: string;
  readonly reference: string;
  readonly amount: Money;
}

export interface Transit {
  readonly mrn: string;
  readonly officeOfDeparture: string;
  readonly officesOfTransit: readonly string[];
  readonly officeOfDestination: string;
  readonly itinerary: readonly string[];
  readonly seals: readonly string[];
  /** By when the goods must reach the office of destination. */
  readonly timeLimit: Instant;
  readonly guarantee: Guarantee | null;
  /** T1, TIR or CMR. */
  readonly documentType: string;
}

export interface Declaration {
  readonly id: string;
  readonly version: number;
  readonly regNo: string | null;
  readonly regime: Regime;
  readonly procedure: string;
  readonly previousProcedure: string | null;
  readonly office: string;
  /** What the trader says; windows and validity use `receivedAt`, which is stamped at ingress. */
  readonly lodgedAt: Instant;
  readonly currency: string;
  /** KZT per unit of `currency`. */
  readonly exchangeRate: number;
  readonly invoiceTotal: Money;
  readonly customsValueTotal: Money;
  readonly dispatchCountry: string;
  readonly destinationCountry: string;
  readonly tradingCountry: string | null;
  readonly incoterms: string | null;
  readonly transactionNature: string | null;
  readonly transport: Transport | null;
  readonly parties: readonly Party[];
  readonly items: readonly Item[];
  readonly documents: readonly SupportingDocument[];
  readonly transit: Transit | null;
}

/** The party whose behaviour the trader statistics follow: who owns the goods in this regime. */
const TRADER_ROLES: Record<Regime, readonly PartyRole[]> = {
  import: ['importer', 'consignee', 'declarant'],
  export: ['exporter', 'consignor', 'declarant'],
  transit: ['principal', 'carrier', 'declarant'],
};

/** Index into `declaration.parties` of its trader, or -1 where none of the roles is named. */
export function traderIndex(declaration: {
  readonly regime: Regime;
  readonly parties: readonly Pick<Party, 'role'>[];
}): number {
  const { parties } = declaration;
  for (const role of TRADER_ROLES[declaration.regime]) {
    for (let index = 0; index < parties.length; index++) if (parties[index]?.role === role) return index;
  }
  return -1;
}
