import { CorridorError } from '../errors.ts';
import { BATCH_DECISION_DEADLINE_MS } from '../limits.ts';
import type { Ledger, LedgerEntry } from '../state/ledger.ts';
import type { Identity } from '../wire/identity.ts';
import type { Flight, Replies } from './replies.ts';
import type { Stages } from './stages.ts';

/** What a submission comes to: kept in the ledger, or still on its way (then the broker has it). */
export type Answer =
  | { readonly kind: 'kept'; readonly entry: LedgerEntry }
  | { readonly kind: 'pending'; readonly identity: Identity };

/** Waits for the decisions that the tail of DECISIONS brings. */
export class Waiting {
  private readonly replies: Replies;
  private readonly ledger: Pick<Ledger, 'get' | 'keepPending'>;
  private readonly deadlineMs: number;

  constructor(replies: Replies, ledger: Pick<Ledger, 'get' | 'keepPending'>, deadlineMs: number) {
    this.replies = replies;
    this.ledger = ledger;
    this.deadlineMs = deadlineMs;
  }

  /**
   * Waits for the winner, or for the deadline: then 202, but only if the broker has the declaration.
   * @throws CorridorError
   */
  async outcome(flight: Flight, stages: Stages, patient: boolean): Promise<Answer> {
    const deadlineMs = patient ? Math.max(this.deadlineMs, BATCH_DECISION_DEADLINE_MS) : this.deadlineMs;
    const entry = await this.withinDeadline(flight, deadlineMs);
    if (entry === null) return this.pending(flight);
    stages.add('publish', Math.max(0, flight.acknowledgedMs - flight.openedMs));
    stages.add('decide', Math.max(0, flight.seenMs - flight.acknowledgedMs));
    stages.add('ledger', Math.max(0, flight.keptMs - flight.seenMs));
    return { kind: 'kept', entry: mustMatch(entry, flight.hash) };
  }

  private async withinDeadline(flight: Flight, deadlineMs: number): Promise<LedgerEntry | null> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, deadlineMs, null);
    });
    try {
      const first = await Promise.race([flight.settled, deadline]);
      if (first !== null) this.replies.close(flight);
      return first ?? (flight.keeping ? await flight.settled : null);
    } catch (error) {
      this.replies.close(flight);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private async pending(flight: Flight): Promise<Answer> {
    const kept = this.keptMeanwhile(flight);
    if (kept !== null) return kept;
    if (!flight.acknowledged) {
      // Nobody waits any more, but whether it reached the stream is open: it stays joinable until that is known.
      void flight.published.then(() => this.replies.close(flight));
      throw new CorridorError('not_ready', 'The message broker has not taken the declaration; send it again');
    }
    if (flight.entry !== null) {
      this.replies.addPending(flight);
      await this.ledger.keepPending(flight.entry).finally(() => this.replies.close(flight));
    }
    this.replies.close(flight);
    return this.keptMeanwhile(flight) ?? { kind: 'pending', identity: flight.identity };
  }

  /** Of several that wait for one decision, a first that gave up may have closed what the others wait on. */
  private keptMeanwhile(flight: Flight): Answer | null {
    const entry = this.ledger.get(flight.identity);
    if (entry === null) return null;
    this.replies.close(flight);
    this.replies.removePending(flight.key);
    return { kind: 'kept', entry: mustMatch(entry, flight.hash) };
  }
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** @throws CorridorError `identity_conflict` */
export function mustMatch<T extends { readonly hash: Uint8Array }>(kept: T, hash: Uint8Array): T {
  if (same(kept.hash, hash)) return kept;
  throw new CorridorError('identity_conflict', 'A declaration with other content has this id and version');
}
