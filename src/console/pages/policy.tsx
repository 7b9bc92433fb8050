import '../rules-style.ts';
import { query } from '../client.ts';
import { useApp, useWords } from '../context.ts';
import { Act, reasonOf } from '../parts/act.tsx';
import { Changes } from '../parts/changes.tsx';
import { Facts as FactList } from '../parts/facts.tsx';
import { Choice } from '../parts/fields.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { useResource } from '../resource.ts';
import { navigate } from '../router.ts';
import { type PolicyInFull, rules } from '../rules-api.ts';

/** One version: where it comes from, what it differs in, and the way back to it. */
export function PolicyPage({ version, query: asked }: { version: string; query: URLSearchParams }) {
  const words = useWords();
  const against = asked.get('against');
  const policy = useResource(`policy ${version}`, (signal) => rules.policy(version, signal));
  const others = useResource('policies', (signal) => rules.policies(signal));
  const diff = useResource(`diff ${version} ${against}`, (signal) => rules.policyDiff(version, against, signal));
  const path = `/policies/${encodeURIComponent(version)}`;
  const choices = (others.value?.versions ?? []).filter((each) => each.version !== version);
  return (
    <Page title="policy.title" values={{ version }}>
      <Of resource={policy}>
        {(value) => (
          <>
            <Actions policy={value} reload={policy.reload} />
            <Facts policy={value} />
          </>
        )}
      </Of>
      <section>
        <h2>{words.text('policy.diff')}</h2>
        <div class="filters">
          <Choice
            label={words.text('policy.against')}
            value={against ?? ''}
            options={[
              ['', words.text('policy.parent')],
              ...choices.map((each) => [each.version, each.version] as const),
            ]}
            choose={(chosen) => navigate(`${path}${query({ against: chosen })}`, true)}
          />
        </div>
        <Of resource={diff}>{({ changes }) => <Changes changes={changes} />}</Of>
      </section>
      <p class="onward">
        <a href="/policies">{words.text('policies.title')}</a>
      </p>
    </Page>
  );
}

function Actions({ policy, reload }: { policy: PolicyInFull; reload: () => void }) {
  const { words, session } = useApp();
  if (policy.active || !session.may?.includes('publish')) return null;
  return (
    <div class="buttons">
      <Act
        label={words.text('policy.activate')}
        text={words.text('policy.activateText', { version: policy.version })}
        reason="required"
        primary
        run={(form) => rules.activate(policy.version, reasonOf(form))}
        done={reload}
      />
      <Act
        label={words.text('policy.share')}
        text={words.text('policy.shareText')}
        reason="required"
        run={(form) => rules.share(policy.version, Number(form.get('percent')), reasonOf(form))}
        done={() => navigate('/policies')}
      >
        <label>
          {words.text('policy.percent')}
          <input type="number" name="percent" min="0.1" max="100" step="0.1" required defaultValue="5" />
        </label>
      </Act>
    </div>
  );
}

function Facts({ policy }: { policy: PolicyInFull }) {
  const words = useWords();
  const facts: readonly (readonly [string, string])[] = [
    [words.text('policies.saved'), policy.savedAt === undefined ? '–' : words.date(policy.savedAt)],
    [words.text('policies.source'), words.ofCode('source', policy.source ?? '')],
    [words.text('drafts.authors'), policy.authors?.join(', ') || '–'],
    [words.text('policies.approver'), policy.approver ?? '–'],
    [words.text('draft.reason'), policy.reason || '–'],
    [words.text('draft.base'), policy.parent ?? '–'],
    [words.text('drafts.files'), words.number(policy.files.length)],
    [words.text('policy.times'), policy.activations.map(({ at, by }) => `${words.date(at)} (${by})`).join('; ') || '–'],
  ];
  return (
    <>
      <p>
        {policy.active && <span class="tag">{words.text('policies.isActive')}</span>}{' '}
        {policy.emergency && <span class="tag">{words.text('policies.emergency')}</span>}{' '}
        {policy.draft != null && (
          <a href={`/drafts/${encodeURIComponent(policy.draft)}`}>{words.text('policy.draft')}</a>
        )}
      </p>
      <FactList facts={facts} />
    </>
  );
}
