const KEPT = 2048;

/** The latest values of a measurement, in constant memory. */
export class Recent {
  private readonly values = new Float64Array(KEPT);
  private added = 0;

  add(value: number): void {
    this.values[this.added % KEPT] = value;
    this.added += 1;
  }

  /** Value below which these shares (0 to 1) of the latest values lie; 0 where there is none. */
  quantiles<const Q extends readonly number[]>(shares: Q): { [K in keyof Q]: number } {
    const sorted = this.values.slice(0, Math.min(this.added, KEPT)).sort();
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    return shares.map(at) as { [K in keyof Q]: number };
  }
}
