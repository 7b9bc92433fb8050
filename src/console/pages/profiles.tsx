import '../rules-style.ts';
import { query } from '../client.ts';
import { useWords } from '../context.ts';
import { Choice, Find } from '../parts/fields.tsx';
import { Freshness } from '../parts/freshness.tsx';
import { Mark } from '../parts/mark.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { useResource } from '../resource.ts';
import { navigate } from '../router.ts';
import { type ProfileBrief, rules } from '../rules-api.ts';

const CONTROLS = ['blue', 'yellow', 'red'] as const;

/** The profiles that decide now, narrowed as the address says. */
export function ProfilesPage({ query: asked }: { query: URLSearchParams }) {
  const words = useWords();
  const resource = useResource('profiles', (signal) => rules.profiles(signal));
  return (
    <Page title="profiles.title" aside={<Freshness {...resource} />}>
      <Of resource={resource}>
        {({ version, profiles }) => (
          <>
            <p class="quiet">
              {words.text('profiles.of')} <a href={`/policies/${encodeURIComponent(version)}`}>{version}</a>
            </p>
            <Narrowed profiles={profiles} asked={asked} />
          </>
        )}
      </Of>
    </Page>
  );
}

function Narrowed({ profiles, asked }: { profiles: readonly ProfileBrief[]; asked: URLSearchParams }) {
  const words = useWords();
  const [text, target, corridor] = [asked.get('q') ?? '', asked.get('target') ?? '', asked.get('corridor') ?? ''];
  const go = (more: Record<string, string>) =>
    navigate(`/profiles${query({ q: text, target, corridor, ...more })}`, true);
  const all = ['', words.text('declarations.all')] as const;
  const targets = [...new Set(profiles.map((profile) => profile.target))].sort();
  const shown = profiles.filter((profile) => isShown(profile, text, target, corridor));
  return (
    <section aria-label={words.text('profiles.title')}>
      <div class="filters">
        <Find label={words.text('profiles.find')} value={text} find={(q) => go({ q })} />
        <Choice
          label={words.text('profiles.target')}
          value={target}
          options={[all, ...targets.map((each) => [each, words.ofCode('target', each)] as const)]}
          choose={(chosen) => go({ target: chosen })}
        />
        <Choice
          label={words.text('overview.corridor')}
          value={corridor}
          options={[all, ...CONTROLS.map((each) => [each, words.ofCode('standing', each)] as const)]}
          choose={(chosen) => go({ corridor: chosen })}
        />
        <p class="quiet" role="status">
          {words.text('profiles.count', { count: shown.length })}
        </p>
      </div>
      <Table profiles={shown} />
    </section>
  );
}

function isShown(profile: ProfileBrief, text: string, target: string, corridor: string): boolean {
  const wanted = text.trim().toLowerCase();
  const isFound = [profile.id, profile.title, profile.owner ?? ''].some((each) => each.toLowerCase().includes(wanted));
  return isFound && (target === '' || profile.target === target) && (corridor === '' || profile.corridor === corridor);
}

function Table({ profiles }: { profiles: readonly ProfileBrief[] }) {
  const words = useWords();
  return (
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{words.text('profiles.id')}</th>
            <th scope="col">{words.text('profiles.name')}</th>
            <th scope="col">{words.text('overview.corridor')}</th>
            <th scope="col" class="spare">
              {words.text('profiles.target')}
            </th>
            <th scope="col" class="num spare">
              {words.text('profiles.weight')}
            </th>
            <th scope="col" class="num spare">
              {words.text('profiles.percentage')}
            </th>
            <th scope="col" class="spare">
              {words.text('profiles.owner')}
            </th>
          </tr>
        </thead>
        <tbody>
          {profiles.map(({ id, title, corridor, target, weight, percentage, mandatory, owner }) => (
            <tr key={id}>
              <td>
                <a data-row href={`/profiles/${encodeURIComponent(id)}`}>
                  {id}
                </a>
              </td>
              <td class="words" lang="en">
                {title} {mandatory && <span class="tag">{words.text('profiles.mandatory')}</span>}
              </td>
              <td>
                <Mark of={corridor} />
              </td>
              <td class="spare words">{words.ofCode('target', target)}</td>
              <td class="num spare">{words.number(weight, 2)}</td>
              <td class="num spare">{words.number(percentage)}</td>
              <td class="spare">{owner ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
