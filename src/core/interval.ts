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
