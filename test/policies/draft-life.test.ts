import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorridorError } from '../../src/errors.ts';
import { DRAFT_STEPS_MAX, PUBLISHING_MS } from '../../src/limits.ts';
import { AT_ONCE, type Draft } from '../../src/policies/draft.ts';
import * as life from '../../src/policies/draft-life.ts';

const FILE = 'profiles/UV-001.yaml';
const at = 1_000_000;
const ana = { by: 'ana', at };
const boris = { by: 'boris', at };
const input = { id: 'd1', title: 'prices', reason: 'they fell', base: 'v1', changes: {} };
const begun = () => life.newDraft(input, [], ana);
const inReview = () => life.submitted(life.withFile(begun(), FILE, 'text', ana), ana);
const brought = { version: 'v2', parent: 'v1', percent: 100, files: {} };

const PEOPLE = ['ana', 'boris', 'eve', 'hans'];
const person = fc.constantFrom(...PEOPLE);

/** Everything that can be asked for, by anybody, in any order. */
const move = fc.oneof(
  person.map((by) => ({ name: 'edit', by })),
  person.map((by) => ({ name: 'revert', by })),
  person.map((by) => ({ name: 'describe', by })),
  person.map((by) => ({ name: 'undo', by })),
  person.map((by) => ({ name: 'rebase', by })),
  person.map((by) => ({ name: 'submit', by })),
  person.map((by) => ({ name: 'withdraw', by })),
  person.map((by) => ({ name: 'approve', by })),
  person.map((by) => ({ name: 'reject', by })),
  person.map((by) => ({ name: 'schedule', by })),
  person.map((by) => ({ name: 'comment', by })),
  person.map((by) => ({ name: 'publish', by })),
  person.map((by) => ({ name: 'activation', by })),
  person.map((by) => ({ name: 'emergency', by })),
  person.map((by) => ({ name: 'expiry', by })),
  person.map((by) => ({ name: 'fail', by })),
  person.map((by) => ({ name: 'wait', by })),
);

type Act = (draft: Draft, doer: life.Doer) => Draft;
const ACTS: Readonly<Record<string, Act>> = {
  edit: (draft, doer) => life.withFile(draft, FILE, `by ${doer.by}`, doer),
  revert: (draft, doer) => life.withFile(draft, FILE, undefined, doer),
  describe: (draft, doer) => life.described(draft, { title: 'other' }, doer),
  undo: (draft, doer) => life.undoneTo(draft, draft.revision - 1, doer),
  rebase: (draft, doer) => life.rebased(draft, 'v9', draft.changes, doer),
  submit: life.submitted,
  withdraw: life.withdrawn,
  approve: (draft, doer) => life.approved(draft, '', doer),
  reject: (draft, doer) => life.rejected(draft, 'no', doer),
  schedule: (draft, doer) => life.scheduled(draft, doer.at + 1, null, doer),
  comment: (draft, doer) => life.commented(draft, 'hm', doer),
  publish: (draft, doer) => life.claimed(draft, 'publish', 'n1', doer),
  activation: (draft, doer) => life.claimed(draft, 'activation', 'n1', doer),
  emergency: (draft, doer) => life.claimed(draft, 'emergency', 'n1', doer),
  expiry: (draft, doer) => life.claimed(draft, 'expiry', 'n1', doer),
  fail: (draft, doer) => (draft.claim === null ? draft : life.failed(draft, ['no'], doer)),
  wait: (draft) => draft,
};

/** What a publisher does with a claim. */
function carriedOut(draft: Draft, doer: life.Doer): Draft {
  return draft.claim?.how === 'expiry' ? life.expired(draft, doer) : life.published(draft, brought, 'why', doer);
}

describe('a draft', () => {
  it('is never published without the approval of somebody who did not work on it, but in an emergency, which is marked', () => {
    let published = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(move, fc.boolean()), { maxLength: 40 }), (moves) => {
        let draft = begun();
        let clock = at;
        /** Kept here beside: who has written anything of it. */
        const wrote = new Set(['ana']);
        for (const [{ name, by }, finish] of moves) {
          clock += name === 'wait' ? PUBLISHING_MS : 1;
          const doer = { by, at: clock };
          const before = draft;
          try {
            draft = (ACTS[name] as Act)(draft, doer);
            if (['edit', 'revert', 'describe', 'undo', 'rebase', 'submit'].includes(name)) wrote.add(by);
            if (finish && draft.claim !== null) draft = carriedOut(draft, doer);
          } catch (error) {
            expect(error).toBeInstanceOf(CorridorError);
          }
          expect(draft.revision).toBeGreaterThanOrEqual(before.revision);
          if (before.state === draft.state || draft.state !== 'active') continue;
          published++;
          if (before.claim?.how === 'emergency' || draft.emergency !== null) {
            expect(life.awaitsReview(draft)).toBe(true);
          } else {
            expect(draft.review?.decision).toBe('approved');
            expect([...wrote]).not.toContain(draft.review?.by);
          }
        }
        if (draft.emergency?.review != null)
          expect([...wrote, draft.emergency.by]).not.toContain(draft.emergency.review.by);
      }),
      { numRuns: 3000 },
    );
    expect(published).toBeGreaterThan(100);
  });

  it('goes back to where it began by an edit, and is approved anew', () => {
    const approved = life.approved(inReview(), 'good', boris);
    const edited = life.withFile(approved, FILE, 'other', ana);
    expect([edited.state, edited.review]).toEqual(['draft', null]);
    expect(() => life.claimed(edited, 'publish', 'n1', boris)).toThrow('draft does not allow: publish');
  });

  it('is left alone while a node publishes it, and for no longer than its time', () => {
    const claimed = life.claimed(life.approved(inReview(), '', boris), 'publish', 'n1', boris);
    expect(() => life.withFile(claimed, FILE, 'other', ana)).toThrow('boris is publishing this draft');
    expect(() => life.claimed(claimed, 'publish', 'n2', boris)).toThrow('is publishing');
    expect(life.commented(claimed, 'go on', ana).claim).not.toBeNull();
    expect(life.withFile(claimed, FILE, 'other', { by: 'ana', at: at + PUBLISHING_MS }).state).toBe('draft');
  });

  it('that changes nothing is not submitted', () => {
    expect(() => life.submitted(begun(), ana)).toThrow('changes nothing');
  });

  it('has a schedule whose times follow one another', () => {
    const approved = life.approved(inReview(), '', boris);
    expect(() => life.scheduled(approved, at, null, boris)).toThrow('not valid');
    expect(() => life.scheduled(approved, at + 2, at + 1, boris)).toThrow('not valid');
    expect(life.scheduled(approved, at + 1, at + 2, boris).state).toBe('scheduled');
  });

  it('that could not be activated at its time waits approved, and says why', () => {
    const scheduled = life.scheduled(life.approved(inReview(), '', boris), at + 1, null, boris);
    expect(() => life.claimed(scheduled, 'activation', 'n1', boris)).toThrow('has not come');
    const due = { by: 'boris', at: at + 1 };
    const failed = life.failed(life.claimed(scheduled, 'activation', 'n1', due), ['n2: line 3'], due);
    expect([failed.state, failed.schedule, failed.trouble?.text]).toEqual(['approved', null, ['n2: line 3']]);
  });

  it('that is published at once ends when its launch says so, and not after its end', () => {
    const launch = { ...AT_ONCE, expireAt: at + 10 };
    const approved = life.approved({ ...inReview(), launch }, '', boris);
    const active = carriedOut(life.claimed(approved, 'publish', 'n1', boris), boris);
    expect(active.schedule).toEqual({ activateAt: at, expireAt: at + 10, by: 'boris' });
    expect(life.awaitsEnd(active)).toBe(true);
    const ended = carriedOut(life.claimed(active, 'expiry', 'n1', { ...boris, at: at + 10 }), boris);
    expect(life.awaitsEnd(ended)).toBe(false);
    expect(() => life.claimed(approved, 'publish', 'n1', { ...boris, at: at + 10 })).toThrow(
      'term of the draft is over',
    );
    expect(() => life.claimed(approved, 'emergency', 'n1', { ...boris, at: at + 10 })).toThrow('is over');
  });

  it('keeps so many steps, and forgets the texts of the oldest first', () => {
    const text = (n: number) => `${n}`.padEnd(10_000, 'x');
    let draft = begun();
    for (let n = 0; n < DRAFT_STEPS_MAX + 20; n++) draft = life.withFile(draft, FILE, text(n), ana);
    expect(draft.steps).toHaveLength(DRAFT_STEPS_MAX);
    expect(draft.steps[0]?.undo).toBe('forgotten');
    const back = life.undoneTo(draft, draft.revision - 5, ana);
    expect(back.changes[FILE]).toBe(text(DRAFT_STEPS_MAX + 14));
    expect(() => life.undoneTo(draft, draft.revision - 50, ana)).toThrow('not kept any more');
    expect(() => life.undoneTo(draft, 1, ana)).toThrow('not kept any more');
  });

  it('is undone to exactly what it was, whatever was done to its files', () => {
    const edit = fc.tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.option(fc.option(fc.string(), { nil: null }), { nil: undefined }),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 20 }), fc.nat(), (edits, n) => {
        const drafts = [begun()];
        for (const [file, text] of edits) drafts.push(life.withFile(drafts.at(-1) as Draft, file, text, ana));
        const then = drafts[n % edits.length] as Draft;
        expect(life.undoneTo(drafts.at(-1) as Draft, then.revision, ana).changes).toEqual(then.changes);
      }),
    );
  });

  it('begins for all declarations, at once', () => {
    expect(begun().launch).toEqual(AT_ONCE);
  });
});
