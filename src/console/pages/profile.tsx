import '../rules-style.ts';
import type { Condition } from '../../criteria/ast.ts';
import { outlineOf } from '../../criteria/outline.ts';
import { RULE_LANGUAGE } from '../api.ts';
import { useApp, useWords } from '../context.ts';
import { Act, reasonOf } from '../parts/act.tsx';
import { plain } from '../parts/changes.tsx';
import { Facts } from '../parts/facts.tsx';
import { Mark } from '../parts/mark.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { useResource } from '../resource.ts';
import { navigate } from '../router.ts';
import { type ProfileInFull, rules } from '../rules-api.ts';

/** One profile as it decides now: what it looks for, and what is then to be done. */
export function ProfilePage({ id }: { id: string }) {
  const { session } = useApp();
  const resource = useResource(`profile ${id}`, (signal) => rules.profile(id, signal));
  const mayWrite = session.may?.includes('author') ?? false;
  return (
    <Page title="profile.title" values={{ id }} aside={mayWrite && resource.value !== null && <EditInDraft id={id} />}>
      <Of resource={resource}>{(value) => <Profile {...value} />}</Of>
    </Page>
  );
}

/** Into a draft that is being worked on, or a new one: an active policy is never changed where it stands. */
function EditInDraft({ id }: { id: string }) {
  const { words, session } = useApp();
  const { value } = useResource('drafts', (signal) => rules.drafts(signal));
  const own = (value?.drafts ?? []).filter(
    ({ state, authors }) => state === 'draft' && authors.includes(session.subject ?? ''),
  );
  const edit = (draft: string) => navigate(`/drafts/${encodeURIComponent(draft)}/profiles/${encodeURIComponent(id)}`);
  async function run(form: FormData): Promise<void> {
    const chosen = String(form.get('draft') ?? '');
    if (chosen !== '') return edit(chosen);
    const made = await rules.newDraft({ title: String(form.get('title')), reason: reasonOf(form) });
    edit(made.id);
  }
  return (
    <Act label={words.text('profile.edit')} text={words.text('profile.editText')} reason="optional" primary run={run}>
      {own.length > 0 && (
        <label>
          {words.text('profile.draft')}
          <select name="draft">
            <option value="">{words.text('drafts.new')}</option>
            {own.map((draft) => (
              <option key={draft.id} value={draft.id}>
                {draft.title}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {words.text('drafts.name')}
        <input name="title" maxLength={200} required defaultValue={words.text('profile.editTitle', { id })} />
      </label>
    </Act>
  );
}

function Profile({ version, profile, text, criteria }: ProfileInFull) {
  const words = useWords();
  const { title, target, corridor, documentation, measures, scope, tests } = profile;
  const explained = documentation[words.language] ?? documentation.ru ?? documentation.en;
  const facts = [
    [words.text('profiles.target'), words.ofCode('target', target)],
    [words.text('profiles.weight'), words.number(profile.weight, 2)],
    [words.text('profiles.percentage'), words.number(profile.percentage)],
    [words.text('profiles.mandatory'), words.text(profile.mandatory ? 'rules.yes' : 'rules.no')],
    [words.text('profiles.owner'), profile.owner ?? '–'],
    [words.text('profile.onError'), words.ofCode('onError', profile.onError)],
    [words.text('profile.scope'), Object.keys(scope).length === 0 ? words.text('profile.everywhere') : plain(scope)],
    [words.text('profile.tests'), words.number(tests.length)],
    [words.text('profile.version'), version],
  ] as const;
  return (
    <div class="columns wide-left">
      <div>
        <p>
          <Mark of={corridor} /> <strong lang={RULE_LANGUAGE}>{title}</strong>
        </p>
        {explained !== undefined && (
          <p lang={documentation[words.language] === undefined ? 'ru' : undefined}>{explained}</p>
        )}
        <h2>{words.text('profile.when')}</h2>
        <Outline condition={criteria.when} text={profile.when} />
        {profile.unless !== null && (
          <>
            <h2>{words.text('profile.unless')}</h2>
            <Outline condition={criteria.unless} text={profile.unless} />
          </>
        )}
        <h2>{words.text('declaration.measures')}</h2>
        <ol class="measures">
          {measures.map(({ code, instructions }) => (
            <li key={`${code} ${instructions}`}>
              <strong>{words.ofCode('measure', code)}</strong>
              <p lang={RULE_LANGUAGE}>{instructions}</p>
            </li>
          ))}
        </ol>
        <details>
          <summary>{words.text('profile.file')}</summary>
          <pre lang={RULE_LANGUAGE}>{text}</pre>
        </details>
      </div>
      <div>
        <Facts facts={facts} />
      </div>
    </div>
  );
}

function Outline({ condition, text }: { condition: Condition | null; text: string }) {
  const words = useWords();
  if (condition === null) return <pre lang={RULE_LANGUAGE}>{text}</pre>;
  return (
    <>
      <pre lang={RULE_LANGUAGE}>{outlineOf(condition).join('\n')}</pre>
      <details>
        <summary>{words.text('changes.expression')}</summary>
        <pre lang={RULE_LANGUAGE}>{text}</pre>
      </details>
    </>
  );
}
