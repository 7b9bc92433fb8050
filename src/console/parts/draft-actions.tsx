import { useApp } from '../context.ts';
import { navigate } from '../router.ts';
import { type DraftInFull, type DraftState, rules } from '../rules-api.ts';
import { Act, reasonOf } from './act.tsx';

const UNFINISHED: readonly DraftState[] = ['draft', 'in_review', 'approved', 'scheduled', 'rejected', 'withdrawn'];
const AT_REST: readonly DraftState[] = ['draft', 'rejected', 'withdrawn'];
const UNDER_WAY: readonly DraftState[] = ['in_review', 'approved', 'scheduled'];

/** What this user can do with a draft as it stands; what is not there is said in words beside it. */
export function DraftActions({ draft, reload }: { draft: DraftInFull; reload: () => void }) {
  const { words, session } = useApp();
  const { id, revision, state, authors } = draft;
  const may = (rule: string) => session.may?.includes(rule) ?? false;
  const isOwn = authors.includes(session.subject ?? '');
  const awaitsDecision = state === 'in_review' || draft.awaitsReview;
  const move = (name: string, body?: unknown) => rules.move(id, name, revision, body);
  const comment = (form: FormData) => (reasonOf(form) === '' ? {} : { comment: reasonOf(form) });
  return (
    <div class="buttons">
      {may('author') && AT_REST.includes(state) && draft.files.length > 0 && (
        <Act
          label={words.text('do.submit')}
          text={words.text('do.submitText')}
          primary
          run={() => move('submit')}
          done={reload}
        />
      )}
      {may('review') && !isOwn && awaitsDecision && (
        <>
          <Act
            label={words.text('do.approve')}
            text={words.text('do.approveText')}
            reason="optional"
            reasonLabel={words.text('draft.words')}
            primary
            run={(form) => move('approve', comment(form))}
            done={reload}
          />
          <Act
            label={words.text('do.reject')}
            text={words.text('do.rejectText')}
            reason="required"
            run={(form) => move('reject', comment(form))}
            done={reload}
          />
        </>
      )}
      {may('publish') && (state === 'approved' || state === 'scheduled') && (
        <>
          <Act
            label={words.text('do.publish')}
            text={words.text('do.publishText')}
            reason="optional"
            primary
            run={(form) => move('publish', reasonOf(form) === '' ? {} : { reason: reasonOf(form) })}
            done={reload}
          />
          <Schedule move={move} done={reload} />
        </>
      )}
      {may('author') && UNDER_WAY.includes(state) && (
        <Act
          label={words.text('do.withdraw')}
          text={words.text('do.withdrawText')}
          run={() => move('withdraw')}
          done={reload}
        />
      )}
      {may('author') && draft.behind && UNFINISHED.includes(state) && (
        <Act
          label={words.text('do.rebase')}
          text={words.text('do.rebaseText')}
          run={() => move('rebase', choices(draft))}
          done={reload}
        >
          {draft.conflicts.length > 0 && (
            <p>{words.text('do.rebaseConflicts', { files: draft.conflicts.map(({ file }) => file).join(', ') })}</p>
          )}
        </Act>
      )}
      {may('emergency') && UNFINISHED.includes(state) && draft.files.length > 0 && (
        <Act
          label={words.text('do.emergency')}
          text={words.text('do.emergencyText')}
          reason="required"
          run={(form) => move('emergency', { reason: reasonOf(form) })}
          done={reload}
        />
      )}
      {may('author') && AT_REST.includes(state) && (
        <Act
          label={words.text('do.delete')}
          text={words.text('do.deleteText')}
          run={() => rules.deleteDraft(id, revision)}
          done={() => navigate('/drafts')}
        />
      )}
    </div>
  );
}

/** Where both changed a file, what the draft says stands. */
function choices({ conflicts }: DraftInFull): object {
  return conflicts.length === 0 ? {} : { choices: Object.fromEntries(conflicts.map(({ file }) => [file, 'mine'])) };
}

function Schedule({ move, done }: { move: (name: string, body: unknown) => Promise<unknown>; done: () => void }) {
  const { words } = useApp();
  const instant = (form: FormData, name: string): string | null => {
    const local = String(form.get(name) ?? '');
    return local === '' ? null : new Date(local).toISOString();
  };
  const run = (form: FormData) => {
    const expireAt = instant(form, 'expireAt');
    return move('schedule', { activateAt: instant(form, 'activateAt'), ...(expireAt !== null && { expireAt }) });
  };
  return (
    <Act label={words.text('do.schedule')} text={words.text('do.scheduleText')} run={run} done={done}>
      <div class="pair">
        <label>
          {words.text('draft.from')}
          <input type="datetime-local" name="activateAt" required />
        </label>
        <label>
          {words.text('draft.until')}
          <input type="datetime-local" name="expireAt" />
        </label>
      </div>
    </Act>
  );
}
