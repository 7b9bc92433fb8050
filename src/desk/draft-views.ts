import { isoOf } from '../ingress/views.ts';
import type { Draft, Launch, Publication, Review } from '../policies/draft.ts';
import { awaitsReview } from '../policies/draft-life.ts';
import { digestOf, merge, textOf } from '../policies/merge.ts';
import type { PolicyVersions } from '../policies/version.ts';
import { mustBundle } from '../policies/version-access.ts';
import type { Saved } from '../policies/workflow.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';

const timeOf = (at: number | null) => (at === null ? null : isoOf(at));

/** What is shown of a draft in a list. */
export function briefOf(draft: Draft, inForce: readonly PolicyBundle[]): object {
  const { id, title, reason, base, revision, authors, createdAt, createdBy, changedAt, submittedAt } = draft;
  const { review, launch, schedule, emergency, claim, publication, trouble, changes, steps, comments } = draft;
  return {
    ...{ id, title, reason, base, revision, authors, createdBy },
    state: stateOf(draft, inForce),
    createdAt: isoOf(createdAt),
    changedAt: isoOf(changedAt),
    changedBy: steps.at(-1)?.by ?? createdBy,
    files: Object.keys(changes).sort(),
    comments: comments.length,
    submittedAt: timeOf(submittedAt),
    review: review === null ? null : reviewView(review),
    launch: launchView(launch),
    schedule:
      schedule === null
        ? null
        : { activateAt: isoOf(schedule.activateAt), expireAt: timeOf(schedule.expireAt), by: schedule.by },
    emergency:
      emergency === null
        ? null
        : {
            by: emergency.by,
            at: isoOf(emergency.at),
            reason: emergency.reason,
            review: emergency.review === null ? null : reviewView(emergency.review),
          },
    awaitsReview: awaitsReview(draft),
    /** Version to go back to, where an emergency was rejected afterwards. */
    proposedRollback: emergency?.review?.decision === 'rejected' ? (publication?.parent ?? null) : null,
    publishing: claim === null ? null : { by: claim.by, how: claim.how },
    publication: publication === null ? null : publicationView(publication),
    trouble: trouble === null ? null : { at: isoOf(trouble.at), text: trouble.text },
  };
}

function reviewView({ by, at, decision, comment }: Review): object {
  return { by, at: isoOf(at), decision, comment };
}

function launchView({ activateAt, expireAt, ...launch }: Launch): object {
  return { activateAt: timeOf(activateAt), expireAt: timeOf(expireAt), ...launch };
}

function publicationView({ version, parent, at, by, percent, expiredAt }: Publication): object {
  return { version, parent, at: isoOf(at), by, percent, expiredAt: timeOf(expiredAt) };
}

/** `retired`: published, and the policy is no longer as it says. */
function stateOf({ state, publication }: Draft, inForce: readonly PolicyBundle[]): string {
  if (state !== 'active' || publication === null || inForce.length === 0) return state;
  const { files, expiredAt } = publication;
  if (expiredAt !== null) return 'retired';
  const said = Object.entries(files);
  const isSo = inForce.some((bundle) => said.every(([file, digest]) => digestOf(textOf(bundle, file)) === digest));
  return isSo ? 'active' : 'retired';
}

/** What decides now: the active version, and the one that has a share, if one does. */
export async function inForceOf(versions: PolicyVersions): Promise<PolicyBundle[]> {
  const active = versions.active();
  if (active === null) return [];
  const bundles = [await mustBundle(versions, active.version)];
  if (active.challenger !== null) bundles.push(await mustBundle(versions, active.challenger.version));
  return bundles;
}

/** A draft with its texts, and how it stands to the active policy. */
export async function draftView(draft: Draft, versions: PolicyVersions): Promise<object> {
  const active = versions.active();
  const [base, inForce] = [await mustBundle(versions, draft.base), await inForceOf(versions)];
  const [onto] = inForce;
  const isOpen = draft.state !== 'active';
  return {
    ...briefOf(draft, inForce),
    changes: Object.entries(draft.changes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, text]) => ({ file, kind: kindOf(textOf(base, file), text), text })),
    behind: isOpen && active !== null && active.version !== draft.base,
    conflicts: onto === undefined || !isOpen ? [] : merge(base, draft.changes, onto).conflicts,
    steps: draft.steps.map(({ revision, at, by, did, file, undo }) => {
      return { revision, at: isoOf(at), by, did, file, canUndo: undo !== 'forgotten' };
    }),
    discussion: draft.comments.map(({ at, by, text }) => ({ at: isoOf(at), by, text })),
  };
}

function kindOf(before: string | null, after: string | null): string {
  if (after === null) return 'removed';
  return before === null ? 'added' : before === after ? 'same' : 'changed';
}

export async function savedView({ draft, check }: Saved, versions: PolicyVersions): Promise<object> {
  return { ...(await draftView(draft, versions)), ...check };
}
