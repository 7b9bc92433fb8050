/** One piece of evidence: a hit or a model's score. */
export interface Evidence {
  readonly group: string;
  /** Probability of a violation that this evidence alone stands for, 0 to 1. */
  readonly weight: number;
}

/**
 * Probability of a violation. Evidence of one group counts once, by its largest weight; groups, taken as independent
 * causes, combine by noisy-or: 1 − Π(1 − w). (Pearl 1988, Probabilistic Reasoning in Intelligent Systems, 4.3.)
 */
export function combine(evidence: readonly Evidence[]): number {
  if (evidence.length === 0) return 0;
  const largest = new Map<string, number>();
  for (const { group, weight } of evidence) largest.set(group, Math.max(weight, largest.get(group) ?? 0));
  // Multiplied in order of size, so that the order of the evidence never changes the last bit.
  const weights = [...largest.values()].sort((a, b) => a - b);
  let none = 1;
  for (const weight of weights) none *= 1 - weight;
  return Math.min(1, Math.max(0, 1 - none));
}
