import { type CountryShare, EXPORTED, type Good, IMPORTED } from './catalogue.ts';
import type { Mark, Producer, Reference } from './reference.ts';

/** A good from (or, exported, to) a country, with what the law asks of it, looked up once. */
export interface Offer {
  readonly good: Good;
  readonly country: string;
  readonly usdPerKg: number;
  readonly weight: number;
  readonly tariff: number;
  readonly antiDumping: number | null;
  readonly producers: readonly Producer[];
  /** Codes of the documents that a lawful declaration of it has. */
  readonly documents: readonly string[];
  readonly preference: { readonly code: string; readonly document: string } | null;
  readonly excisable: boolean;
  readonly highDuty: boolean;
  readonly dualUse: boolean;
  /** Countries from which a disease restricts the good: honest traders buy elsewhere. */
  readonly restrictedOrigins: readonly string[];
  readonly marks: readonly Mark[];
}

export function importOffers(reference: Reference, at: number): Offer[] {
  return IMPORTED.flatMap((good) => good.countries.map((share) => offer(reference, good, share, 'import', at)));
}

export function exportOffers(reference: Reference, at: number): Offer[] {
  return EXPORTED.flatMap((good) => good.countries.map((share) => offer(reference, good, share, 'export', at)));
}

function offer(reference: Reference, good: Good, share: CountryShare, regime: string, at: number): Offer {
  const { hsCode } = good;
  const { country } = share;
  const imported = regime === 'import';
  const total = good.countries.reduce((sum, { weight }) => sum + weight, 0);
  return {
    good,
    country,
    usdPerKg: good.usdPerKg * share.factor,
    weight: (good.share * share.weight) / total,
    tariff: reference.tariff(hsCode),
    antiDumping: imported ? reference.antiDumping(hsCode, country, at) : null,
    producers: imported ? reference.producers(hsCode, country) : [],
    documents: reference.documents(hsCode, regime),
    preference: imported ? reference.preference(country) : null,
    excisable: reference.isExcisable(hsCode),
    highDuty: reference.isHighDuty(hsCode),
    dualUse: reference.isDualUse(hsCode),
    restrictedOrigins: imported ? reference.restrictedOrigins(hsCode, at) : [],
    marks: imported ? reference.marks(hsCode) : [],
  };
}
