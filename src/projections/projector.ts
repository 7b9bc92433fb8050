import { decodeStatus, encodeCursor, encodeStatus, type KnownVersion, readCursor } from '../state/models.ts';
import type { ModelsStore } from '../state/models-store.ts';
import type { StreamPosition } from '../state/position.ts';
import type { DecisionEntry, PartyChange } from '../wire/envelope.ts';
import { contributionOf, encodeContribution } from './contribution.ts';
import { Effects, type Stored } from './effects.ts';
import { applyParties, type PartiesTold } from './parties.ts';
import { Retention } from './retention.ts';

export type ProjectedStream = 'DECISIONS' | 'PARTIES';

/** One message of a stream: its place, and what it says. */
export interface ProjectedMessage<T> {
  readonly sequence: number;
  readonly created: string;
  readonly storedAt?: string | undefined;
  readonly entries: readonly T[];
}

export type PartiesMessage = ProjectedMessage<PartyChange> & PartiesTold;

/**
 * Applies streams to the read models, one transaction per call, position included: after a crash it goes on exactly
 * where it was. What it makes depends on the messages alone, not on where batches end.
 */
export interface Projector {
  decisions(messages: readonly ProjectedMessage<DecisionEntry>[]): void;
  parties(messages: readonly PartiesMessage[]): void;
  /** Entries of a ledger: they outrank those of the stream like entries that it restored, and move no position. */
  kept(entries: readonly DecisionEntry[]): void;
  /** The stream was created anew or lost its end: it comes again from its first message. The models stay. */
  reset(stream: ProjectedStream): void;
  position(stream: ProjectedStream): StreamPosition | null;
}

type OnUnreadable = (sequence: number, error: unknown) => void;

/** @param onUnreadable Told of an entry whose record cannot be read; its status is kept, it adds to no statistics. */
export function createProjector(store: ModelsStore, onUnreadable: OnUnreadable = () => undefined): Projector {
  const decisions = new Decisions(store, onUnreadable);
  return {
    decisions: (messages) =>
      decisions.orForget(() =>
        apply(store, 'DECISIONS', messages, (fresh, epoch) => {
          decisions.apply(fresh, epoch);
        }),
      ),
    kept: (entries) => {
      const { epoch } = readCursor(store, 'DECISIONS');
      const restored = entries.map((entry) => ({ ...entry, restored: true }));
      decisions.orForget(() =>
        store.root.transactionSync(() => decisions.apply([{ sequence: 0, entries: restored }], epoch)),
      );
    },
    parties: (messages) =>
      apply(store, 'PARTIES', messages, (fresh) => {
        for (const message of fresh) applyParties(store, message);
      }),
    reset: (stream) => {
      const { epoch } = readCursor(store, stream);
      store.root.transactionSync(() => putCursor(store, stream, null, epoch + 1));
    },
    position: (stream) => readCursor(store, stream).position,
  };
}

/** Leaves out what was applied before; a message of another stream under the same name begins a new epoch. */
function apply<T extends ProjectedMessage<unknown>>(
  store: ModelsStore,
  stream: ProjectedStream,
  messages: readonly T[],
  change: (fresh: readonly T[], epoch: number) => void,
): void {
  const last = messages.at(-1);
  if (last === undefined) return;
  store.root.transactionSync(() => {
    const { position, epoch: epochBefore } = readCursor(store, stream);
    const sameStream = position === null || position.created === last.created;
    const epoch = sameStream ? epochBefore : epochBefore + 1;
    const after = position !== null && sameStream ? position.sequence : 0;
    const fresh = messages.filter(({ sequence }) => sequence > after);
    if (fresh.length === 0) return;
    change(fresh, epoch);
    putCursor(store, stream, last, epoch);
  });
}

function putCursor(store: ModelsStore, stream: ProjectedStream, position: StreamPosition | null, epoch: number): void {
  store.meta.put(`position:${stream}`, encodeCursor({ position, epoch }));
}

/** Applies decisions within a transaction of its caller. */
class Decisions {
  readonly #store: ModelsStore;
  readonly #onUnreadable: OnUnreadable;
  readonly #effects: Effects;
  readonly #retention: Retention;

  constructor(store: ModelsStore, onUnreadable: OnUnreadable) {
    this.#store = store;
    this.#onUnreadable = onUnreadable;
    this.#effects = new Effects(store);
    this.#retention = new Retention(store, this.#effects);
  }

  apply(messages: readonly Pick<ProjectedMessage<DecisionEntry>, 'sequence' | 'entries'>[], epoch: number): void {
    for (const { sequence, entries } of messages) {
      for (const entry of entries) this.#applyOne(entry, sequence, epoch);
    }
    this.#effects.flush();
    this.#retention.flush();
  }

  /** Runs a transaction; where it fails, its commit included, nothing that it made is kept in memory either. */
  orForget(transaction: () => void): void {
    try {
      transaction();
    } catch (error) {
      this.#effects.clear();
      this.#retention.clear();
      throw error;
    }
  }

  #applyOne(entry: DecisionEntry, sequence: number, epoch: number): void {
    const key = `${entry.submitter}\n${entry.id}`;
    const row = this.#store.status.get(key);
    const known = row === undefined ? [] : decodeStatus(row);
    const existing = known.find(({ version }) => version.version === entry.version);
    if (existing !== undefined && !outranks(entry, epoch, existing)) return;

    const fresh = entry.outcome === 'decided' ? this.#readable(entry, sequence) : null;
    const versions = withVersion(known, entry, fresh, sequence, epoch);
    this.#store.status.put(key, encodeStatus(versions));
    this.#effects.replace(this.#effects.of(entry, known), this.#effects.of(entry, versions, fresh));
    this.#retention.applied(entry);
  }

  #readable(entry: DecisionEntry, sequence: number): Stored | null {
    try {
      const contribution = contributionOf(entry);
      return { contribution, bytes: encodeContribution(contribution) };
    } catch (error) {
      this.#onUnreadable(sequence, error);
      return null;
    }
  }
}

/**
 * The first entry per identity wins. One that a ledger restored outranks one that it did not; and of a stream that
 * began anew, what it holds now outranks what it has lost, unless a ledger had restored that.
 */
function outranks(entry: DecisionEntry, epoch: number, existing: KnownVersion): boolean {
  if (entry.restored !== existing.version.restored) return entry.restored;
  return epoch > existing.epoch;
}

function withVersion(
  known: readonly KnownVersion[],
  { version, outcome, receivedAt, restored }: DecisionEntry,
  fresh: Stored | null,
  sequence: number,
  epoch: number,
): KnownVersion[] {
  const added: KnownVersion = {
    version: {
      version,
      outcome,
      corridor: fresh?.contribution.corridor ?? null,
      receivedAt,
      decidedAt: fresh?.contribution.decidedAt ?? null,
      office: fresh?.contribution.office ?? null,
      restored,
      sequence,
    },
    epoch,
    contribution: fresh?.bytes ?? null,
  };
  return [...known.filter((other) => other.version.version !== version), added].sort(
    (a, b) => a.version.version - b.version.version,
  );
}
