import { CorridorError } from '../errors.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import type { VersionSource } from '../wire/envelope.ts';
import { conflictOf } from './blame.ts';
import type { Checker } from './checker.ts';
import type { Changes, Claim, Draft, Publication } from './draft.ts';
import type { DraftBoard } from './draft-board.ts';
import * as life from './draft-life.ts';
import { changesBetween, digestOf, merge } from './merge.ts';
import { mustBeSound, troubleOf } from './problems.ts';
import { narrowed } from './scope.ts';
import type { PolicyVersions } from './version.ts';
import { changed, decideBy, endShare, isFrom, mustBundle, onActive } from './version-access.ts';

export interface PublisherDeps {
  readonly board: DraftBoard;
  readonly versions: PolicyVersions;
  readonly checker: Checker;
  /** Name of this node. */
  readonly node: string;
  readonly now: () => number;
}

type Brought = Omit<Publication, 'expiredAt' | 'at' | 'by'>;

/**
 * Makes drafts the policy, and takes them back. The draft is claimed first, so that one node does it, once; a node that
 * ends meanwhile leaves a claim behind, and `settle` sees what became of it.
 *
 *   claim ─► merge onto the active version ─► check ─► save ─► activate ─► the draft says so
 */
export class Publisher {
  readonly #deps: PublisherDeps;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  /**
   * @param how `emergency` passes over the approval; `activation` is what was scheduled.
   * @param revision That was looked at; null: whichever there is.
   * @throws CorridorError `wrong_state`, `changed_meanwhile` (conflicts), `invalid_policy`, `not_activated`; the draft
   * tells of it as well.
   */
  publish(
    id: string,
    how: Exclude<Claim['how'], 'expiry'>,
    by: string,
    reason: string,
    revision: number | null = null,
  ): Promise<Draft> {
    return this.#claimed(id, revision, how, by, async (draft) => {
      const brought = await this.#bringIn(draft, by, reason);
      return (each, doer) => life.published(each, brought, reason, doer);
    });
  }

  /** What the draft changed is as before it again; what was changed since by others stays. */
  expire(id: string, by: string): Promise<Draft> {
    return this.#claimed(id, null, 'expiry', by, async (draft) => {
      await this.#takeBack(draft, by);
      return (each, doer) => life.expired(each, doer);
    });
  }

  async #claimed(
    id: string,
    revision: number | null,
    how: Claim['how'],
    by: string,
    act: (draft: Draft) => Promise<(draft: Draft, doer: life.Doer) => Draft>,
  ): Promise<Draft> {
    const { board, node, now } = this.#deps;
    const doer = () => ({ by, at: now() });
    const { claim, ...draft } = await board.change(id, revision, (each) => life.claimed(each, how, node, doer()));
    // Comments may have come meanwhile; another node that settled the claim has the last word.
    const ended = (next: (each: Draft) => Draft) =>
      board.change(id, null, (each) => (isSame(each.claim, claim) ? next(each) : each));
    const done = await act({ ...draft, claim }).catch(async (error: unknown) => {
      const trouble = troubleOf(error);
      await ended((each) => (trouble === null ? life.released(each, doer()) : life.failed(each, trouble, doer())));
      throw error;
    });
    // The policy has changed: where the draft cannot say so now, its claim stays, and `settle` says it.
    return ended((each) => done(each, doer()));
  }

  #bringIn(draft: Draft, by: string, reason: string): Promise<Brought> {
    const { versions } = this.#deps;
    const { base, launch, claim } = draft;
    const source = claim?.how === 'emergency' ? 'emergency' : 'draft';
    return onActive(versions, async (active, parent) => {
      const merged = await this.#merged(await mustBundle(versions, base), draft.changes, active, base, parent);
      const changes = narrowed(merged, launch, active);
      const { percent } = launch;
      const version = await this.#decide(
        changed(active, changes),
        originOf(draft, source, parent, reason),
        by,
        percent,
      );
      const files = Object.fromEntries(Object.entries({ ...draft.changes, ...changes }).map(digested));
      return { version, parent, percent, files };
    });
  }

  #takeBack(draft: Draft, by: string): Promise<string> {
    const { versions } = this.#deps;
    const { publication } = draft;
    if (publication === null) throw new CorridorError('wrong_state', 'The draft is not published');
    const { version, parent } = publication;
    const reason = `the term of ${draft.title} has ended`;
    return onActive(versions, async (active, over) => {
      const challenger = versions.active()?.challenger ?? null;
      if (challenger !== null && isFrom(versions, challenger.version, version)) return endShare(versions, by, reason);
      const [brought, before] = [await mustBundle(versions, version), await mustBundle(versions, parent)];
      const changes = await this.#merged(brought, changesBetween(brought, before), active, version, over);
      return this.#decide(changed(active, changes), originOf(draft, 'draft', over, reason), by);
    });
  }

  /** @throws CorridorError `changed_meanwhile`, which names files, who changed them and when. */
  async #merged(
    base: PolicyBundle,
    changes: Changes,
    active: PolicyBundle,
    baseVersion: string,
    activeVersion: string,
  ): Promise<Changes> {
    const merged = merge(base, changes, active);
    if (merged.conflicts.length === 0) return merged.changes;
    throw await conflictOf(this.#deps.versions, merged.conflicts, baseVersion, activeVersion);
  }

  async #decide(
    bundle: PolicyBundle,
    origin: Parameters<typeof decideBy>[2],
    by: string,
    percent = 100,
  ): Promise<string> {
    mustBeSound(await this.#deps.checker.check(bundle));
    return decideBy(this.#deps.versions, bundle, origin, by, percent);
  }

  /** What became of a publication whose node went away: finished where the version is active, free again otherwise. */
  async settle(id: string): Promise<void> {
    const { board, versions, now } = this.#deps;
    await versions.caughtUp();
    await board.change(id, null, (draft) => {
      const { claim } = draft;
      if (claim === null || claim.until > now()) return draft;
      const doer = { by: claim.by, at: now() };
      const brought = claim.how === 'expiry' ? null : broughtBy(draft, versions);
      return brought === null ? life.released(draft, doer) : life.published(draft, brought, brought.reason, doer);
    });
  }
}

function isSame(one: Claim | null, other: Claim | null): boolean {
  return one !== null && one.node === other?.node && one.until === other.until;
}

function digested([file, text]: [string, string | null]): [string, string | null] {
  return [file, digestOf(text)];
}

function originOf(draft: Draft, source: VersionSource, parent: string, reason: string) {
  const approver = source === 'emergency' ? null : (draft.review?.by ?? null);
  return { source, parent, authors: draft.authors, approver, reason, draft: draft.id };
}

/** The version that this draft has become, where it has been activated. */
function broughtBy(draft: Draft, versions: PolicyVersions): (Brought & { readonly reason: string }) | null {
  const activated = new Set(
    versions.activations().flatMap(({ version, challenger }) => [version, challenger?.version]),
  );
  const found = versions.list().find((version) => version.draft === draft.id && activated.has(version.version));
  if (found === undefined || found.parent === null) return null;
  const files = Object.fromEntries(Object.entries(draft.changes).map(digested));
  return { version: found.version, parent: found.parent, percent: draft.launch.percent, files, reason: found.reason };
}
