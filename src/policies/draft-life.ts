import { CorridorError } from '../errors.ts';
import { DRAFT_COMMENTS_MAX, DRAFT_STEPS_MAX, DRAFT_UNDO_BYTES_MAX, PUBLISHING_MS } from '../limits.ts';
import {
  AT_ONCE,
  type Changes,
  type Claim,
  type Draft,
  type DraftState,
  type Launch,
  type Publication,
  type Review,
  type Step,
  type Undo,
} from './draft.ts';

/** Who does something to a draft, and when. */
export interface Doer {
  readonly by: string;
  readonly at: number;
}

const UNFINISHED: readonly DraftState[] = ['draft', 'in_review', 'approved', 'scheduled', 'rejected', 'withdrawn'];

/** From which states each move is possible. */
const FROM = {
  edit: UNFINISHED,
  submit: ['draft', 'rejected', 'withdrawn'],
  withdraw: ['in_review', 'approved', 'scheduled'],
  approve: ['in_review'],
  reject: ['in_review', 'approved', 'scheduled'],
  schedule: ['approved', 'scheduled'],
  publish: ['approved', 'scheduled'],
  activation: ['scheduled'],
  emergency: UNFINISHED,
  expiry: ['active'],
  delete: ['draft', 'rejected', 'withdrawn'],
} as const satisfies Record<string, readonly DraftState[]>;
type Move = keyof typeof FROM;

/** @throws CorridorError `wrong_state` */
export function mustAllow(draft: Draft, move: Move, at: number): void {
  if (isClaimed(draft, at)) throw new CorridorError('wrong_state', `${draft.claim?.by} is publishing this draft`);
  if ((FROM[move] as readonly DraftState[]).includes(draft.state)) return;
  throw new CorridorError('wrong_state', `A draft that is ${draft.state.replace('_', ' ')} does not allow: ${move}`);
}

export function isClaimed({ claim }: Draft, at: number): boolean {
  return claim !== null && claim.until > at;
}

export function newDraft(
  input: { id: string; title: string; reason: string; base: string; changes: Changes },
  authors: readonly string[],
  { by, at }: Doer,
): Draft {
  const step: Step = { revision: 1, at, by, did: 'created', file: null, undo: 'nothing' };
  return {
    ...input,
    authors: [...new Set([...authors, by])],
    revision: 1,
    state: 'draft',
    createdAt: at,
    createdBy: by,
    changedAt: at,
    steps: [step],
    comments: [],
    submittedAt: null,
    review: null,
    launch: AT_ONCE,
    schedule: null,
    emergency: null,
    claim: null,
    publication: null,
    trouble: null,
  };
}

/** The next revision, with its step. */
function stepped(
  draft: Draft,
  { by, at }: Doer,
  did: string,
  file: string | null = null,
  undo: Undo = 'nothing',
): Draft {
  const revision = draft.revision + 1;
  const steps = [...draft.steps, { revision, at, by, did, file, undo }].slice(-DRAFT_STEPS_MAX);
  return { ...draft, revision, changedAt: at, steps: bounded(steps) };
}

/** The oldest texts are forgotten first. */
function bounded(steps: readonly Step[]): Step[] {
  let left = DRAFT_UNDO_BYTES_MAX;
  return steps
    .toReversed()
    .map((step) => {
      if (typeof step.undo === 'string') return step;
      left -= Buffer.byteLength(step.undo.text ?? '');
      return left >= 0 ? step : { ...step, undo: 'forgotten' as const };
    })
    .reverse();
}

/** Whatever had been decided about the draft was about another text. */
function edited(draft: Draft, { by }: Doer): Draft {
  const authors = draft.authors.includes(by) ? draft.authors : [...draft.authors, by];
  return { ...draft, authors, state: 'draft', review: null, schedule: null, submittedAt: null, claim: null };
}

/** Gives a file this text, takes it away (null), or leaves it as the base has it (undefined). */
export function withFile(draft: Draft, file: string, text: string | null | undefined, doer: Doer): Draft {
  mustAllow(draft, 'edit', doer.at);
  const { [file]: before, ...others } = draft.changes;
  const changes = text === undefined ? others : { ...others, [file]: text };
  const did = text === undefined ? 'reverted' : text === null ? 'removed' : 'changed';
  const undo = before === undefined ? 'base' : { text: before };
  return { ...edited(stepped(draft, doer, did, file, undo), doer), changes };
}

/** Brings back the files of an earlier revision. @throws CorridorError `not_found` where its texts are forgotten */
export function undoneTo(draft: Draft, revision: number, doer: Doer): Draft {
  mustAllow(draft, 'edit', doer.at);
  const later = draft.steps.filter((step) => step.revision > revision).reverse();
  if (revision < 1 || revision >= draft.revision || later.length !== draft.revision - revision) throw forgotten();
  const steps = later.flatMap(({ file, undo }) => {
    if (undo === 'forgotten') throw forgotten();
    return file === null || undo === 'nothing' ? [] : [{ file, text: undo === 'base' ? undefined : undo.text }];
  });
  let undone = draft;
  for (const { file, text } of steps) undone = withFile(undone, file, text, doer);
  return undone === draft ? edited(stepped(draft, doer, 'undone'), doer) : undone;
}

function forgotten(): CorridorError {
  return new CorridorError('not_found', 'The texts of that revision are not kept any more');
}

export function described(
  draft: Draft,
  settings: { readonly title?: string; readonly reason?: string; readonly launch?: Launch },
  doer: Doer,
): Draft {
  mustAllow(draft, 'edit', doer.at);
  return { ...edited(stepped(draft, doer, 'described'), doer), ...settings };
}

export function rebased(draft: Draft, base: string, changes: Changes, doer: Doer): Draft {
  mustAllow(draft, 'edit', doer.at);
  // Texts of before belong to another base.
  const steps = draft.steps.map((step) => (step.file === null ? step : { ...step, undo: 'forgotten' as const }));
  return { ...edited(stepped({ ...draft, steps }, doer, 'rebased'), doer), base, changes, trouble: null };
}

/** Who asks for a decision vouches for the draft, and does not take the decision. */
export function submitted(draft: Draft, doer: Doer): Draft {
  mustAllow(draft, 'submit', doer.at);
  if (Object.keys(draft.changes).length === 0) throw new CorridorError('wrong_state', 'The draft changes nothing');
  const next = edited(stepped(draft, doer, 'submitted'), doer);
  return { ...next, state: 'in_review', submittedAt: doer.at };
}

export function withdrawn(draft: Draft, doer: Doer): Draft {
  mustAllow(draft, 'withdraw', doer.at);
  return { ...stepped(draft, doer, 'withdrawn'), state: 'withdrawn', review: null, schedule: null };
}

/** @throws CorridorError `forbidden` where they edited it. */
export function approved(draft: Draft, comment: string, doer: Doer): Draft {
  if (awaitsReview(draft)) return reviewed(draft, 'approved', comment, doer);
  mustAllow(draft, 'approve', doer.at);
  mustBeAnother(draft, doer);
  const review: Review = { ...doer, decision: 'approved', comment };
  return { ...stepped(draft, doer, 'approved'), state: 'approved', review, trouble: null };
}

export function rejected(draft: Draft, comment: string, doer: Doer): Draft {
  if (awaitsReview(draft)) return reviewed(draft, 'rejected', comment, doer);
  mustAllow(draft, 'reject', doer.at);
  const review: Review = { ...doer, decision: 'rejected', comment };
  return { ...stepped(draft, doer, 'rejected'), state: 'rejected', review, schedule: null };
}

/** Four eyes. @throws CorridorError `forbidden` */
function mustBeAnother({ authors, emergency }: Draft, { by }: Doer): void {
  if (!authors.includes(by) && emergency?.by !== by) return;
  throw new CorridorError('forbidden', 'Whoever has worked on a draft does not decide on it');
}

/** Activated by emergency, and nobody has looked at it since. */
export function awaitsReview({ state, emergency }: Draft): boolean {
  return state === 'active' && emergency !== null && emergency.review === null;
}

/** Published for a term that has not been taken back yet. */
export function awaitsEnd({ state, schedule, publication }: Draft): boolean {
  return state === 'active' && (schedule?.expireAt ?? null) !== null && publication?.expiredAt === null;
}

function reviewed(draft: Draft, decision: Review['decision'], comment: string, doer: Doer): Draft {
  mustBeAnother(draft, doer);
  const { emergency } = draft;
  if (emergency === null) return draft;
  const review: Review = { ...doer, decision, comment };
  return { ...stepped(draft, doer, `reviewed: ${decision}`), emergency: { ...emergency, review } };
}

/** @throws CorridorError `invalid_request` where the times do not follow one another. */
export function scheduled(draft: Draft, activateAt: number, expireAt: number | null, doer: Doer): Draft {
  mustAllow(draft, 'schedule', doer.at);
  const fault = (pointer: string, message: string) =>
    new CorridorError('invalid_request', 'The schedule is not valid', { faults: [{ pointer, message }] });
  if (activateAt <= doer.at) throw fault('/activateAt', 'must lie ahead');
  if (expireAt !== null && expireAt <= activateAt) throw fault('/expireAt', 'must be after activateAt');
  const schedule = { activateAt, expireAt, by: doer.by };
  return { ...stepped(draft, doer, 'scheduled'), state: 'scheduled', schedule, trouble: null };
}

export function commented(draft: Draft, text: string, doer: Doer): Draft {
  const comments = [...draft.comments, { ...doer, text }].slice(-DRAFT_COMMENTS_MAX);
  return { ...stepped(draft, doer, 'commented'), comments };
}

/**
 * From here on only this node does anything with it, for a while.
 * @throws CorridorError `wrong_state`, also where its time has not come, or is over.
 */
export function claimed(draft: Draft, how: Claim['how'], node: string, doer: Doer): Draft {
  mustAllow(draft, how, doer.at);
  // It may have been withdrawn and scheduled anew since somebody saw that it was due.
  if (how === 'activation' && draft.schedule !== null && draft.schedule.activateAt > doer.at) {
    throw new CorridorError('wrong_state', 'The time of the draft has not come');
  }
  const { expireAt } = draft.schedule ?? draft.launch;
  if (how !== 'expiry' && expireAt !== null && expireAt <= doer.at) {
    throw new CorridorError('wrong_state', 'The term of the draft is over: give it another end first');
  }
  const claim: Claim = { how, by: doer.by, node, until: doer.at + PUBLISHING_MS };
  return { ...stepped(draft, doer, `began: ${how}`), claim };
}

/** The policy is by now what the draft said. */
export function published(
  draft: Draft,
  publication: Omit<Publication, 'expiredAt' | 'at' | 'by'>,
  reason: string,
  doer: Doer,
): Draft {
  const isEmergency = draft.claim?.how === 'emergency';
  const { expireAt } = draft.launch;
  // Published at once it ends all the same when its launch says so.
  const ends = expireAt === null ? null : { activateAt: doer.at, expireAt, by: doer.by };
  return {
    ...stepped(draft, doer, isEmergency ? 'published by emergency' : 'published'),
    state: 'active',
    schedule: draft.schedule ?? ends,
    publication: { ...publication, ...doer, expiredAt: null },
    emergency: isEmergency ? { ...doer, reason, review: null } : null,
    claim: null,
    trouble: null,
  };
}

export function expired(draft: Draft, doer: Doer): Draft {
  const { publication } = draft;
  if (publication === null) return draft;
  return { ...stepped(draft, doer, 'expired'), publication: { ...publication, expiredAt: doer.at }, claim: null };
}

/** It did not come to that. What was scheduled has to be scheduled again; an expiry is not tried again. */
export function failed(draft: Draft, text: readonly string[], doer: Doer): Draft {
  const back = draft.state === 'scheduled' ? ({ state: 'approved', schedule: null } as const) : {};
  const ended = draft.claim?.how === 'expiry' ? { schedule: null } : {};
  return { ...stepped(draft, doer, 'failed'), ...back, ...ended, claim: null, trouble: { at: doer.at, text } };
}

/** The claim is given back, and nothing else has happened. */
export function released(draft: Draft, doer: Doer): Draft {
  return { ...stepped(draft, doer, 'released'), claim: null };
}
