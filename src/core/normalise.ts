import type {
  Declaration,
  Duty,
  Instant,
  Item,
  Money,
  Party,
  PartyRole,
  Regime,
  SupportingDocument,
  Transit,
  Transport,
} from './declaration.ts';
import { tiynAt, tiynOf } from './money.ts';

/** A declaration as it comes in: the schema has been checked, its meaning has not. */
export interface DeclarationInput {
  id: string;
  version?: number;
  regNo?: string | null;
  regime: Regime;
  procedure: string;
  previousProcedure?: string | null;
  office: string;
  lodgedAt: string;
  currency: string;
  /** Decimal, KZT per unit of `currency`. */
  exchangeRate: string;
  invoiceTotal: MoneyInput;
  customsValueTotal: MoneyInput;
  dispatchCountry: string;
  destinationCountry: string;
  tradingCountry?: string | null;
  incoterms?: string | null;
  transactionNature?: string | null;
  transport?: TransportInput | null;
  parties: PartyInput[];
  items: ItemInput[];
  documents?: DocumentInput[];
  transit?: TransitInput | null;
}

export interface MoneyInput {
  amount: string;
  currency: string;
  /** May be left out in KZT and in the declaration's currency. */
  kzt?: string;
}

export interface PartyInput {
  role: PartyRole;
  id: string;
  name?: string | null;
  country: string;
}

export interface ItemInput {
  no: number;
  hsCode: string;
  description: string;
  brand?: string | null;
  manufacturer?: string | null;
  originCountry: string;
  preference?: string | null;
  grossMassKg: number;
  netMassKg: number;
  suppQuantity?: number | null;
  suppUnit?: string | null;
  packages?: { kind: string; count: number; marks?: string | null }[];
  invoicePrice: MoneyInput;
  customsValue: MoneyInput;
  statisticalValueUsd?: number | null;
  valuationMethod?: number;
  duties?: { kind: string; rate?: number | null; amount: MoneyInput }[];
  previousDocuments?: { code: string; number: string }[];
}

export interface TransportInput {
  modeAtBorder: string;
  modeInland?: string | null;
  means?: { id: string; nationality?: string | null }[];
  containers?: string[];
}

export interface DocumentInput {
  code: string;
  number: string;
  issuedAt?: string | null;
  validUntil?: string | null;
}

export interface TransitInput {
  mrn: string;
  officeOfDeparture: string;
  officesOfTransit?: string[];
  officeOfDestination: string;
  itinerary?: string[];
  seals?: string[];
  timeLimit: string;
  guarantee?: { type: string; reference: string; amount: string; currency: string; kzt?: string } | null;
  documentType: string;
}

/** One thing wrong with an input, and where: a JSON pointer (RFC 6901). */
export interface InputFault {
  readonly pointer: string;
  readonly message: string;
}

export type Normalised =
  | { readonly declaration: Declaration; readonly faults: null }
  | { readonly declaration: null; readonly faults: readonly InputFault[] };

/** Largest single amount: 10^12 KZT, so that sums over a declaration stay exact. */
const TIYN_MAX = 1e14;

/** A declared KZT value may differ from amount × rate by this share, for rounding and rates of another day. */
const KZT_TOLERANCE = 0.01;

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Brings a declaration into normal form, or says everything that is wrong with it, all at once. */
export function normalise(input: DeclarationInput): Normalised {
  const reader = new Reader(input.currency, input.exchangeRate);
  const declaration: Declaration = {
    id: input.id,
    version: input.version ?? 1,
    regNo: input.regNo ?? null,
    regime: input.regime,
    procedure: input.procedure,
    previousProcedure: input.previousProcedure ?? null,
    office: input.office,
    lodgedAt: reader.instant('/lodgedAt', input.lodgedAt),
    currency: input.currency,
    exchangeRate: reader.rate('/exchangeRate'),
    invoiceTotal: reader.money('/invoiceTotal', input.invoiceTotal),
    customsValueTotal: reader.money('/customsValueTotal', input.customsValueTotal),
    dispatchCountry: input.dispatchCountry,
    destinationCountry: input.destinationCountry,
    tradingCountry: input.tradingCountry ?? null,
    incoterms: input.incoterms ?? null,
    transactionNature: input.transactionNature ?? null,
    transport: transport(input.transport),
    parties: input.parties.map(party),
    items: input.items.map((item, index) => reader.item(`/items/${index}`, item)),
    documents: (input.documents ?? []).map((document, index) => reader.document(`/documents/${index}`, document)),
    transit: reader.transit('/transit', input.transit),
  };
  reader.uniqueItemNumbers(declaration.items);
  if (declaration.regime === 'transit' && declaration.transit === null) {
    reader.fault('/transit', 'a transit declaration needs its transit details');
  }
  return reader.faults.length === 0 ? { declaration, faults: null } : { declaration: null, faults: reader.faults };
}

/** Free text: well-formed Unicode, composed, trimmed. ASCII, as most of it is, is the first two by itself. */
function text(value: string): string {
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) >= 0x80) return value.toWellFormed().normalize('NFC').trim();
  }
  return value.trim();
}

function optionalText(value: string | null | undefined): string | null {
  return value === null || value === undefined ? null : text(value);
}

function party(input: PartyInput): Party {
  return { role: input.role, id: input.id, name: optionalText(input.name), country: input.country };
}

function transport(input: TransportInput | null | undefined): Transport | null {
  if (input === null || input === undefined) return null;
  return {
    modeAtBorder: input.modeAtBorder,
    modeInland: input.modeInland ?? null,
    means: (input.means ?? []).map(({ id, nationality }) => ({ id: text(id), nationality: nationality ?? null })),
    containers: (input.containers ?? []).map(text),
  };
}

class Reader {
  readonly faults: InputFault[] = [];
  private readonly currency: string;
  private readonly exchangeRate: string;

  constructor(currency: string, exchangeRate: string) {
    this.currency = currency;
    this.exchangeRate = exchangeRate;
  }

  fault(pointer: string, message: string): void {
    this.faults.push({ pointer, message });
  }

  rate(pointer: string): number {
    const rate = Number(this.exchangeRate);
    if (tiynOf(this.exchangeRate) === null || !(rate > 0)) {
      this.fault(pointer, 'must be a decimal above zero, with at most 6 decimals');
    } else if (this.currency === 'KZT' && rate !== 1) {
      this.fault(pointer, 'must be 1 where the currency is KZT');
    }
    return rate;
  }

  instant(pointer: string, value: string): Instant {
    const at = INSTANT.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(at)) this.fault(pointer, 'must be an ISO 8601 date, or date and time with its offset');
    return at;
  }

  optionalInstant(pointer: string, value: string | null | undefined): Instant | null {
    return value === null || value === undefined ? null : this.instant(pointer, value);
  }

  money(pointer: string, { amount, currency, kzt }: MoneyInput): Money {
    return { amount, currency, tiyn: this.tiyn(pointer, amount, currency, kzt) };
  }

  private tiyn(pointer: string, amount: string, currency: string, kzt: string | undefined): number {
    const computed = this.computed(amount, currency);
    if (computed === null && tiynOf(amount) === null) {
      this.fault(`${pointer}/amount`, 'must be a decimal string with at most 15 digits and 6 decimals');
      return 0;
    }
    const tiyn = kzt === undefined ? computed : tiynOf(kzt);
    if (tiyn === null) {
      const message = kzt === undefined ? `is needed: no rate for ${currency} is given` : 'must be a decimal string';
      this.fault(`${pointer}/kzt`, message);
      return 0;
    }
    if (tiyn < 0 || tiyn > TIYN_MAX) {
      this.fault(pointer, 'must be between 0 and 1,000,000,000,000 KZT');
    } else if (computed !== null && Math.abs(tiyn - computed) > Math.max(100, computed * KZT_TOLERANCE)) {
      this.fault(`${pointer}/kzt`, 'differs from amount × exchangeRate by more than 1 %');
    }
    return tiyn;
  }

  private computed(amount: string, currency: string): number | null {
    if (currency === 'KZT') return tiynOf(amount);
    return currency === this.currency ? tiynAt(amount, this.exchangeRate) : null;
  }

  item(pointer: string, input: ItemInput): Item {
    return {
      no: input.no,
      hsCode: input.hsCode,
      description: text(input.description),
      brand: optionalText(input.brand),
      manufacturer: optionalText(input.manufacturer),
      originCountry: input.originCountry,
      preference: input.preference ?? null,
      grossMassKg: input.grossMassKg,
      netMassKg: input.netMassKg,
      suppQuantity: input.suppQuantity ?? null,
      suppUnit: input.suppUnit ?? null,
      packages: (input.packages ?? []).map(({ kind, count, marks }) => ({ kind, count, marks: optionalText(marks) })),
      invoicePrice: this.money(`${pointer}/invoicePrice`, input.invoicePrice),
      customsValue: this.money(`${pointer}/customsValue`, input.customsValue),
      statisticalValueUsd: input.statisticalValueUsd ?? null,
      valuationMethod: input.valuationMethod ?? 1,
      duties: (input.duties ?? []).map((duty, index): Duty => {
        const amount = this.money(`${pointer}/duties/${index}/amount`, duty.amount);
        return { kind: duty.kind, rate: duty.rate ?? null, amount };
      }),
      previousDocuments: (input.previousDocuments ?? []).map(({ code, number }) => ({ code, number: text(number) })),
    };
  }

  uniqueItemNumbers(items: readonly Item[]): void {
    const seen = new Set<number>();
    for (const [index, { no }] of items.entries()) {
      if (seen.has(no)) this.fault(`/items/${index}/no`, `item number ${no} stands twice`);
      seen.add(no);
    }
  }

  document(pointer: string, input: DocumentInput): SupportingDocument {
    return {
      code: input.code,
      number: text(input.number),
      issuedAt: this.optionalInstant(`${pointer}/issuedAt`, input.issuedAt),
      validUntil: this.optionalInstant(`${pointer}/validUntil`, input.validUntil),
    };
  }

  transit(pointer: string, input: TransitInput | null | undefined): Transit | null {
    if (input === null || input === undefined) return null;
    return {
      mrn: input.mrn,
      officeOfDeparture: input.officeOfDeparture,
      officesOfTransit: [...(input.officesOfTransit ?? [])],
      officeOfDestination: input.officeOfDestination,
      itinerary: (input.itinerary ?? []).map(text),
      seals: (input.seals ?? []).map(text),
      timeLimit: this.instant(`${pointer}/timeLimit`, input.timeLimit),
      guarantee: this.guarantee(`${pointer}/guarantee`, input.guarantee),
      documentType: input.documentType,
    };
  }

  private guarantee(pointer: string, input: TransitInput['guarantee']): Transit['guarantee'] {
    if (input === null || input === undefined) return null;
    return { type: input.type, reference: text(input.reference), amount: this.money(pointer, input) };
  }
}
