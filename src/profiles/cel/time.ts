import { ExpressionError } from './errors.ts';

/** Timestamps and durations, exact to the nanosecond. */

const NANOS = 1_000_000_000;
const TIMESTAMP_SECONDS_MIN = -62_135_596_800;
const TIMESTAMP_SECONDS_MAX = 253_402_300_799;
const DURATION_NANOS_MAX = 2n ** 63n - 1n;

/** An instant: seconds since 1970 (UTC) and 0 to 999,999,999 nanoseconds after. Years 1 to 9999. */
export class Timestamp {
  readonly seconds: number;
  readonly nanos: number;

  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }

  /** RFC 3339 in UTC, with 0, 3, 6 or 9 decimals. */
  toString(): string {
    const date = new Date(this.seconds * 1000);
    return `${date
      .toISOString()
      .replace(/^\+0*(?=\d{4})/, '')
      .slice(0, 19)}${decimals(this.nanos)}Z`;
  }
}

/** A signed length of time; `nanos` has the sign of `seconds`. Within ± 2^63 nanoseconds. */
export class Duration {
  readonly seconds: number;
  readonly nanos: number;

  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }

  toString(): string {
    const negative = this.seconds < 0 || this.nanos < 0;
    return `${negative ? '-' : ''}${Math.abs(this.seconds)}${decimals(Math.abs(this.nanos))}s`;
  }
}

function decimals(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  return `.${digits.replace(/(000){1,2}$/, '')}`;
}

function timestamp(seconds: number, nanos: number): Timestamp {
  let [whole, rest] = [seconds + Math.floor(nanos / NANOS), nanos % NANOS];
  if (rest < 0) rest += NANOS;
  if (whole >= TIMESTAMP_SECONDS_MIN && whole <= TIMESTAMP_SECONDS_MAX) return new Timestamp(whole + 0, rest + 0);
  throw new ExpressionError('timestamp out of range: years 1 to 9999');
}

/** Seconds within which no sum of two leaves the range of durations. */
const PLAIN_SECONDS_MAX = 4_000_000_000;

function duration(seconds: number, nanos: number): Duration {
  if (Math.abs(seconds) < PLAIN_SECONDS_MAX) return plainDuration(seconds, nanos);
  const total = BigInt(seconds) * BigInt(NANOS) + BigInt(nanos);
  return durationOfNanos(total);
}

function plainDuration(seconds: number, nanos: number): Duration {
  let [whole, rest] = [seconds + Math.trunc(nanos / NANOS), nanos % NANOS];
  if (whole > 0 && rest < 0) [whole, rest] = [whole - 1, rest + NANOS];
  else if (whole < 0 && rest > 0) [whole, rest] = [whole + 1, rest - NANOS];
  return new Duration(whole + 0, rest + 0);
}

function durationOfNanos(total: bigint): Duration {
  if (total > DURATION_NANOS_MAX || total < -DURATION_NANOS_MAX - 1n) {
    throw new ExpressionError('duration out of range: about ±292 years');
  }
  return new Duration(Number(total / BigInt(NANOS)), Number(total % BigInt(NANOS)));
}

/** Epoch milliseconds → timestamp. */
export function instant(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return new Timestamp(seconds, Math.round((ms - seconds * 1000) * 1_000_000));
}

export function timestampOfSeconds(seconds: number): Timestamp {
  return timestamp(seconds, 0);
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

export function timestampOf(text: string): Timestamp {
  const match = RFC3339.exec(text);
  const ms = match === null ? Number.NaN : Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`);
  if (match === null || Number.isNaN(ms) || !isDay(text.slice(0, 10))) {
    throw new ExpressionError(`'${text}' is not a timestamp such as 2026-01-31T10:00:00Z`);
  }
  const [, , , , , , , fraction = '', sign, hours = '0', minutes = '0'] = match;
  const offset = (Number(hours) * 3600 + Number(minutes) * 60) * (sign === '-' ? -1 : 1);
  return timestamp(ms / 1000 - offset, Number(fraction.padEnd(9, '0')));
}

/** `Date.parse` takes 31 February for 3 March. */
function isDay(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) === day;
}

const UNIT_NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const DURATION_LENGTH_MAX = 128;
const DURATION_PART = /(?=[\d.])(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;

/** `1h30m`, `-1.5s`, `0`. */
export function durationOf(text: string): Duration {
  const refuse = (): never => {
    throw new ExpressionError(`'${text.slice(0, DURATION_LENGTH_MAX)}' is not a duration such as 36h, 1h30m or -1.5s`);
  };
  if (text.length > DURATION_LENGTH_MAX) refuse();
  if (/^[-+]?0$/.test(text)) return new Duration(0, 0);
  const signed = /^[-+]/.test(text);
  let total = 0n;
  let at = signed ? 1 : 0;
  if (at === text.length) refuse();
  while (at < text.length) {
    DURATION_PART.lastIndex = at;
    const [part, whole = '', fraction = '', unit = ''] = DURATION_PART.exec(text) ?? [''];
    const nanos = UNIT_NANOS[unit];
    if (nanos === undefined || whole + fraction === '') return refuse();
    total += BigInt(whole) * nanos + (BigInt(fraction) * nanos) / 10n ** BigInt(fraction.length);
    at += part.length;
  }
  return durationOfNanos(text.startsWith('-') ? -total : total);
}

export function addDuration(a: Timestamp, b: Duration): Timestamp {
  return timestamp(a.seconds + b.seconds, a.nanos + b.nanos);
}

export function subtractDuration(a: Timestamp, b: Duration): Timestamp {
  return timestamp(a.seconds - b.seconds, a.nanos - b.nanos);
}

export function between(a: Timestamp, b: Timestamp): Duration {
  return duration(a.seconds - b.seconds, a.nanos - b.nanos);
}

export function sumDurations(a: Duration, b: Duration): Duration {
  return duration(a.seconds + b.seconds, a.nanos + b.nanos);
}

export function subtractDurations(a: Duration, b: Duration): Duration {
  return duration(a.seconds - b.seconds, a.nanos - b.nanos);
}

/** Negative, zero or positive, for two timestamps or two durations. */
export function compareTimes(a: Timestamp | Duration, b: Timestamp | Duration): number {
  return a.seconds - b.seconds || a.nanos - b.nanos;
}

export type CalendarPart =
  | 'year'
  | 'month'
  | 'date'
  | 'dayOfMonth'
  | 'dayOfWeek'
  | 'dayOfYear'
  | 'hours'
  | 'minutes'
  | 'seconds'
  | 'milliseconds';

const DAY_MS = 86_400_000;

/** A part of the calendar date and time in UTC, or in a zone: IANA name or offset such as `-02:30`. */
export function calendar(at: Timestamp, part: CalendarPart, zone?: string): number {
  if (part === 'milliseconds') return Math.floor(at.nanos / 1_000_000);
  const local = new Date(at.seconds * 1000 + (zone === undefined ? 0 : offsetMs(at, zone)));
  switch (part) {
    case 'year':
      return local.getUTCFullYear();
    case 'month':
      return local.getUTCMonth();
    case 'date':
      return local.getUTCDate();
    case 'dayOfMonth':
      return local.getUTCDate() - 1;
    case 'dayOfWeek':
      return local.getUTCDay();
    case 'dayOfYear': {
      const year = new Date(0);
      year.setUTCFullYear(local.getUTCFullYear(), 0, 1);
      return Math.floor((local.getTime() - year.getTime()) / DAY_MS);
    }
    case 'hours':
      return local.getUTCHours();
    case 'minutes':
      return local.getUTCMinutes();
    case 'seconds':
      return local.getUTCSeconds();
  }
}

const OFFSET = /^([+-]?)(\d\d):(\d\d)$/;
const zones = new Map<string, Intl.DateTimeFormat>();
const ZONES_MAX = 100;

function offsetMs(at: Timestamp, zone: string): number {
  const match = OFFSET.exec(zone);
  if (match === null) return zoneOffsetMs(at, zone);
  const ms = (Number(match[2]) * 60 + Number(match[3])) * 60_000;
  return match[1] === '-' ? -ms : ms;
}

function zoneOffsetMs(at: Timestamp, zone: string): number {
  const parts = new Map<string, number>();
  for (const { type, value } of zoneFormat(zone).formatToParts(new Date(at.seconds * 1000)))
    parts.set(type, Number(value));
  const part = (name: string): number => parts.get(name) ?? 0;
  const local = new Date(0);
  local.setUTCFullYear(part('year'), part('month') - 1, part('day'));
  local.setUTCHours(part('hour'), part('minute'), part('second'));
  return local.getTime() - at.seconds * 1000;
}

function zoneFormat(zone: string): Intl.DateTimeFormat {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  const numeric = 'numeric' as const;
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      ...fields,
      hourCycle: 'h23',
      timeZone: zone,
      calendar: 'gregory',
    });
    if (zones.size < ZONES_MAX) zones.set(zone, format);
    return format;
  } catch {
    throw new ExpressionError(`unknown time zone '${zone.slice(0, 60)}'`);
  }
}

/** Whole hours, minutes or seconds of a duration; its milliseconds within the second. */
export function elapsed(length: Duration, part: 'hours' | 'minutes' | 'seconds' | 'milliseconds'): number {
  switch (part) {
    case 'hours':
      return Math.trunc(length.seconds / 3600) + 0;
    case 'minutes':
      return Math.trunc(length.seconds / 60) + 0;
    case 'seconds':
      return length.seconds;
    case 'milliseconds':
      return Math.trunc(length.nanos / 1_000_000) + 0;
  }
}
