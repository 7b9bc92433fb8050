import { CorridorError } from '../errors.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Ledger, LedgerEntry } from '../state/ledger.ts';
import type { TailMessage } from '../stream/tail.ts';
import { type DecisionEntry, type DeclarationEntry, open } from '../wire/envelope.ts';
import { type Identity, identityKey } from '../wire/identity.ts';

/**
 * Matches decisions to the requests that wait for them.
 *
 *   declarations.ts ── open ──► Flight ◄── settle ◄── onDecisions ◄── tail of DECISIONS, every ingress's, in order
 *         ▲                                   │
 *         └────────── settled ◄── kept ◄── ledger.append (synced)
 *
 * Stream order makes the first entry per identity the winner, the same at every ingress. Winners on our own subject
 * are kept in the ledger even where nobody waits (answered with 202, or the service was down).
 */

/** One identity on its way to its decision. Requests for the same identity and content share it. */
export class Flight {
  readonly identity: Identity;
  readonly key: string;
  readonly hash: Uint8Array;
  /** As published; null for a withdrawal, and for one that waits again after 202. */
  readonly entry: DeclarationEntry | null;
  /** Resolves with the entry as the ledger has it. */
  readonly settled: Promise<LedgerEntry>;
  /** The broker has it: it will be decided, sooner or later. */
  acknowledged = false;
  /** Its winner is being written to the ledger. */
  keeping = false;
  /** Resolves when the broker has taken it or it is known that it will not; never rejects. */
  published: Promise<void> = Promise.resolve();
  /** Its place in DECISIONS, where we published it there ourselves. */
  sequence = 0;
  openedMs = performance.now();
  acknowledgedMs = 0;
  seenMs = 0;
  keptMs = 0;
  /** Called when its decision has come, before that is kept. */
  onSeen: () => void = () => undefined;
  resolve: (entry: LedgerEntry) => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  constructor(identity: Identity, hash: Uint8Array, entry: DeclarationEntry | null) {
    this.identity = identity;
    this.key = identityKey(identity);
    this.hash = hash;
    this.entry = entry;
    this.settled = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits hears of it; that nobody does must not end the process.
    this.settled.catch(() => undefined);
  }
}

export interface RepliesDeps {
  readonly ingress: string;
  readonly ledger: Pick<Ledger, 'append' | 'get' | 'numberOf' | 'setPosition' | 'pending' | 'fault'>;
  /** Entry of this identity in the DECISIONS message at this sequence, while the stream has it. */
  readonly fetchDecision: (sequence: number, identity: Identity) => Promise<DecisionEntry | null>;
  /** Told of every message of DECISIONS in order, some of them again; of all ingresses. */
  readonly seen: DecisionsListener | null;
  readonly metrics: Pick<Metrics, 'stageSeconds' | 'stageErrors' | 'pending'>;
  readonly log: Logger;
}

/** What the tail brings, and when the broker stored it (nanoseconds since 1970, 19 digits). */
export type DecisionsListener = (entries: readonly DecisionEntry[], storedAt: string) => void;

/** What the tail has shown, for the comparison of ledger and stream. */
export type SeenListener = (entry: DecisionEntry) => void;

/** Identities decided on other ingresses' subjects that are remembered: the read model knows the older ones. */
const FOREIGN_MAX = 100_000;
/** Appends under way beyond which the tail waits. */
const APPENDS_MAX = 2048;

interface ForeignWinner {
  readonly sequence: number;
  readonly created: string;
}

export class Replies {
  private readonly deps: RepliesDeps;
  private readonly subject: string;
  private readonly flights = new Map<string, Flight>();
  /** Identities answered with 202: key → hash. */
  private readonly pendings = new Map<string, Uint8Array>();
  private readonly foreign = new Map<string, ForeignWinner>();
  private appends = 0;
  /** Set while ledger and stream are being compared. */
  seenListener: SeenListener | null = null;

  constructor(deps: RepliesDeps) {
    this.deps = deps;
    this.subject = `decisions.${deps.ingress}`;
    for (const entry of deps.ledger.pending()) this.pendings.set(identityKey(entry), entry.hash);
    deps.metrics.pending.set(this.pendings.size);
  }

  open(identity: Identity, hash: Uint8Array, entry: DeclarationEntry | null): Flight {
    const flight = new Flight(identity, hash, entry);
    this.flights.set(flight.key, flight);
    return flight;
  }

  close(flight: Flight): void {
    if (this.flights.get(flight.key) === flight) this.flights.delete(flight.key);
  }

  flight(key: string): Flight | undefined {
    return this.flights.get(key);
  }

  /** Hash of a declaration that was answered with 202 and is not decided yet. */
  pendingHash(key: string): Uint8Array | undefined {
    return this.pendings.get(key);
  }

  get pendingCount(): number {
    return this.pendings.size;
  }

  addPending(flight: Flight): void {
    this.pendings.set(flight.key, flight.hash);
    this.deps.metrics.pending.set(this.pendings.size);
  }

  removePending(key: string): void {
    if (this.pendings.delete(key)) this.deps.metrics.pending.set(this.pendings.size);
  }

  /** Declarations the broker has acknowledged and that are not decided. */
  *acknowledged(): Iterable<DeclarationEntry> {
    for (const { acknowledged, entry } of this.flights.values()) if (acknowledged && entry !== null) yield entry;
  }

  /** Whether another ingress's decision on this identity has been seen lately; its place in DECISIONS. */
  decidedElsewhere(key: string): number | null {
    return this.foreign.get(key)?.sequence ?? null;
  }

  /** Takes a group of messages of DECISIONS; waits only where too many appends are under way. */
  async onDecisions(messages: readonly TailMessage[]): Promise<void> {
    const kept: Promise<void>[] = [];
    for (const message of messages) {
      const own = message.subject === this.subject;
      const entries = this.read(message);
      this.deps.seen?.(entries, message.storedAt);
      for (const entry of entries) {
        const winner = this.earlierWinner(entry, own, message);
        if (winner === null) kept.push(this.settle(entry, own));
        else await this.settleForeign(entry, winner);
        this.seenListener?.(entry);
      }
      // Everything up to here has been handed to the ledger.
      const { created, sequence, storedAt } = message;
      this.deps.ledger.setPosition({ created, sequence, storedAt });
    }
    if (this.appends > APPENDS_MAX) await Promise.all(kept);
  }

  /** A message that nobody can read harms only itself. */
  private read({ sequence, data }: TailMessage): readonly DecisionEntry[] {
    try {
      return open('decisions.made', data).body;
    } catch (error) {
      this.deps.log.error({ stream: 'DECISIONS', sequence, error: String(error) }, 'unreadable message passed over');
      return [];
    }
  }

  /** Another ingress's decision that came first, where this one has not been kept and outranks nothing. */
  private earlierWinner(entry: DecisionEntry, own: boolean, { created, sequence }: TailMessage): ForeignWinner | null {
    const key = identityKey(entry);
    const before = this.foreign.get(key);
    if (!own) {
      if (before === undefined) this.noteForeign(key, { created, sequence });
      return null;
    }
    if (before === undefined || entry.restored) return null;
    const first = before.created === created && before.sequence < sequence;
    return first && this.deps.ledger.numberOf(entry) === null ? before : null;
  }

  private noteForeign(key: string, winner: ForeignWinner): void {
    this.foreign.set(key, winner);
    if (this.foreign.size <= FOREIGN_MAX) return;
    for (const oldest of this.foreign.keys()) {
      this.foreign.delete(oldest);
      break;
    }
  }

  private async settleForeign(entry: DecisionEntry, winner: ForeignWinner): Promise<void> {
    const first = await this.deps.fetchDecision(winner.sequence, entry);
    await this.keep(first ?? entry, this.flights.get(identityKey(entry)));
  }

  /** A winner on our subject, or one that somebody here waits for, goes to the ledger; then it is answered. */
  private settle(entry: DecisionEntry, own: boolean): Promise<void> {
    const flight = this.flights.get(identityKey(entry));
    if (!own && flight === undefined) return Promise.resolve();
    return this.keep(entry, flight);
  }

  private async keep(entry: DecisionEntry, flight: Flight | undefined): Promise<void> {
    const { ledger, metrics, log } = this.deps;
    const { submitter, id, version, outcome, receivedAt, hash, record } = entry;
    const identity = { submitter, id, version };
    const seenMs = performance.now();
    if (flight !== undefined) {
      flight.keeping = true;
      flight.seenMs = seenMs;
      flight.onSeen();
    }
    this.appends += 1;
    try {
      const kept = await ledger.append({ identity, outcome, receivedAt, hash, record });
      this.removePending(identityKey(identity));
      if (flight === undefined) return;
      flight.keptMs = performance.now();
      metrics.stageSeconds.observe({ stage: 'ledger' }, (flight.keptMs - seenMs) / 1000);
      // What the ledger has, which is the first that it was given, is what is answered.
      if (kept === null) flight.reject(new CorridorError('version_stale', 'Its decision has left the ledger'));
      else flight.resolve(kept);
    } catch (error) {
      log.error({ trace: entry.trace, error: String(error) }, 'a decision could not be kept');
      metrics.stageErrors.inc({ stage: 'ledger' });
      flight?.reject(error);
    } finally {
      this.appends -= 1;
    }
  }
}
