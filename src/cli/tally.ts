import { CORRIDORS, type Corridor } from '../core/corridor.ts';
import { TARGETS } from '../core/profile.ts';
import { bucketOf, Sketch } from '../state/sketch.ts';
import type { AnsweredDecision } from './batch-client.ts';

/** Counts decisions as they come: corridors, hits by target, latency. */
export class Tally {
  decisions = 0;
  readonly corridors: Record<Corridor, number> = { green: 0, blue: 0, yellow: 0, red: 0 };
  /** Declarations with at least one hit of the target. */
  readonly hits: Record<string, number> = Object.fromEntries(TARGETS.map((target) => [target, 0]));
  private readonly latenciesMs = new Sketch();
  private readonly startedAt = performance.now();

  add(decision: AnsweredDecision, latencyMs: number): void {
    this.decisions++;
    this.corridors[decision.corridor]++;
    for (const target of new Set(decision.reasons.map(targetOf))) {
      if (target !== null) this.hits[target] = (this.hits[target] ?? 0) + 1;
    }
    const bucket = bucketOf(latencyMs);
    if (bucket !== null) this.latenciesMs.add(bucket, 1);
  }

  /** In percent. */
  shares(): Record<Corridor, number> {
    const share = (corridor: Corridor) => round((this.corridors[corridor] * 100) / Math.max(1, this.decisions), 2);
    return { green: share('green'), blue: share('blue'), yellow: share('yellow'), red: share('red') };
  }

  summary() {
    const [p50 = 0, p99 = 0] = this.latenciesMs.quantiles([0.5, 0.99]);
    return { shares: this.shares(), hits: this.hits, latencyMs: { p50: round(p50, 2), p99: round(p99, 2) } };
  }

  perSecond(): number {
    return Math.round(this.decisions / Math.max(0.001, (performance.now() - this.startedAt) / 1000));
  }

  progress(): string {
    const { p50, p99 } = this.summary().latencyMs;
    return `${this.decisions} decided · ${this.perSecond()}/s · ${sharesLine(this.shares())} · p50 ${p50} ms · p99 ${p99} ms`;
  }

  /** The table at the end of a run. */
  table(): string {
    const shares = this.shares();
    const { p50, p99 } = this.summary().latencyMs;
    const count = (value: number) => String(value).padStart(9);
    return [
      'corridor                    decisions   share',
      ...CORRIDORS.map(
        (name) => `${name.padEnd(28)}${count(this.corridors[name])} ${percent(shares[name]).padStart(7)}`,
      ),
      `${'all'.padEnd(28)}${count(this.decisions)}`,
      '',
      'hits by target           declarations',
      ...Object.entries(this.hits).map(([target, hits]) => `${target.padEnd(28)}${count(hits)}`),
      '',
      `latency                  p50 ${p50} ms, p99 ${p99} ms (in a stream of many; ${this.perSecond()} decisions/s)`,
    ].join('\n');
  }
}

/** Hits are what the policy found, and the draw. */
function targetOf({ kind, target }: AnsweredDecision['reasons'][number]): string | null {
  if (kind === 'random') return 'random';
  return kind === 'profile' ? target : null;
}

export function sharesLine(shares: Readonly<Record<Corridor, number>>): string {
  return CORRIDORS.map((corridor) => `${corridor} ${percent(shares[corridor])}`).join(' ');
}

function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}

export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
