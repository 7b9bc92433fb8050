export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Of the normal distribution, for 95 %. */
const Z = 1.959964;

/**
 * 95 % confidence interval of a share, by Wilson's score (Wilson 1927, JASA 22:209): holds for few and for extreme
 * counts too. Null where nothing was counted.
 */
export function wilson(part: number, of: number): Interval | null {
  if (of <= 0) return null;
  const share = part / of;
  const z2 = (Z * Z) / of;
  const centre = share + z2 / 2;
  const half = Z * Math.sqrt((share * (1 - share) + z2 / 4) / of);
  return { low: Math.max(0, (centre - half) / (1 + z2)), high: Math.min(1, (centre + half) / (1 + z2)) };
}

/**
 * Whether two shares differ by more than chance: the pooled two-proportion z-test (Fleiss, Levin & Paik 2003, ch. 3).
 * `p` is two-sided. Null where the normal approximation does not hold: fewer than five of either kind on a side.
 */
export function difference(a: Counted, b: Counted): { readonly difference: number; readonly p: number } | null {
  const enough = [a, b].every(({ part, of }) => part >= 5 && of - part >= 5);
  if (!enough) return null;
  const pooled = (a.part + b.part) / (a.of + b.of);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.of + 1 / b.of));
  const apart = a.part / a.of - b.part / b.of;
  return { difference: apart, p: Math.min(1, 2 * upperTail(Math.abs(apart) / error)) };
}

export interface Counted {
  readonly part: number;
  readonly of: number;
}

/** Of the standard normal distribution; Abramowitz & Stegun 26.2.17, within 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
