import { CHEMICALS } from './catalogue/chemicals.ts';
import { EXPORTS } from './catalogue/exports.ts';
import { FOOD } from './catalogue/food.ts';
import { MACHINES } from './catalogue/machines.ts';
import { METALS } from './catalogue/metals.ts';
import { TEXTILES } from './catalogue/textiles.ts';

/**
 * The goods that cross the border, one row each, columns parted by bars:
 *
 *   HS code (TN VED, 10 digits) | share of trade | USD per kg, median over origins | spread of the price between lots
 *   (standard deviation of its logarithm) | usual net mass of a line, kg | gross ÷ net mass
 *   | supplementary unit (`name code:kg per unit`, `-` none) | countries (`CN*5@.9`: weight 5, price factor 0.9)
 *   | brands, `;` between | descriptions, `;` between
 *
 * Prices and masses are orders of magnitude of the trade of the middle of the 2020s, rounded by hand; brands are
 * invented, those of the trade mark register come from its list. What the law asks of the goods is not here but in
 * `reference.ts`.
 */
export interface Good {
  readonly hsCode: string;
  readonly chapter: number;
  readonly share: number;
  readonly usdPerKg: number;
  readonly spread: number;
  readonly lineKg: number;
  readonly packing: number;
  readonly unit: { readonly code: string; readonly kg: number } | null;
  readonly countries: readonly CountryShare[];
  readonly brands: readonly string[];
  readonly names: readonly string[];
}

export interface CountryShare {
  readonly country: string;
  readonly weight: number;
  /** Price against the good's median. */
  readonly factor: number;
}

export const IMPORTED: readonly Good[] = [FOOD, CHEMICALS, TEXTILES, METALS, MACHINES].flatMap(rows);
export const EXPORTED: readonly Good[] = rows(EXPORTS);

function rows(table: string): Good[] {
  return table.trim().split('\n').map(good);
}

function good(row: string): Good {
  const [hsCode, share, usd, spread, lineKg, packing, unit, countries, brands, names, ...more] = row.split('|');
  if (hsCode === undefined || !/^\d{10}$/.test(hsCode) || names === undefined || more.length > 0) {
    throw new Error(`not a row of the catalogue: ${row}`);
  }
  return {
    hsCode,
    chapter: Number(hsCode.slice(0, 2)),
    share: Number(share),
    usdPerKg: Number(usd),
    spread: Number(spread),
    lineKg: Number(lineKg),
    packing: Number(packing),
    unit: unitOf(unit ?? '-'),
    countries: (countries ?? '').split(' ').map(countryShare),
    brands: brands === '-' ? [] : (brands ?? '').split(';'),
    names: names.split(';'),
  };
}

function unitOf(text: string): Good['unit'] {
  const match = /(\d{3}):([\d.]+)$/.exec(text);
  return match === null ? null : { code: match[1] as string, kg: Number(match[2]) };
}

function countryShare(text: string): CountryShare {
  const match = /^([A-Z]{2})(?:\*([\d.]+))?(?:@([\d.]+))?$/.exec(text);
  if (match === null) throw new Error(`not a country with weight and price factor: ${text}`);
  return { country: match[1] as string, weight: Number(match[2] ?? 1), factor: Number(match[3] ?? 1) };
}
