/**
 * Exact decimal money. Amounts arrive as decimal strings; inside, KZT is counted in integer tiyn (1/100 KZT),
 * which a double holds exactly up to 2^53, about 90 trillion KZT.
 */

const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,6}))?$/;

/** A decimal string as `units × 10^-scale`; null where it is not one (at most 15 digits and 6 decimals). */
function parseDecimal(text: string): { units: bigint; scale: number } | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = ''] = match;
  const units = BigInt(whole + fraction);
  return { units: sign === '-' ? -units : units, scale: fraction.length };
}

function roundHalfAwayFromZero(numerator: bigint, denominator: bigint): bigint {
  const half = denominator / 2n;
  return (numerator < 0n ? numerator - half : numerator + half) / denominator;
}

/** Value in tiyn of a decimal amount of KZT, rounded half away from zero; null where it is not a decimal. */
export function tiynOf(kzt: string): number | null {
  return tiynAt(kzt, '1');
}

/** Value in tiyn of a decimal amount at a decimal rate (KZT per unit); null where one is not a decimal. */
export function tiynAt(amount: string, rate: string): number | null {
  const a = parseDecimal(amount);
  const r = parseDecimal(rate);
  if (a === null || r === null) return null;
  return Number(roundHalfAwayFromZero(a.units * r.units * 100n, 10n ** BigInt(a.scale + r.scale)));
}

/** `1234567` tiyn → `"12345.67"`. */
export function kztOf(tiyn: number): string {
  const digits = String(Math.abs(tiyn)).padStart(3, '0');
  return `${tiyn < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
