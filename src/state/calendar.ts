/** UTC days and months as integers, for buckets of event time. */
const DAY_MS = 86_400_000;

/** Days since 1970-01-01. */
export function dayOf(instant: number): number {
  return Math.floor(instant / DAY_MS);
}

/** Months since January 1970. */
export function monthOf(instant: number): number {
  const date = new Date(instant);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** Whether `at` lies no more than `days` after `since`. */
export function isWithinDays(at: number, since: number, days: number): boolean {
  return at - since <= days * DAY_MS;
}
