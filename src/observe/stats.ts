import { CORRIDORS, type Corridor } from '../core/corridor.ts';
import type { Metrics } from './metrics.ts';

export interface ServiceStats {
  /** Since the start. */
  readonly decisions: number;
  /** Since the last call. */
  readonly perSecond: number;
  /** Percent, since the start. */
  readonly shares: Readonly<Record<Corridor, number>>;
  /** Milliseconds, of the latest answers. */
  readonly latency: { readonly p50: number; readonly p99: number };
}

/** @param counts Decisions since the start, kept up to date by who counts them. */
export function statsOf(
  counts: Readonly<Record<Corridor, number>>,
  { recentAnswers }: Pick<Metrics, 'recentAnswers'>,
): () => ServiceStats {
  let before = { decisions: 0, atMs: performance.now() };
  return () => {
    const decisions = CORRIDORS.reduce((sum, corridor) => sum + counts[corridor], 0);
    const nowMs = performance.now();
    const perSecond = ((decisions - before.decisions) * 1000) / Math.max(1, nowMs - before.atMs);
    before = { decisions, atMs: nowMs };
    const share = (corridor: Corridor) => (counts[corridor] * 100) / Math.max(1, decisions);
    const shares = { green: share('green'), blue: share('blue'), yellow: share('yellow'), red: share('red') };
    const [p50, p99] = recentAnswers.quantiles([0.5, 0.99]);
    return { decisions, perSecond, shares, latency: { p50, p99 } };
  };
}
