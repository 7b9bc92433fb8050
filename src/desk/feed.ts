import type { Corridor } from '../core/corridor.ts';
import type { DecisionEntry } from '../wire/envelope.ts';
import { WHOLE } from '../wire/pick.ts';
import { recordReader } from '../wire/record.ts';

/** What the desk keeps of a decision as it passes. */
export interface Decided {
  readonly submitter: string;
  readonly id: string;
  readonly version: number;
  readonly office: string;
  readonly corridor: Corridor;
  readonly decidedAt: number;
}

/** What is read of a record, of some kilobytes: it takes half a microsecond. */
interface Read {
  readonly declaration: Pick<Decided, 'office'>;
  readonly decision: Pick<Decided, 'corridor' | 'decidedAt'>;
}

const read = recordReader<Read>({
  declaration: { office: WHOLE },
  facts: {},
  decision: { corridor: WHOLE, decidedAt: WHOLE },
});

/**
 * The decisions that the tail of DECISIONS brings to this process, of every ingress, each handed on once: the tail
 * brings some again after a failure, and all of them where the stream was rolled back. Of a declaration that two
 * engines decided both count, which is rare.
 */
export class DecisionFeed {
  readonly #onDecided: (decided: Decided) => void;
  /** When the broker stored the newest message: it counts up, whatever becomes of the stream. */
  #newest = '';

  constructor(onDecided: (decided: Decided) => void) {
    this.#onDecided = onDecided;
  }

  /** @param storedAt Of the message, in nanoseconds since 1970, 19 digits. */
  take(entries: readonly DecisionEntry[], storedAt: string): void {
    if (storedAt <= this.#newest) return;
    this.#newest = storedAt;
    for (const entry of entries) if (entry.outcome === 'decided' && !entry.restored) this.#one(entry);
  }

  #one({ submitter, id, version, record }: DecisionEntry): void {
    let picked: Read;
    try {
      picked = read(record);
    } catch {
      // The projection has named it in the log.
      return;
    }
    const { office } = picked.declaration;
    const { corridor, decidedAt } = picked.decision;
    this.#onDecided({ submitter, id, version, office, corridor, decidedAt });
  }
}
