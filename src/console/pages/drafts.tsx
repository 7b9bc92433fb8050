import '../rules-style.ts';
import type { Session } from '../api.ts';
import { query } from '../client.ts';
import { useApp, useWords } from '../context.ts';
import { Act, reasonOf } from '../parts/act.tsx';
import { DraftStateMark } from '../parts/draft-state.tsx';
import { Choice } from '../parts/fields.tsx';
import { Freshness } from '../parts/freshness.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { State } from '../parts/states.tsx';
import { useResource } from '../resource.ts';
import { navigate } from '../router.ts';
import { DRAFT_STATES, type DraftBrief, rules } from '../rules-api.ts';

const MINE = 'mine';
const WAITS = 'waits';

/** Drafts of the policy, those first that wait for whoever looks. */
export function DraftsPage({ query: asked }: { query: URLSearchParams }) {
  const { words, session } = useApp();
  const resource = useResource('drafts', (signal) => rules.drafts(signal));
  const mayWrite = session.may?.includes('author') ?? false;
  return (
    <Page title="drafts.title" aside={<Freshness {...resource} />}>
      {mayWrite && (
        <div class="buttons">
          <NewDraft />
          <a href="/migration">{words.text('migration.title')}</a>
        </div>
      )}
      <Of resource={resource}>{({ drafts }) => <Narrowed drafts={drafts} asked={asked} />}</Of>
    </Page>
  );
}

function NewDraft() {
  const words = useWords();
  const run = async (form: FormData): Promise<void> => {
    const { id } = await rules.newDraft({ title: String(form.get('title')), reason: reasonOf(form) });
    navigate(`/drafts/${encodeURIComponent(id)}`);
  };
  return (
    <Act label={words.text('drafts.new')} text={words.text('drafts.newText')} reason="optional" primary run={run}>
      <label>
        {words.text('drafts.name')}
        <input name="title" maxLength={200} required />
      </label>
    </Act>
  );
}

/** Whether the next step is this user's. */
function waitsFor(draft: DraftBrief, { may = [], subject = '' }: Session): boolean {
  const isOwn = draft.authors.includes(subject);
  if (draft.awaitsReview || draft.state === 'in_review') return may.includes('review') && !isOwn;
  if (draft.state === 'approved') return may.includes('publish');
  return (draft.state === 'draft' || draft.state === 'rejected') && isOwn;
}

function Narrowed({ drafts, asked }: { drafts: readonly DraftBrief[]; asked: URLSearchParams }) {
  const { words, session } = useApp();
  const show = asked.get('show') ?? '';
  const waiting = drafts.filter((draft) => waitsFor(draft, session));
  const isShown = (draft: DraftBrief): boolean => {
    if (show === WAITS) return waiting.includes(draft);
    if (show === MINE) return draft.authors.includes(session.subject ?? '');
    return show === '' || draft.state === show;
  };
  const shown = drafts.filter(isShown);
  return (
    <section aria-label={words.text('drafts.title')}>
      <div class="filters">
        <Choice
          label={words.text('drafts.show')}
          value={show}
          options={[
            ['', words.text('declarations.all')],
            [WAITS, words.text('drafts.waits')],
            [MINE, words.text('drafts.mine')],
            ...DRAFT_STATES.map((state) => [state, words.ofCode('draftState', state)] as const),
          ]}
          choose={(chosen) => navigate(`/drafts${query({ show: chosen })}`, true)}
        />
        <p class="quiet" role="status">
          {words.text('drafts.count', { count: shown.length, waiting: waiting.length })}
        </p>
      </div>
      {shown.length === 0 ? (
        <State>
          <p>{words.text(drafts.length === 0 ? 'drafts.none' : 'drafts.noneShown')}</p>
        </State>
      ) : (
        <Table drafts={shown} waiting={waiting} />
      )}
    </section>
  );
}

function Table({ drafts, waiting }: { drafts: readonly DraftBrief[]; waiting: readonly DraftBrief[] }) {
  const words = useWords();
  return (
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{words.text('drafts.name')}</th>
            <th scope="col">{words.text('drafts.state')}</th>
            <th scope="col" class="spare">
              {words.text('drafts.authors')}
            </th>
            <th scope="col" class="num spare">
              {words.text('drafts.files')}
            </th>
            <th scope="col">{words.text('drafts.changed')}</th>
          </tr>
        </thead>
        <tbody>
          {drafts.map((draft) => (
            <tr key={draft.id}>
              <td class="words">
                <a data-row href={`/drafts/${encodeURIComponent(draft.id)}`}>
                  {draft.title}
                </a>{' '}
                {waiting.includes(draft) && <span class="tag">{words.text('drafts.waits')}</span>}{' '}
                {draft.emergency !== null && <span class="tag">{words.text('policies.emergency')}</span>}{' '}
                {draft.trouble !== null && <span class="tag">{words.text('drafts.trouble')}</span>}
              </td>
              <td>
                <DraftStateMark of={draft.state} />
              </td>
              <td class="spare words">{draft.authors.join(', ')}</td>
              <td class="num spare">{words.number(draft.files.length)}</td>
              <td>
                <time dateTime={draft.changedAt}>{words.date(draft.changedAt)}</time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
