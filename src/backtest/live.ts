import { LIVE_BACKTEST_DECLARATIONS, LIVE_BACKTEST_PART } from '../limits.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { BacktestThreads, countAll } from './run.ts';
import type { TallyData } from './tally.ts';
import type { Part } from './thread.ts';

export interface LiveDeps {
  readonly ledgerDir: string;
  readonly outcomesDir: string;
}

/** The counts so far, over `done` of `of` declarations. */
export interface PartialResult {
  readonly done: number;
  readonly of: number;
  readonly tally: TallyData;
}

/** How old the newest declarations may be: whoever types does not wait for them to be read again. */
const FRESH_MS = 60_000;

/** Tries policies on the newest declarations while they are edited; a new trial of somebody ends the one before. */
export class LiveBacktests {
  readonly #deps: LiveDeps;
  readonly #pool = new BacktestThreads(1);
  readonly #running = new Map<string, AbortController>();
  #newest: { readonly at: number; readonly parts: Promise<Part[]> } | null = null;

  constructor(deps: LiveDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves with the whole; `onPartial` is told after each part.
   * @param who Whose trial it is.
   * @param gone Nobody waits for it any longer.
   * @throws PolicyError where `after` does not compile, AbortError where it was ended.
   */
  async run(
    who: string,
    before: PolicyBundle,
    after: PolicyBundle,
    onPartial: (partial: PartialResult) => void,
    gone: AbortSignal,
  ): Promise<void> {
    this.#running.get(who)?.abort();
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, gone]);
    this.#running.set(who, abort);
    try {
      const parts = await this.#newestParts();
      signal.throwIfAborted();
      await countAll(this.#pool, {
        ...{ parts, before, after, threads: 1, outcomesDir: this.#deps.outcomesDir, signal },
        onProgress: (done, tally) => onPartial({ done, of: parts.length, tally }),
      });
    } finally {
      if (this.#running.get(who) === abort) this.#running.delete(who);
    }
  }

  #newestParts(): Promise<Part[]> {
    if (this.#newest !== null && Date.now() - this.#newest.at < FRESH_MS) return this.#newest.parts;
    const parts = this.#read();
    this.#newest = { at: Date.now(), parts };
    // A failure is tried again by the next one.
    parts.catch(() => {
      this.#newest = null;
    });
    return parts;
  }

  async #read(): Promise<Part[]> {
    const { ledgerDir } = this.#deps;
    const order = { kind: 'newest', ledgerDir, count: LIVE_BACKTEST_DECLARATIONS, size: LIVE_BACKTEST_PART } as const;
    const answer = await this.#pool.run(order);
    if (!('segments' in answer)) throw new Error('the thread answered something else');
    return answer.segments.map((bytes) => ({ kind: 'bytes', bytes }));
  }

  async stop(): Promise<void> {
    for (const abort of this.#running.values()) abort.abort();
    await this.#pool.close();
  }
}
