import type { Route } from '../observe/metrics.ts';

/** How long one request spent in each stage, for its Server-Timing header. Milliseconds. */
export class Stages {
  readonly route: Route;
  private readonly startedMs = performance.now();
  private readonly spans: string[] = [];

  constructor(route: Route = 'single') {
    this.route = route;
  }

  add(stage: string, ms: number): void {
    this.spans.push(`${stage};dur=${ms.toFixed(2)}`);
  }

  get elapsedMs(): number {
    return performance.now() - this.startedMs;
  }

  header(): string {
    return [...this.spans, `total;dur=${this.elapsedMs.toFixed(2)}`].join(', ');
  }
}
