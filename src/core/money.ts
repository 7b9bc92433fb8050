/**
 * Exact decimal money. Amounts arrive as decimal strings; inside, KZT is counted in integer tiyn (1/100 KZT),
 * which a double holds exactly up to 2^53, about 90 trillion KZT.
 */

/** At most so many digits before the point, and behind it. */
const WHOLE_DIGITS_MAX = 15;
const FRACTION_DIGITS_MAX = 6;
const ZERO = 48;
const POINT = 46;
const MINUS = 45;

/** `units × 10^-scale`. */
interface Decimal {
  readonly units: number;
  readonly scale: number;
}

const ONE: Decimal = { units: 1, scale: 0 };

/** A decimal string of at most 15 digits and 6 decimals, or null. `units` is exact up to 2^53, see `tiynOf`. */
function parseDecimal(text: string): Decimal | null {
  const negative = text.charCodeAt(0) === MINUS;
  const start = negative ? 1 : 0;
  const { length } = text;
  let units = 0;
  let point = length;
  for (let i = start; i < length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit >= 0 && digit <= 9) units = units * 10 + digit;
    else if (digit === POINT - ZERO && point === length) point = i;
    else return null;
  }
  const whole = point - start;
  const scale = point === length ? 0 : length - point - 1;
  const isDecimal = whole >= 1 && whole <= WHOLE_DIGITS_MAX && scale <= FRACTION_DIGITS_MAX;
  if (!isDecimal || (point < length && scale === 0)) return null;
  return { units: negative ? -units : units, scale };
}

/** Value in tiyn of a decimal amount of KZT, rounded half away from zero; null where it is not a decimal. */
export function tiynOf(kzt: string): number | null {
  const amount = parseDecimal(kzt);
  return amount === null ? null : product(amount, ONE, kzt, '1');
}

/** Value in tiyn of a decimal amount at a decimal rate (KZT per unit); null where one is not a decimal. */
export function tiynAt(amount: string, rate: string): number | null {
  const a = parseDecimal(amount);
  const r = parseDecimal(rate);
  return a === null || r === null ? null : product(a, r, amount, rate);
}

/** In doubles where every step is exact in them, as nearly always, else in big integers. */
function product(a: Decimal, r: Decimal, amount: string, rate: string): number {
  const numerator = a.units * r.units * 100;
  if (!Number.isSafeInteger(numerator)) return bigProduct(amount, rate, a.scale + r.scale);
  const denominator = 10 ** (a.scale + r.scale);
  const rest = numerator % denominator;
  const whole = (numerator - rest) / denominator;
  const away = Math.abs(rest) * 2 >= denominator ? Math.sign(numerator) : 0;
  return whole + away;
}

function bigProduct(amount: string, rate: string, scale: number): number {
  const numerator = BigInt(amount.replace('.', '')) * BigInt(rate.replace('.', '')) * 100n;
  const denominator = 10n ** BigInt(scale);
  const half = denominator / 2n;
  return Number((numerator < 0n ? numerator - half : numerator + half) / denominator);
}

/** `1234567` tiyn → `"12345.67"`. */
export function kztOf(tiyn: number): string {
  const digits = String(Math.abs(tiyn)).padStart(3, '0');
  return `${tiyn < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
