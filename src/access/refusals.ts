import { REFUSALS_HELD_MAX, REFUSALS_HELD_MS } from '../limits.ts';
import type { AuditEvent, AuditPort } from './audit-event.ts';
import { Gathered } from './gathered.ts';

export interface Refusal {
  readonly action: 'request.refused' | 'request.limited' | 'signed_in';
  /** Who was refused: subject, or address where nobody is known. */
  readonly subject: string;
  readonly roles: readonly string[];
  /** Name of the rule that the route asks for; `none` where there is no such route. Of a sign-in, the issuer. */
  readonly rule: string;
  /** What it asked for; empty where that is not kept. */
  readonly path: string;
  /** Of the error that it got. */
  readonly code: string;
  /** Id of the first such request. */
  readonly trace: string;
}

/** Stands for everybody whose refusals came when REFUSALS_HELD_MAX different ones were held already. */
const OTHERS = '*';

/**
 * Records every refusal, equal ones (subject, rule, path, code) of a second in one entry, so that whoever is refused often
 * fills neither disk nor memory.
 */
export class Refusals {
  readonly #gathered: Gathered;
  readonly #now: () => number;
  readonly #held = new Map<string, AuditEvent>();

  constructor(audit: AuditPort, now: () => number = Date.now) {
    this.#gathered = new Gathered(audit, REFUSALS_HELD_MS, () => this.#takeHeld());
    this.#now = now;
  }

  record(refusal: Refusal): void {
    const key = keyOf(refusal);
    const isRoom = this.#held.size < REFUSALS_HELD_MAX || this.#held.has(key);
    if (isRoom) this.#count(key, refusal);
    else this.#count(keyOf(others(refusal)), others(refusal));
    this.#gathered.soon();
  }

  /** Resolves when what has been recorded is on disk, or cannot be: then the audit has said so itself. */
  flush(): Promise<unknown> {
    return this.#gathered.flush();
  }

  #takeHeld(): readonly AuditEvent[] {
    const held = [...this.#held.values()];
    this.#held.clear();
    return held;
  }

  #count(key: string, { action, subject, roles, rule, path, code, trace }: Refusal): void {
    const before = this.#held.get(key);
    if (before !== undefined) {
      this.#held.set(key, { ...before, count: before.count + 1 });
      return;
    }
    const event: AuditEvent = {
      ...{ at: this.#now(), action, subject, roles, trace, count: 1 },
      ...{ target: rule, result: 'refused', detail: path === '' ? { code } : { code, path } },
    };
    this.#held.set(key, event);
  }
}

function others(refusal: Refusal): Refusal {
  return { ...refusal, subject: OTHERS, roles: [], path: '' };
}

function keyOf({ action, subject, rule, path, code }: Refusal): string {
  return [action, rule, path, code, subject].join('\n');
}
