import type { LeafType } from './target.ts';

/** How the texts of a source write numbers and dates. */
export interface Notation {
  /** Decimal point; the other one, spaces and apostrophes then group digits. */
  readonly point: '.' | ',';
  /** Round to so many decimals; null: as written. */
  readonly decimals: number | null;
  readonly date: DateFormat;
}

export interface DateFormat {
  readonly format: string;
  readonly pattern: RegExp;
  readonly tokens: readonly DateToken[];
  /** Zone of times: `Z`, `+05:00`. */
  readonly offset: string;
}

const DATE_TOKENS = {
  YYYY: '(\\d{4})',
  MM: '(\\d{2})',
  DD: '(\\d{2})',
  HH: '(\\d{2})',
  mm: '(\\d{2})',
  ss: '(\\d{2})',
};
type DateToken = keyof typeof DATE_TOKENS;

/** What stands in a text that cannot be converted. */
export class ConversionFault extends Error {}

/** `DD.MM.YYYY HH:mm` → a format; null where year, month and day are not all in it, once each. */
export function parseDateFormat(format: string, offset: string): DateFormat | null {
  const tokens: DateToken[] = [];
  const source = format.replace(/YYYY|MM|DD|HH|mm|ss|[^A-Za-z0-9]|[A-Za-z0-9]/g, (part) => {
    if (!(part in DATE_TOKENS)) return `\\u{${(part.codePointAt(0) ?? 0).toString(16)}}`;
    tokens.push(part as DateToken);
    return DATE_TOKENS[part as DateToken];
  });
  const complete = (['YYYY', 'MM', 'DD'] as const).every((token) => tokens.includes(token));
  if (!complete || new Set(tokens).size !== tokens.length) return null;
  return { format, pattern: new RegExp(`^${source}$`, 'u'), tokens, offset };
}

/** @throws ConversionFault whose message says what was expected. */
export function convert(text: string, type: LeafType, notation: Notation): string | number {
  switch (type) {
    case 'text':
      return text;
    case 'instant':
      return toInstant(text, notation.date);
    case 'decimal':
      return toDecimal(text, notation);
    case 'number':
      return Number(toDecimal(text, notation));
    case 'integer':
      return toInteger(toDecimal(text, notation));
  }
}

function toInteger(decimal: string): number {
  const value = Number(decimal);
  if (!Number.isSafeInteger(value)) throw new ConversionFault('must be a whole number');
  return value;
}

const PLAIN_DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const SCIENTIFIC = /^-?\d+(\.\d+)?[eE][+-]?\d{1,2}$/;

/** A decimal with a point and no grouping, rounded half away from zero where the notation says so. */
function toDecimal(text: string, { point, decimals }: Notation): string {
  const grouping = point === '.' ? /[\s',]/g : /[\s'.]/g;
  const plain = text.replace(grouping, '').replace(',', '.');
  const written = SCIENTIFIC.test(plain) ? Number(plain).toFixed(decimals ?? 6) : plain;
  const match = PLAIN_DECIMAL.exec(written);
  if (match === null) throw new ConversionFault('must be a number');
  const [, sign = '', whole = '', fraction = ''] = match;
  if (decimals === null || fraction.length <= decimals) return written;
  const units = BigInt(whole + fraction);
  const divisor = 10n ** BigInt(fraction.length - decimals);
  const digits = String((units + divisor / 2n) / divisor).padStart(decimals + 1, '0');
  const end = digits.length - decimals;
  return sign + (decimals === 0 ? digits : `${digits.slice(0, end)}.${digits.slice(end)}`);
}

function toInstant(text: string, { format, pattern, tokens, offset }: DateFormat): string {
  const match = pattern.exec(text);
  if (match === null) throw new ConversionFault(`must be a date like ${format}`);
  const part = (token: DateToken) => (tokens.includes(token) ? match[tokens.indexOf(token) + 1] : '00');
  const day = `${part('YYYY')}-${part('MM')}-${part('DD')}`;
  const date = new Date(`${day}T00:00:00Z`);
  // 2026-02-30 rolls over into March: no such day.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== day) {
    throw new ConversionFault('is no day of the calendar');
  }
  if (!tokens.includes('HH')) return day;
  const instant = `${day}T${part('HH')}:${part('mm')}:${part('ss')}${offset}`;
  if (Number.isNaN(Date.parse(instant))) throw new ConversionFault('is no time of the day');
  return instant;
}
