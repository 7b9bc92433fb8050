import { DISCLOSURES_HELD_MAX, DISCLOSURES_HELD_MS } from '../limits.ts';
import type { AuditEvent, AuditPort } from './audit-event.ts';

/**
 * What machines are shown of the decisions on what they submit. One entry each, but committed together a moment later: a
 * commit of its own would cost as much as deciding. Its answer does not wait, for the ledger has kept the decision and
 * whose it is before; who reads a decision that is kept already is on record first.
 */
export class Disclosures {
  readonly #audit: AuditPort;
  #held: AuditEvent[] = [];
  #timer: NodeJS.Timeout | null = null;
  #appending: Promise<unknown> = Promise.resolve();

  constructor(audit: AuditPort) {
    this.#audit = audit;
  }

  record(event: AuditEvent): void {
    this.#held.push(event);
    if (this.#held.length >= DISCLOSURES_HELD_MAX) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), DISCLOSURES_HELD_MS).unref();
  }

  /** Resolves when what has been recorded is on disk, or cannot be: then the audit has said so itself. */
  flush(): Promise<unknown> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const held = this.#held;
    this.#held = [];
    if (held.length > 0) this.#appending = Promise.allSettled([this.#appending, this.#audit.append(...held)]);
    return this.#appending;
  }
}
