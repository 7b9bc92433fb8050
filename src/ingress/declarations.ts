import { createHash, hash as digest } from 'node:crypto';
import { isReleased } from '../core/corridor.ts';
import { type Declaration, traderIndex } from '../core/declaration.ts';
import type { InheritedFacts, PreviousFacts } from '../core/facts.ts';
import { CorridorError } from '../errors.ts';
import { DECISION_DEADLINE_MS, IN_FLIGHT_BYTES_MAX, IN_FLIGHT_MAX, PENDING_MAX, VERSION_MAX } from '../limits.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Ledger, LedgerEntry } from '../state/ledger.ts';
import type { DeclarationPublisher } from '../stream/declarations.ts';
import type { DecisionEntry, DeclarationEntry } from '../wire/envelope.ts';
import { type Identity, identityKey } from '../wire/identity.ts';
import { Gate } from './gate.ts';
import type { Known, KnownVersion } from './known.ts';
import type { Flight, Replies } from './replies.ts';
import type { Stages } from './stages.ts';
import { type Accepted, acceptDeclaration, acceptWithdrawal, mustNameParty } from './validate.ts';
import { type Answer, mustMatch, same, Waiting } from './waiting.ts';

/** One request, or one line of a batch. */
export interface Submission {
  readonly submitter: string;
  /** It is a trader that submits for itself: one of the declaration's parties, or nobody could vouch for those. */
  readonly isTrader: boolean;
  /** What the client sent, parsed, and how many bytes that was. */
  readonly value: unknown;
  readonly bytes: number;
  readonly trace: string;
  /**
   * Waits for room instead of being turned away, and longer for its decision: for a batch, which leaves the rest of
   * its body in the socket.
   */
  readonly patient: boolean;
  /** Told, while it is decided, what is about to be answered; nothing is answered before it has resolved. */
  readonly disclose?: (identity: Identity) => Promise<void>;
}

export interface DeclarationsDeps {
  readonly ledger: Pick<Ledger, 'get' | 'keepPending' | 'fault' | 'past'>;
  readonly known: Known;
  readonly publisher: Pick<DeclarationPublisher, 'submit' | 'decided'>;
  /** Publishes what no engine decides: withdrawals. Resolves with its place in DECISIONS. */
  readonly publishDecision: (entry: DecisionEntry, msgId: string) => Promise<{ readonly sequence: number }>;
  /** Resolves when the read models have applied DECISIONS up to here, or soon after they have not. */
  readonly projected: (sequence: number) => Promise<void>;
  readonly replies: Replies;
  readonly metrics: Metrics;
  readonly deadlineMs?: number;
  readonly now?: () => number;
}

/**
 * The way of a declaration through the ingress:
 *   receive → known already? → versions in order → join and publish → match → keep → answer
 */
export class Declarations {
  /** What is inside at once, requests of batches included. */
  readonly gate = new Gate(IN_FLIGHT_MAX, IN_FLIGHT_BYTES_MAX);
  private readonly deps: DeclarationsDeps;
  private readonly waiting: Waiting;
  private readonly now: () => number;
  /** Cleared while nothing can be accepted: the service starts, repairs or stops. */
  accepting = false;

  constructor(deps: DeclarationsDeps) {
    this.deps = deps;
    this.waiting = new Waiting(deps.replies, deps.ledger, deps.deadlineMs ?? DECISION_DEADLINE_MS);
    this.now = deps.now ?? Date.now;
    const { metrics } = deps;
    metrics.inFlight.set(0);
  }

  /** @throws CorridorError */
  async submit(submission: Submission, stages: Stages): Promise<Answer> {
    const { submitter, bytes, patient, disclose } = submission;
    const accepted = this.receive(submission, stages);
    await this.enter(bytes, patient);
    try {
      const { id, version } = accepted.declaration;
      const disclosed = disclose?.({ submitter, id, version });
      const [answer] = await Promise.all([this.decide(submission, accepted, stages), disclosed]);
      return answer;
    } finally {
      this.leave(bytes);
    }
  }

  private receive({ value, submitter, isTrader }: Submission, stages: Stages): Accepted {
    const startedMs = performance.now();
    const accepted = acceptDeclaration(value);
    if (isTrader) mustNameParty(accepted.declaration, submitter);
    const ms = performance.now() - startedMs;
    stages.add('receive', ms);
    this.deps.metrics.stageSeconds.observe({ stage: 'receive' }, ms / 1000);
    return accepted;
  }

  private async enter(bytes: number, patient: boolean): Promise<void> {
    if (patient) await this.gate.enter(bytes);
    else this.gate.mustEnter(bytes, 'declarations');
    this.observeGate();
  }

  private leave(bytes: number): void {
    this.gate.leave(bytes);
    this.observeGate();
  }

  private observeGate(): void {
    this.deps.metrics.inFlight.set(this.gate.count);
    this.deps.metrics.inFlightBytes.set(this.gate.bytes);
  }

  private async decide({ submitter, trace, patient }: Submission, accepted: Accepted, stages: Stages): Promise<Answer> {
    const { declaration, bytes } = accepted;
    const identity = { submitter, id: declaration.id, version: declaration.version };
    const hash = digest('sha256', bytes, 'buffer');

    const known = this.knownAlready(identity, hash);
    if (known !== null)
      return 'outcome' in known ? { kind: 'kept', entry: known } : this.waiting.outcome(known, stages, patient);
    this.mustAccept();
    const elsewhere = this.deps.known.elsewhere(identity);
    if (elsewhere !== null) {
      return { kind: 'kept', entry: mustMatch(await this.decidedElsewhere(identity, elsewhere), hash) };
    }

    const receivedAt = this.now();
    const previous = this.previousOf(identity);
    const inherited = this.inheritedBy(declaration, receivedAt);
    const entry: DeclarationEntry = { ...identity, trace, receivedAt, hash, declaration: bytes, previous, inherited };
    return this.waiting.outcome(this.publish(entry), stages, patient);
  }

  /**
   * A decision that stands, or one under way that can be joined; null where the identity is new.
   * @throws CorridorError `identity_conflict` where it was used for something else.
   */
  private knownAlready(identity: Identity, hash: Uint8Array): LedgerEntry | Flight | null {
    const { ledger, replies } = this.deps;
    const kept = ledger.get(identity);
    if (kept !== null) return mustMatch(kept, hash);
    if (ledger.past.includes(identity)) throw new CorridorError('version_stale', 'Its decision has left the ledger');
    const key = identityKey(identity);
    const flight = replies.flight(key);
    if (flight !== undefined) return mustMatch(flight, hash);
    const pending = replies.pendingHash(key);
    if (pending === undefined) return null;
    mustMatch({ hash: pending }, hash);
    const again = replies.open(identity, hash, null);
    again.acknowledged = true;
    return again;
  }

  /** A decision made at another ingress. @throws CorridorError where it cannot be had any more. */
  private async decidedElsewhere(identity: Identity, sequence: number): Promise<LedgerEntry> {
    const entry = await this.deps.known.fetch(identity, sequence);
    if (entry !== null) return entry;
    throw new CorridorError('version_stale', 'It was decided at another ingress, whose answer is no longer at hand');
  }

  private mustAccept(): void {
    if (this.deps.ledger.fault() !== null) throw new CorridorError('not_ready', 'Decisions cannot be kept');
    if (!this.accepting) throw new CorridorError('not_ready', 'The service starts, repairs itself or stops');
    if (this.deps.replies.pendingCount >= PENDING_MAX) {
      throw new CorridorError('overloaded', 'Too many declarations wait for their decision');
    }
  }

  /**
   * The decision on the version before, for an amendment.
   * @throws CorridorError where the versions do not follow one another.
   */
  private previousOf({ submitter, id, version }: Identity): PreviousFacts | null {
    const versions = this.deps.known.versions(submitter, id);
    const last = versions.at(-1) ?? null;
    if (last?.outcome === 'withdrawn') throw new CorridorError('withdrawn', `Version ${last.version} withdrew it`);
    if (last === null && this.deps.ledger.past.version(submitter, id) > 0) {
      throw new CorridorError('version_stale', 'It was decided so long ago that its decision is no longer at hand');
    }
    const latest = last?.version ?? 0;
    if (version <= latest) throw new CorridorError('version_stale', `Version ${latest} is known already`);
    if (version > latest + 1) throw this.missing({ submitter, id, version: version - 1 }, latest);
    return last === null ? null : { version: last.version, corridor: heldCorridor(versions) };
  }

  private missing(before: Identity, latest: number): CorridorError {
    const key = identityKey(before);
    const underWay = this.deps.replies.flight(key) !== undefined || this.deps.replies.pendingHash(key) !== undefined;
    if (underWay) return new CorridorError('previous_version_pending', `Version ${before.version} is not decided yet`);
    const next = latest + 1;
    return new CorridorError('version_gap', `The next version is ${next}`, {
      faults: [{ pointer: '/version', message: `must be ${next}` }],
    });
  }

  private inheritedBy(declaration: Declaration, receivedAt: number): InheritedFacts | null {
    const trader = declaration.parties[traderIndex(declaration)];
    if (trader === undefined) return null;
    const hs6 = new Set(declaration.items.map(({ hsCode }) => hsCode.slice(0, 6)));
    return this.deps.known.withdrawnLike(trader.id, [...hs6], receivedAt);
  }

  private publish(entry: DeclarationEntry): Flight {
    const { replies, publisher, metrics } = this.deps;
    const { submitter, id, version } = entry;
    const flight = replies.open({ submitter, id, version }, entry.hash, entry);
    flight.onSeen = () => publisher.decided(entry);
    flight.published = publisher.submit(entry).then(
      () => {
        flight.acknowledged = true;
        flight.acknowledgedMs = performance.now();
        metrics.stageSeconds.observe({ stage: 'publish' }, (flight.acknowledgedMs - flight.openedMs) / 1000);
      },
      (error: unknown) => {
        metrics.stageErrors.inc({ stage: 'publish' });
        flight.reject(error);
      },
    );
    return flight;
  }

  /** @throws CorridorError */
  async withdraw(submitter: string, id: string, value: unknown, trace: string, stages: Stages): Promise<Answer> {
    const { reason } = acceptWithdrawal(value);
    const record = Buffer.from(reason, 'utf8');
    const hash = createHash('sha256').update(record).digest();
    const versions = this.deps.known.versions(submitter, id);
    const last = versions.at(-1) ?? null;
    const done = await this.withdrawnAlready(submitter, id, last, hash);
    if (done !== null) return { kind: 'kept', entry: done };
    const identity = { submitter, id, version: (last?.version ?? 0) + 1 };
    this.mustBeWithdrawable(identity, versions);
    this.mustAccept();

    const joined = this.deps.replies.flight(identityKey(identity));
    const flight = joined ?? this.deps.replies.open(identity, hash, null);
    mustMatch(flight, hash);
    if (joined === undefined) {
      const entry: DecisionEntry = {
        ...identity,
        trace,
        outcome: 'withdrawn',
        receivedAt: this.now(),
        hash,
        record,
        restored: false,
      };
      this.publishWithdrawal(flight, entry);
    }
    const answer = await this.waiting.outcome(flight, stages, false);
    // Who reads this answer and sends like goods under another id finds them remembered.
    await flight.published;
    await this.deps.projected(flight.sequence);
    return answer;
  }

  private async withdrawnAlready(
    submitter: string,
    id: string,
    last: KnownVersion | null,
    hash: Uint8Array,
  ): Promise<LedgerEntry | null> {
    if (last?.outcome !== 'withdrawn') return null;
    const identity = { submitter, id, version: last.version };
    const kept = await this.find(identity);
    if (kept !== null && same(kept.hash, hash)) return kept;
    throw new CorridorError('withdrawn', `Version ${last.version} withdrew it, for another reason`);
  }

  /** The kept entry of one identity, decided here or elsewhere; null where there is none. */
  async find(identity: Identity): Promise<LedgerEntry | null> {
    const kept = this.deps.ledger.get(identity);
    if (kept !== null) return kept;
    const sequence = this.deps.known.elsewhere(identity);
    return sequence === null ? null : this.deps.known.fetch(identity, sequence);
  }

  private mustBeWithdrawable(next: Identity, versions: readonly KnownVersion[]): void {
    const { replies } = this.deps;
    const key = identityKey(next);
    const last = versions.at(-1) ?? null;
    const amendment = replies.flight(key);
    if ((amendment?.entry ?? null) !== null || replies.pendingHash(key) !== undefined) {
      throw new CorridorError('previous_version_pending', `Version ${next.version} is not decided yet`);
    }
    if (last === null) throw new CorridorError('not_found', 'No declaration of this submitter has this id');
    if (next.version > VERSION_MAX) throw new CorridorError('version_gap', `There are ${VERSION_MAX} versions at most`);
    if (last.outcome === 'decided' && isReleased(last.corridor ?? 'red')) {
      throw new CorridorError('already_released', `Version ${last.version} was released`);
    }
  }

  private publishWithdrawal(flight: Flight, entry: DecisionEntry): void {
    const msgId = `W${createHash('sha256').update(flight.key).update(entry.hash).digest('base64url')}`;
    flight.published = this.deps.publishDecision(entry, msgId).then(
      ({ sequence }) => {
        flight.acknowledged = true;
        flight.acknowledgedMs = performance.now();
        flight.sequence = sequence;
      },
      (error: unknown) => flight.reject(error),
    );
  }
}

/**
 * The control that an amendment cannot lighten: that of the last decided version. One that was set aside has no
 * corridor of its own; it counts as a documentary check, for an official has to look at it.
 */
function heldCorridor(versions: readonly KnownVersion[]): PreviousFacts['corridor'] {
  const last = versions.at(-1);
  if (last?.outcome === 'decided' && last.corridor !== null) return last.corridor;
  const decided = versions.findLast(({ outcome, corridor }) => outcome === 'decided' && corridor !== null);
  return decided?.corridor === 'red' ? 'red' : 'yellow';
}
