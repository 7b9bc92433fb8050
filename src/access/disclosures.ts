import { DISCLOSURES_HELD_MAX, DISCLOSURES_HELD_MS } from '../limits.ts';
import type { AuditEvent, AuditPort } from './audit-event.ts';
import { Gathered } from './gathered.ts';

/**
 * What machines are shown of the decisions on what they submit. One entry each, but committed together a moment later: a
 * commit of its own would cost as much as deciding. Its answer does not wait, for the ledger has kept the decision and
 * whose it is before; who reads a decision that is kept already is on record first.
 */
export class Disclosures {
  readonly #gathered: Gathered;
  #held: AuditEvent[] = [];

  constructor(audit: AuditPort) {
    this.#gathered = new Gathered(audit, DISCLOSURES_HELD_MS, () => this.#held.splice(0));
  }

  record(event: AuditEvent): void {
    this.#held.push(event);
    if (this.#held.length >= DISCLOSURES_HELD_MAX) void this.flush();
    else this.#gathered.soon();
  }

  /** Resolves when what has been recorded is on disk, or cannot be: then the audit has said so itself. */
  flush(): Promise<unknown> {
    return this.#gathered.flush();
  }
}
