import { LATEST_KEPT, LATEST_SHOWN } from '../limits.ts';
import type { Decided } from './feed.ts';

/** The newest decisions that have come, in constant memory. */
export class Latest {
  readonly #ring: Decided[] = [];
  #added = 0;

  add(decided: Decided): void {
    this.#ring[this.#added % LATEST_KEPT] = decided;
    this.#added += 1;
  }

  /** The newest LATEST_SHOWN that may be seen, the newest first. */
  newest(maySee: (decided: Decided) => boolean): Decided[] {
    const seen: Decided[] = [];
    for (let back = 1; back <= this.#ring.length && seen.length < LATEST_SHOWN; back++) {
      const decided = this.#ring[(this.#added - back) % LATEST_KEPT] as Decided;
      if (maySee(decided)) seen.push(decided);
    }
    return seen;
  }
}
