import { isReleased } from '../core/corridor.ts';
import { LATEST_KEPT, LATEST_SHOWN } from '../limits.ts';
import type { Decided } from './feed.ts';

/** The newest of what was added, in constant memory. */
class Ring {
  readonly #kept: Decided[] = [];
  #added = 0;

  add(decided: Decided): void {
    this.#kept[this.#added % LATEST_KEPT] = decided;
    this.#added += 1;
  }

  /** The newest LATEST_SHOWN that are wanted, the newest first. */
  newest(wanted: (decided: Decided) => boolean): Decided[] {
    const found: Decided[] = [];
    for (let back = 1; back <= this.#kept.length && found.length < LATEST_SHOWN; back++) {
      const decided = this.#kept[(this.#added - back) % LATEST_KEPT] as Decided;
      if (wanted(decided)) found.push(decided);
    }
    return found;
  }
}

/** What is asked for; what is left out is not asked about. */
export interface LatestFilter {
  readonly corridors?: readonly string[];
  readonly office?: string;
}

/** The newest decisions that have come. Those under control are kept apart, so that released ones do not push them out. */
export class Latest {
  readonly #all = new Ring();
  readonly #controlled = new Ring();

  add(decided: Decided): void {
    this.#all.add(decided);
    if (!isReleased(decided.corridor)) this.#controlled.add(decided);
  }

  /** The newest LATEST_SHOWN that pass the filter and may be seen, the newest first. */
  newest({ corridors, office }: LatestFilter, maySee: (decided: Decided) => boolean): Decided[] {
    const controlled = corridors !== undefined && !corridors.some((name) => name === 'green' || name === 'blue');
    const ring = controlled ? this.#controlled : this.#all;
    return ring.newest(
      (decided) =>
        (corridors?.includes(decided.corridor) ?? true) &&
        decided.office === (office ?? decided.office) &&
        maySee(decided),
    );
  }
}
