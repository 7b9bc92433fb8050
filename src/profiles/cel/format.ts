import { ExpressionError } from './errors.ts';
import { compareStrings } from './strings.ts';
import { Duration, Timestamp } from './time.ts';

/** `'%s of %.2f'.format([…])`. Values are tagged: int as bigint, double as number. */

const CLAUSE = /%(?:\.(\d{1,3}))?([\s\S])?/g;
const PRECISION_DEFAULT = 6;
const PRECISION_MAX = 100;

export function format(template: string, values: readonly unknown[]): string {
  let next = 0;
  return template.replace(CLAUSE, (_, precision: string | undefined, clause: string | undefined) => {
    if (clause === '%' && precision === undefined) return '%';
    if (clause === undefined) throw new ExpressionError('unexpected end of the format string');
    if (next >= values.length) throw new ExpressionError(`index ${next} out of range`);
    return clauseOf(clause, values[next++], precision === undefined ? PRECISION_DEFAULT : Number(precision));
  });
}

function clauseOf(clause: string, value: unknown, precision: number): string {
  if (precision > PRECISION_MAX) throw new ExpressionError(`precision ${precision} is above ${PRECISION_MAX}`);
  switch (clause) {
    case 's':
      return text(value);
    case 'd':
      if (typeof value === 'number')
        return Number.isFinite(value) ? wrong('decimal', 'integers', value) : String(value);
      return typeof value === 'bigint' ? String(value) : wrong('decimal', 'integers', value);
    case 'f':
      return typeof value === 'number' ? fixed(value, precision) : wrong('fixed-point', 'doubles', value);
    case 'e':
      return typeof value === 'number' ? scientific(value, precision) : wrong('scientific', 'doubles', value);
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return typeof value === 'bigint' ? value.toString(2) : wrong('binary', 'integers and bools', value);
    case 'o':
      return typeof value === 'bigint' ? value.toString(8) : wrong('octal', 'integers', value);
    case 'x':
      return hexadecimal(value);
    case 'X':
      return hexadecimal(value).toUpperCase();
    default:
      throw new ExpressionError(`unrecognized formatting clause "${clause}"`);
  }
}

function wrong(clause: string, on: string, value: unknown): never {
  throw new ExpressionError(
    `${clause} clause can only be used on ${on}, was given ${value === null ? 'null' : typeof value}`,
  );
}

function hexadecimal(value: unknown): string {
  if (typeof value === 'bigint') return value.toString(16);
  if (typeof value !== 'string') return wrong('hexadecimal', 'integers and strings', value);
  return [...new TextEncoder().encode(value)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Halves to even, as elsewhere in CEL; `toFixed` rounds them up. */
function fixed(value: number, precision: number): string {
  if (!Number.isFinite(value)) return String(value);
  const options = { minimumFractionDigits: precision, maximumFractionDigits: precision, useGrouping: false };
  return new Intl.NumberFormat('en-US', { ...options, roundingMode: 'halfEven' } as Intl.NumberFormatOptions).format(
    value,
  );
}

function scientific(value: number, precision: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value.toExponential(precision).replace(/([+-])(\d)$/, '$10$2');
}

function text(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, each]) => [text(key), text(each)] as const);
    entries.sort(([a], [b]) => compareStrings(a, b));
    return `{${entries.map(([key, each]) => `${key}: ${each}`).join(', ')}}`;
  }
  if (value instanceof Timestamp || value instanceof Duration) return String(value);
  if (typeof value === 'object') throw new ExpressionError('an object cannot be formatted');
  return String(value);
}
