import '../rules-style.ts';
import { RULE_LANGUAGE } from '../api.ts';
import { useApp, useWords } from '../context.ts';
import { Act, reasonOf } from '../parts/act.tsx';
import { Changes } from '../parts/changes.tsx';
import { DraftActions } from '../parts/draft-actions.tsx';
import { DraftBacktest } from '../parts/draft-backtest.tsx';
import { DraftStateMark } from '../parts/draft-state.tsx';
import { Facts as FactList } from '../parts/facts.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { Faults } from '../parts/refusal.tsx';
import { type Resource, useResource } from '../resource.ts';
import { type Check, type Diff, type DraftInFull, rules } from '../rules-api.ts';

/** One draft: what it changes, what is wrong with it, what was said, and what is to be done next. */
export function DraftPage({ id }: { id: string }) {
  const words = useWords();
  const draft = useResource(`draft ${id}`, (signal) => rules.draft(id, signal));
  const key = `${id} ${draft.value?.revision}`;
  const diff = useResource(`diff ${key}`, (signal) => rules.draftDiff(id, signal));
  const check = useResource(`check ${key}`, (signal) => rules.draftCheck(id, signal));
  return (
    <Page title="draft.title" values={{ title: draft.value?.title ?? '…' }}>
      <Of resource={draft}>
        {(value) => (
          <div class="columns wide-left">
            <div>
              <Standing draft={value} />
              <DraftActions draft={value} reload={draft.reload} />
              <Problems check={check} draft={value} />
              <What diff={diff} draft={value} />
              <DraftBacktest draft={value} />
            </div>
            <div>
              <Facts draft={value} />
              <Discussion draft={value} reload={draft.reload} />
              <Steps draft={value} />
            </div>
          </div>
        )}
      </Of>
      <p class="onward">
        <a href="/drafts">{words.text('draft.all')}</a>
      </p>
    </Page>
  );
}

/** Where it stands, and who is to act. */
function Standing({ draft }: { draft: DraftInFull }) {
  const { words, session } = useApp();
  const isOwn = draft.authors.includes(session.subject ?? '');
  const mayReview = session.may?.includes('review') ?? false;
  const step = draft.awaitsReview ? 'afterwards' : draft.state;
  return (
    <div class="next" role="status">
      <DraftStateMark of={draft.state} />{' '}
      {draft.emergency !== null && <span class="tag">{words.text('policies.emergency')}</span>}
      <p>{words.ofCode('draftNext', step)}</p>
      {mayReview && isOwn && (draft.state === 'in_review' || draft.awaitsReview) && <p>{words.text('draft.own')}</p>}
      {draft.review !== null && (
        <p lang={draft.review.comment === '' ? undefined : RULE_LANGUAGE}>
          {words.text(`draft.${draft.review.decision}By`, { by: draft.review.by, at: words.date(draft.review.at) })}
          {draft.review.comment !== '' && `: ${draft.review.comment}`}
        </p>
      )}
      {draft.behind && <p>{words.text('draft.behind', { count: draft.conflicts.length })}</p>}
      {draft.proposedRollback !== null && (
        <p>
          <a href={`/policies/${encodeURIComponent(draft.proposedRollback)}`}>{words.text('draft.goBack')}</a>
        </p>
      )}
      {draft.trouble !== null && (
        <div class="fault">
          <strong>{words.text('draft.refused', { at: words.date(draft.trouble.at) })}</strong>
          <Faults faults={draft.trouble.text.map((message) => ({ message }))} />
        </div>
      )}
    </div>
  );
}

function Problems({ check, draft }: { check: Resource<Check>; draft: DraftInFull }) {
  const words = useWords();
  const problems = [...(check.value?.problems ?? []), ...(check.value?.failures ?? [])];
  if (draft.state === 'active' || draft.state === 'retired') return null;
  if (check.value === null) return check.error === null ? <p class="quiet">{words.text('draft.checking')}</p> : null;
  if (problems.length === 0) return <p>{words.text('draft.sound')}</p>;
  return (
    <div class="fault" role="alert">
      <strong>{words.text('draft.problems', { count: problems.length })}</strong>
      <Faults faults={problems} />
    </div>
  );
}

function What({ diff, draft }: { diff: Resource<Diff>; draft: DraftInFull }) {
  const { words, session } = useApp();
  const isOpen = draft.state !== 'active' && draft.state !== 'retired';
  const mayWrite = isOpen && (session.may?.includes('author') ?? false);
  const editAt = (profile: string) => `/drafts/${encodeURIComponent(draft.id)}/profiles/${encodeURIComponent(profile)}`;
  return (
    <section>
      <h2>{words.text('draft.changes')}</h2>
      <Of resource={diff}>
        {({ changes }) =>
          changes.length === 0 ? (
            <p>{words.text('draft.noChanges')}</p>
          ) : (
            <Changes changes={changes} {...(mayWrite && { editAt })} />
          )
        }
      </Of>
    </section>
  );
}

function Facts({ draft }: { draft: DraftInFull }) {
  const words = useWords();
  const { launch, schedule, publication, emergency } = draft;
  const from = schedule?.activateAt ?? launch.activateAt;
  const until = schedule?.expireAt ?? launch.expireAt;
  const facts: (readonly [string, string] | null)[] = [
    [words.text('draft.reason'), draft.reason || '–'],
    [words.text('drafts.authors'), draft.authors.join(', ')],
    [words.text('draft.base'), draft.base],
    [words.text('draft.revision'), words.number(draft.revision)],
    from === null ? null : [words.text('draft.from'), words.date(from)],
    until === null ? null : [words.text('draft.until'), words.date(until)],
    launch.percent === 100 ? null : [words.text('draft.share'), words.percent(launch.percent)],
    launch.offices.length === 0 ? null : [words.text('menu.offices'), launch.offices.join(', ')],
    launch.regimes.length === 0 ? null : [words.text('draft.regimes'), launch.regimes.join(', ')],
    publication === null
      ? null
      : [words.text('draft.published'), `${publication.version}, ${words.date(publication.at)}, ${publication.by}`],
    emergency === null
      ? null
      : [words.text('policies.emergency'), `${emergency.by}, ${words.date(emergency.at)}: ${emergency.reason}`],
  ];
  return <FactList facts={facts} />;
}

function Discussion({ draft, reload }: { draft: DraftInFull; reload: () => void }) {
  const words = useWords();
  const say = (form: FormData) => rules.move(draft.id, 'comments', draft.revision, { comment: reasonOf(form) });
  return (
    <section>
      <div class="heading">
        <h2>{words.text('draft.discussion')}</h2>
        <Act
          label={words.text('draft.comment')}
          reason="required"
          reasonLabel={words.text('draft.words')}
          run={say}
          done={reload}
        />
      </div>
      {draft.discussion.length === 0 && <p class="quiet">{words.text('draft.silent')}</p>}
      <ul class="discussion">
        {draft.discussion.map(({ at, by, text }) => (
          <li key={`${at} ${by}`}>
            <span class="quiet">
              {by}, <time dateTime={at}>{words.date(at)}</time>
            </span>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Steps({ draft }: { draft: DraftInFull }) {
  const words = useWords();
  return (
    <details>
      <summary>{words.text('draft.steps', { count: draft.steps.length })}</summary>
      <ol class="timeline" reversed>
        {draft.steps.toReversed().map(({ revision, at, by, did, file }) => (
          <li key={revision}>
            {words.ofCode('did', did.replace(/\W+/g, '_'))} {file !== null && <code>{file}</code>}
            <time class="quiet" dateTime={at}>
              {by}, {words.date(at)}
            </time>
          </li>
        ))}
      </ol>
    </details>
  );
}
