import { join } from 'node:path';
import { CorridorError } from '../errors.ts';
import { DRAFT_BYTES_MAX, DRAFT_DAYS, DRAFTS_MAX } from '../limits.ts';
import { EntryStores } from '../state/entry-store.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { Replica } from '../stream/replica.ts';
import { type DraftEntry, open, seal } from '../wire/envelope.ts';
import { type Draft, packDraft, unpackDraft } from './draft.ts';
import { awaitsEnd, awaitsReview } from './draft-life.ts';

export interface DraftBoardDeps {
  readonly conn: StreamConnection;
  readonly dataDir: string;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

interface Held {
  readonly id: string;
  readonly changedAt: number;
  readonly revision: number;
  /** Null: it was deleted. */
  readonly draft: Draft | null;
}

const DAY_MS = 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;
const NOTHING = new Uint8Array();
const AWAITED: readonly Draft['state'][] = ['in_review', 'approved', 'scheduled'];

/** Somebody still expects something of it, however old it is. */
function isAwaited(draft: Draft): boolean {
  return AWAITED.includes(draft.state) || awaitsReview(draft) || awaitsEnd(draft);
}

/** The drafts of the policy, as every node with a ledger keeps them. */
export class DraftBoard {
  readonly #deps: DraftBoardDeps;
  readonly #stores: EntryStores;
  #replica!: Replica<DraftEntry, Held>;
  #pruning: NodeJS.Timeout | undefined;

  private constructor(deps: DraftBoardDeps) {
    this.#deps = deps;
    this.#stores = new EntryStores(join(deps.dataDir, 'drafts'));
  }

  /** Resolves when everything that the stream holds is known. */
  static async start(deps: DraftBoardDeps): Promise<DraftBoard> {
    const board = new DraftBoard(deps);
    await board.#follow();
    return board;
  }

  async #follow(): Promise<void> {
    const { conn, onError, now } = this.#deps;
    this.#replica = await Replica.start<DraftEntry, Held>({
      ...{ conn, onError, stream: 'DRAFTS', filter: 'drafts.>', store: this.#stores.of('drafts') },
      subjectOf: ({ id }) => `drafts.${id}`,
      keyOf: ({ id }) => id,
      seal: (entry) => seal('drafts.changed', conn.name, now(), '', entry),
      open: (data) => readEntry(data),
      revisionOf: ({ revision }) => revision,
      held: ({ id, revision, changedAt, packed }) => {
        return { id, revision, changedAt, draft: packed.length === 0 ? null : unpackDraft(packed) };
      },
    });
    this.#pruning = setInterval(() => void this.prune().catch(onError), PRUNE_EVERY_MS);
    this.#pruning.unref();
  }

  /** The one changed last first. */
  list(): Draft[] {
    const drafts = this.#replica.all().map(({ draft }) => draft);
    return drafts.filter((draft) => draft !== null).sort((a, b) => b.changedAt - a.changedAt);
  }

  /** @throws CorridorError `not_found` */
  get(id: string): Draft {
    const draft = this.#replica.get(id)?.draft ?? null;
    if (draft === null) throw new CorridorError('not_found', 'There is no such draft');
    return draft;
  }

  /** @throws CorridorError `overloaded`, `body_too_large` */
  async create(draft: Draft): Promise<Draft> {
    const count = this.list().length;
    if (count >= DRAFTS_MAX) throw new CorridorError('overloaded', `There are ${DRAFTS_MAX} drafts at most`);
    await this.#replica.put(entryOf(draft));
    return draft;
  }

  /**
   * Changes a draft, here when this resolves, elsewhere within a moment. `next` may be asked again, about a draft that
   * was changed meanwhile.
   * @param revision That the change is meant for; null: whichever it has.
   * @throws CorridorError `not_found`, `changed_meanwhile`, `body_too_large`, what `next` throws.
   */
  async change(id: string, revision: number | null, next: (draft: Draft) => Draft): Promise<Draft> {
    for (;;) {
      const before = this.get(id);
      mustBeAt(before, revision);
      const after = next(before);
      if (after === before || (await this.#tryPut(entryOf(after)))) return after;
    }
  }

  async delete(id: string, revision: number | null, mayDelete: (draft: Draft) => void): Promise<void> {
    for (;;) {
      const draft = this.get(id);
      mustBeAt(draft, revision);
      mayDelete(draft);
      const entry = { id, revision: draft.revision + 1, changedAt: this.#deps.now(), packed: NOTHING };
      if (await this.#tryPut(entry)) return;
    }
  }

  /** False where somebody else was first, whose change is known by now. */
  async #tryPut(entry: DraftEntry): Promise<boolean> {
    try {
      await this.#replica.put(entry);
      return true;
    } catch (error) {
      if (!(error instanceof CorridorError && error.code === 'changed_meanwhile')) throw error;
      await this.#replica.caughtUp();
      return false;
    }
  }

  /** Forgets what ended long ago. Called every hour. */
  async prune(): Promise<void> {
    const before = this.#deps.now() - DRAFT_DAYS * DAY_MS;
    for (const { id, changedAt, draft } of this.#replica.all()) {
      if (changedAt < before && (draft === null || !isAwaited(draft))) await this.#replica.forget(id);
    }
  }

  caughtUp(): Promise<void> {
    return this.#replica.caughtUp();
  }

  async stop(): Promise<void> {
    clearInterval(this.#pruning);
    await this.#replica.stop();
    await this.#stores.close();
  }
}

/** Names who changed it since. */
function mustBeAt(draft: Draft, revision: number | null): void {
  if (revision === null || revision === draft.revision) return;
  const who = new Set(draft.steps.filter((step) => step.revision > revision).map(({ by }) => by));
  const detail = `${[...who].join(', ') || 'Somebody'} changed the draft meanwhile: it is at revision ${draft.revision}`;
  throw new CorridorError('changed_meanwhile', `${detail}, not ${revision}`);
}

function entryOf(draft: Draft): DraftEntry {
  const packed = packDraft(draft);
  if (packed.length > DRAFT_BYTES_MAX) {
    throw new CorridorError('body_too_large', `A draft may take ${DRAFT_BYTES_MAX} bytes packed, not ${packed.length}`);
  }
  return { id: draft.id, revision: draft.revision, changedAt: draft.changedAt, packed };
}

/** @throws where it is no entry of ours: then it is passed over. */
function readEntry(data: Uint8Array): DraftEntry {
  const { body } = open('drafts.changed', data);
  const isEntry = /^[a-z0-9]{1,40}$/.test(body.id) && body.packed instanceof Uint8Array;
  if (!isEntry || !Number.isSafeInteger(body.revision)) throw new Error('not a draft');
  if (body.packed.length > 0) unpackDraft(body.packed);
  return body;
}
