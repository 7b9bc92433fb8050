import type { Shares } from '../core/corridor.ts';
import { OVERVIEW_OFFICES_MAX, OVERVIEW_SERIES_S } from '../limits.ts';
import type { Health } from '../observe/health.ts';
import type { Metrics } from '../observe/metrics.ts';
import { type Alert, Alerts, isOfShares } from './alerts.ts';
import type { Decided } from './feed.ts';
import { rounded, sharesOf, sumOf, Tallies, totalOf } from './tallies.ts';

/** One second: when (seconds since 1970), decisions made in it, milliseconds of the latest answers by its end. */
type Point = readonly [second: number, perSecond: number, p50: number, p99: number];

export interface OverviewView {
  readonly at: string;
  /** Of all offices: since the start of this process; in the last whole second. */
  readonly decisions: { readonly total: number; readonly perSecond: number };
  /** Percent of the last hour. */
  readonly shares: Shares;
  readonly plan: Shares | null;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** Of the last hour, most decisions first. */
  readonly offices: readonly { readonly office: string; readonly decisions: number; readonly shares: Shares }[];
  /** Those about shares, which are of all offices, are for those alone who see all. */
  readonly alerts: readonly Alert[];
  /** Ascending, a second each. */
  readonly series: readonly Point[];
}

/** Whose decisions a view shows. */
export type Offices = readonly string[] | 'all';

export interface OverviewDeps {
  readonly health: Pick<Health, 'readiness'>;
  readonly metrics: Pick<Metrics, 'recentAnswers' | 'profileFaults' | 'streamMessages'>;
  readonly now?: () => number;
}

/**
 * What this process knows of the decisions made everywhere, from its tail of DECISIONS; latencies are those of the
 * answers that it gave itself, and failed profiles those of its own engine, if it has one.
 */
export class Overview {
  readonly #deps: OverviewDeps;
  readonly #now: () => number;
  readonly #tallies: Tallies;
  readonly #alerts = new Alerts();
  readonly #series: Point[] = [];
  /** Shares that the active policy is planned for. */
  plan: Shares | null = null;

  constructor(deps: OverviewDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
    this.#tallies = new Tallies(this.#now);
  }

  decided({ office, corridor, decidedAt }: Decided): void {
    this.#tallies.add(office, corridor, decidedAt);
  }

  /** Takes down the second that has passed. To be called once a second. */
  async sample(): Promise<void> {
    const last = Math.floor(this.#now() / 1000) - 1;
    const [p50, p99] = this.#deps.metrics.recentAnswers.quantiles([0.5, 0.99]).map(rounded) as [number, number];
    // A timer that was late leaves no gap.
    const first = Math.max((this.#series.at(-1)?.[0] ?? last - 1) + 1, last - OVERVIEW_SERIES_S + 1);
    for (let second = first; second <= last; second++) {
      this.#series.push([second, this.#tallies.inSecond(second), p50, p99]);
    }
    this.#series.splice(0, this.#series.length - OVERVIEW_SERIES_S);
    await this.#watch(p99);
  }

  async #watch(p99Ms: number): Promise<void> {
    const { health, metrics } = this.#deps;
    const [{ checks }, profileFaults, quarantined] = await Promise.all([
      health.readiness(),
      sumOfValues(metrics.profileFaults),
      sumOfValues(metrics.streamMessages, 'QUARANTINE'),
    ]);
    const { plan } = this;
    const counts = this.#tallies.all();
    this.#alerts.observe({ checks, counts, plan, p99Ms, profileFaults, quarantined }, this.#now());
  }

  /** Of the newest point: what an event is known by. */
  get newest(): number {
    return this.#series.at(-1)?.[0] ?? 0;
  }

  view(mine: Offices, points: 'all' | 'newest'): OverviewView {
    const offices = this.#tallies.offices().filter(({ office }) => mine === 'all' || mine.includes(office));
    const counts = mine === 'all' ? this.#tallies.all() : sumOf(offices.map((one) => one.counts));
    const [, perSecond = 0, p50 = 0, p99 = 0] = this.#series.at(-1) ?? [];
    return {
      at: new Date(this.#now()).toISOString(),
      decisions: { total: this.#tallies.total, perSecond },
      shares: sharesOf(counts),
      plan: this.plan,
      latencyMs: { p50, p99 },
      offices: offices
        .map((one) => ({ office: one.office, decisions: totalOf(one.counts), shares: sharesOf(one.counts) }))
        .sort((a, b) => b.decisions - a.decisions || (a.office < b.office ? -1 : 1))
        .slice(0, OVERVIEW_OFFICES_MAX),
      alerts: this.#alerts.current().filter((alert) => mine === 'all' || !isOfShares(alert)),
      series: points === 'all' ? [...this.#series] : this.#series.slice(-1),
    };
  }
}

interface Valued {
  get(): Promise<{ readonly values: readonly { readonly value: number; readonly labels: object }[] }>;
}

/** Of the samples with this value of a label, or of all. */
async function sumOfValues(metric: Valued, label?: string): Promise<number> {
  const { values } = await metric.get();
  const wanted = values.filter(({ labels }) => label === undefined || Object.values(labels).includes(label));
  return wanted.reduce((sum, { value }) => sum + value, 0);
}
