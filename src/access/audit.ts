import { setImmediate as turn } from 'node:timers/promises';
import { AUDIT_COMMIT_PAUSE_MS, AUDIT_SCAN_MAX } from '../limits.ts';
import { countOf, DIGEST_BYTES } from '../state/chain.ts';
import { type ChainChange, ChainLog, type ChainOptions, type OpenChain, openChain } from '../state/chain-log.ts';
import { readCommit, readEntry } from '../state/chain-store.ts';
import type { HeadEntry } from '../wire/envelope.ts';
import { decodeEvent, encodeEvent } from './audit-codec.ts';
import type { AuditEvent, AuditPort } from './audit-event.ts';
import {
  type AuditStore,
  hourOf,
  openAuditStore,
  putHour,
  putTaken,
  readHour,
  readTaken,
  type Span,
  spanOf,
  type Taken,
  widened,
} from './audit-store.ts';

/** What a query looks for; times in epoch milliseconds, `from` included, `to` not. What is left out matches everything. */
export interface AuditFilter {
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
  /** The whole of it, or parts between its slashes: of a declaration `SUBMITTER/ID/VERSION`, `SUBMITTER/ID` or `ID`. */
  readonly target?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface NumberedEvent {
  /** Its place among all entries, from 1. */
  readonly number: number;
  readonly event: AuditEvent;
}

export interface CommittedEvent extends NumberedEvent {
  readonly commit: number;
  /** SHA-256 of its bytes, as the commit has it. */
  readonly hash: Uint8Array;
}

export interface AuditPage {
  /** The newest first. */
  readonly events: readonly NumberedEvent[];
  /** Where to go on; null where there is nothing more. */
  readonly before: number | null;
}

/** Who did, saw and was refused what: append-only, hash-chained, and on disk before anybody may count on it. */
export interface Audit extends AuditPort {
  /** Appends what a stream brought, together with how far that stream has been taken in: all of it or nothing. */
  take(stream: string, events: readonly AuditEvent[], taken: Taken): Promise<void>;
  /** Null where nothing of the stream has been taken in. */
  taken(stream: string): Taken | null;
  /** Looks at AUDIT_SCAN_MAX entries at most, from before this number on backwards. */
  query(filter: AuditFilter, before: number | null, limit: number): Promise<AuditPage>;
  /**
   * Events from one time to before another (epoch milliseconds), oldest first: those among each LOOK_SLICE entries
   * together, which may be none. Other work gets its turn where the caller lets it, between them.
   */
  entries(from?: number, to?: number): Iterable<readonly CommittedEvent[]>;
  head(): { readonly commit: number; readonly hash: Uint8Array };
  signedHead(): HeadEntry;
  fault(): Error | null;
  /** Commits what waits, then closes. */
  close(): Promise<void>;
}

/**
 * Opens the audit in `dir`, and creates it where there is none; its key is the ledger's.
 * @throws where another process holds it, or where its last commit is not the one that its head names.
 */
export function openAudit(dir: string, options: ChainOptions = {}): Audit {
  const openStore = (readOnly: boolean) => openAuditStore(dir, readOnly);
  return openChain(dir, 'audit', options, openStore, (opened) => new LmdbAudit(opened));
}

interface Change extends ChainChange {
  /** Of each entry. */
  readonly at: readonly number[];
  readonly taken: { readonly stream: string; readonly how: Taken } | null;
}

/** Entries looked at before other work gets its turn. */
export const LOOK_SLICE = 256;

class LmdbAudit implements Audit {
  readonly #store: AuditStore;
  readonly #log: ChainLog<Change>;

  constructor(opened: OpenChain<AuditStore>) {
    this.#store = opened.store;
    const put = (changes: readonly Change[], _head: unknown, first: number) => this.#putBeside(changes, first);
    this.#log = new ChainLog<Change>(opened, { put }, AUDIT_COMMIT_PAUSE_MS);
  }

  async append(...events: readonly AuditEvent[]): Promise<void> {
    await this.#add(events, null);
  }

  async take(stream: string, events: readonly AuditEvent[], taken: Taken): Promise<void> {
    await this.#add(events, { stream, how: taken });
  }

  taken(stream: string): Taken | null {
    return readTaken(this.#store, stream);
  }

  async query(filter: AuditFilter, before: number | null, limit: number): Promise<AuditPage> {
    const span = this.#span(filter.from, filter.to);
    const events: NumberedEvent[] = [];
    let number = Math.min(span.last, (before ?? Number.POSITIVE_INFINITY) - 1);
    for (let looked = 0; number >= span.first && looked < AUDIT_SCAN_MAX && events.length < limit; looked++) {
      if (looked % LOOK_SLICE === LOOK_SLICE - 1) await turn();
      const event = decodeEvent(readEntry(this.#store, number));
      if (matches(event, filter)) events.push({ number, event });
      number -= 1;
    }
    return { events, before: number < span.first ? null : number + 1 };
  }

  *entries(from?: number, to?: number): Iterable<readonly CommittedEvent[]> {
    let found: CommittedEvent[] = [];
    let looked = 0;
    for (const entry of this.#within(this.#span(from, to))) {
      if (matches(entry.event, { from, to })) found.push(entry);
      looked += 1;
      if (looked % LOOK_SLICE !== 0) continue;
      yield found;
      found = [];
    }
    yield found;
  }

  *#within({ first, last }: Span): Iterable<CommittedEvent> {
    for (let commit = this.#commitOf(first); first <= last && commit <= this.#log.head.number; commit++) {
      const { first: start, digests } = readCommit(this.#store, commit);
      if (start > last) return;
      for (let index = Math.max(0, first - start); index < countOf({ digests }); index++) {
        const number = start + index;
        const hash = digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
        yield { number, commit, hash, event: decodeEvent(readEntry(this.#store, number)) };
      }
    }
  }

  head(): { readonly commit: number; readonly hash: Uint8Array } {
    const { number, hash } = this.#log.head;
    return { commit: number, hash };
  }

  signedHead(): HeadEntry {
    return this.#log.signedHead();
  }

  fault(): Error | null {
    return this.#log.fault;
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  async #add(events: readonly AuditEvent[], taken: Change['taken']): Promise<void> {
    this.#log.mustAccept();
    const entries = events.map(encodeEvent);
    const bytes = entries.reduce((sum, { length }) => sum + length, 0);
    const change: Change = { entries, bytes, at: events.map(({ at }) => at), taken };
    await this.#log.add(null, () => change);
  }

  #putBeside(changes: readonly Change[], first: number): void {
    const hours = new Map<number, Span>();
    let number = first;
    for (const { at, taken } of changes) {
      for (const time of at) {
        const hour = hourOf(time);
        hours.set(hour, widened(hours.get(hour) ?? readHour(this.#store, hour), { first: number, last: number }));
        number += 1;
      }
      if (taken !== null) putTaken(this.#store, taken.stream, taken.how);
    }
    for (const [hour, span] of hours) putHour(this.#store, hour, span);
  }

  /** Numbers among which every entry of this time is; an empty span where there is none. */
  #span(from = 0, to = Number.MAX_SAFE_INTEGER): Span {
    const all = { first: 1, last: this.#log.head.next - 1 };
    if (from === 0 && to === Number.MAX_SAFE_INTEGER) return all;
    return spanOf(this.#store, from, to) ?? { first: 1, last: 0 };
  }

  /** The commit that holds this entry; one past the last where none does. */
  #commitOf(number: number): number {
    let low = 1;
    let high = this.#log.head.number + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const { first, digests } = readCommit(this.#store, middle);
      if (first + countOf({ digests }) <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function matches(event: AuditEvent, { subject, action, target, from, to }: AuditFilter): boolean {
  return (
    (subject === undefined || event.subject === subject) &&
    (action === undefined || event.action === action) &&
    (target === undefined || concerns(event, target)) &&
    (from === undefined || event.at >= from) &&
    (to === undefined || event.at < to)
  );
}

/** Who is refused asks by a path, where an id stands encoded. */
function concerns({ target, detail: { path = '' } }: AuditEvent, wanted: string): boolean {
  if (target === wanted || `/${target}/`.includes(`/${wanted}/`)) return true;
  return path !== '' && [wanted, encodeURIComponent(wanted)].some((part) => `${path}/`.includes(`/${part}/`));
}
