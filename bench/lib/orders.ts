/** What the sending process is asked for, and what it answers. */
interface Order {
  readonly url: string;
  readonly headers: Headers;
  readonly seconds: number;
  /** What an answer with a decision holds; null: an answer need not hold one. */
  readonly decision: string | null;
}

/** Of a request, beside those that its body needs. */
export type Headers = Readonly<Record<string, string>>;

/** As many requests under way as there are connections: the service sets the pace. */
export interface ClosedOrder extends Order {
  readonly kind: 'closed';
  readonly connections: number;
}

/** Requests at fixed times, whatever the service does. */
export interface OpenOrder extends Order {
  readonly kind: 'open';
  readonly perSecond: number;
}

/** NDJSON bodies that go on for ever, each on a connection of its own. */
export interface BatchOrder extends Order {
  readonly kind: 'batch';
  readonly streams: number;
}

export type LoadOrder = ClosedOrder | OpenOrder | BatchOrder;

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

export interface LoadResult {
  readonly answers: number;
  /** Answers other than 200 with a decision, and requests without an answer. */
  readonly errors: number;
  /** Answers by status; 0: none came. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** From sending to the whole answer; of the open loop from the time it should have been sent. Null: not measured. */
  readonly latencyMs: Percentiles | null;
  /** How much later than planned the open loop sent. */
  readonly latenessMs: Percentiles | null;
}

/** Percentiles of what is measured one by one; sorts it. */
export function percentilesOf(values: Float64Array): Percentiles {
  values.sort();
  const at = (share: number) => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}
