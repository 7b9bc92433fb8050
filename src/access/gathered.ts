import type { AuditEvent, AuditPort } from './audit-event.ts';

/** Commits together what comes within a moment: a commit of its own for each would cost more than what it tells of. */
export class Gathered {
  readonly #audit: AuditPort;
  readonly #heldMs: number;
  readonly #take: () => readonly AuditEvent[];
  #timer: NodeJS.Timeout | null = null;
  #appending: Promise<unknown> = Promise.resolve();

  /** @param take Hands over what is held, and holds it no longer. */
  constructor(audit: AuditPort, heldMs: number, take: () => readonly AuditEvent[]) {
    this.#audit = audit;
    this.#heldMs = heldMs;
    this.#take = take;
  }

  /** Something is held: it is committed in a moment. */
  soon(): void {
    this.#timer ??= setTimeout(() => void this.flush(), this.#heldMs).unref();
  }

  /** Resolves when what was held is on disk, or cannot be: then the audit has said so itself. */
  flush(): Promise<unknown> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const events = this.#take();
    if (events.length > 0) this.#appending = Promise.allSettled([this.#appending, this.#audit.append(...events)]);
    return this.#appending;
  }
}
