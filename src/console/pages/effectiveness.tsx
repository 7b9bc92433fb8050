import '../rules-style.ts';
import { RULE_LANGUAGE } from '../api.ts';
import { get, query, send } from '../client.ts';
import { useApp, useWords } from '../context.ts';
import type { Words } from '../messages.ts';
import { Act, reasonOf } from '../parts/act.tsx';
import { Choice } from '../parts/fields.tsx';
import { Freshness } from '../parts/freshness.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { useResource } from '../resource.ts';
import { navigate } from '../router.ts';

interface Reviewed {
  readonly id: string;
  readonly title: string;
  readonly hits: number;
  readonly controls: number;
  readonly labelled: number;
  readonly findings: number;
  readonly rate: number | null;
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly unbiased: { readonly rate: number; readonly of: number } | null;
  readonly alone: number;
  readonly recoveredTiyn: number;
  readonly lastFindingAt: string | null;
  readonly overlaps: readonly { readonly id: string; readonly similarity: number }[];
  readonly costUs: number | null;
  readonly proposal: string;
  readonly evidence: readonly { readonly key: string; readonly values: Readonly<Record<string, string | number>> }[];
}

interface Review {
  readonly version: string;
  readonly declarations: number;
  readonly controls: number;
  readonly profiles: readonly Reviewed[];
}

const WINDOWS = ['30', '90', '365', '3660'] as const;
const PROPOSALS = ['retire', 'merge', 'sharpen', 'keep'] as const;

/** What each profile does and finds, and what is proposed for it: the proposals first. */
export function EffectivenessPage({ query: asked }: { query: URLSearchParams }) {
  const words = useWords();
  const [days, proposal] = [asked.get('days') ?? '365', asked.get('proposal') ?? ''];
  const resource = useResource(`effectiveness ${days}`, (signal) =>
    get<Review>(`/v1/effectiveness${query({ days })}`, signal),
  );
  const go = (more: Record<string, string>) => navigate(`/effectiveness${query({ days, proposal, ...more })}`, true);
  return (
    <Page title="effect.title" aside={<Freshness {...resource} />}>
      <div class="filters">
        <Choice
          label={words.text('effect.window')}
          value={days}
          options={WINDOWS.map((each) => [each, words.text('effect.days', { days: Number(each) })] as const)}
          choose={(chosen) => go({ days: chosen })}
        />
        <Choice
          label={words.text('effect.proposal')}
          value={proposal}
          options={[
            ['', words.text('declarations.all')] as const,
            ...PROPOSALS.map((each) => [each, words.ofCode('proposal', each)] as const),
          ]}
          choose={(chosen) => go({ proposal: chosen })}
        />
      </div>
      <Of resource={resource}>
        {({ declarations, controls, profiles }) => (
          <>
            <p class="quiet" role="status">
              {words.text('effect.over', { declarations, controls })}
            </p>
            <Table profiles={profiles.filter((each) => proposal === '' || each.proposal === proposal)} />
          </>
        )}
      </Of>
    </Page>
  );
}

function Table({ profiles }: { profiles: readonly Reviewed[] }) {
  const words = useWords();
  const { session } = useApp();
  const mayRetire = session.may?.includes('author') ?? false;
  const rank = ({ proposal }: Reviewed) => (PROPOSALS as readonly string[]).indexOf(proposal);
  const ordered = profiles.toSorted((a, b) => rank(a) - rank(b) || b.hits - a.hits);
  if (ordered.length === 0) return <p>{words.text('effect.none')}</p>;
  const heads = ['profile', 'hits', 'controls', 'rate', 'recovered', 'alone', 'proposal'] as const;
  return (
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" class={['profile', 'proposal'].includes(head) ? '' : 'num'}>
                {words.ofCode('effectHead', head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ordered.map((profile) => (
            <tr key={profile.id}>
              <th scope="row">
                <a href={`/profiles/${encodeURIComponent(profile.id)}`}>{profile.id}</a>
                <br />
                <small lang={RULE_LANGUAGE}>{profile.title}</small>
              </th>
              <td class="num">{words.number(profile.hits)}</td>
              <td class="num">{words.number(profile.controls)}</td>
              <td class="num">{rateText(profile, words)}</td>
              <td class="num">{words.number(Math.round(profile.recoveredTiyn / 100))}</td>
              <td class="num">{words.number(profile.alone)}</td>
              <td>
                <strong>{words.ofCode('proposal', profile.proposal)}</strong>
                <details>
                  <summary>{words.text('effect.why')}</summary>
                  <Why profile={profile} />
                </details>
                {mayRetire && profile.proposal === 'retire' && <Retire id={profile.id} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function rateText({ rate, interval, labelled }: Reviewed, words: Words): string {
  if (rate === null || interval === null) return '–';
  const [share, low, high] = [rate, interval.low, interval.high].map((part) => words.percent(100 * part));
  return words.text('trial.rateOf', { rate: share ?? '', of: labelled, low: low ?? '', high: high ?? '' });
}

function Why({ profile }: { profile: Reviewed }) {
  const words = useWords();
  const { evidence, unbiased, overlaps, costUs, lastFindingAt } = profile;
  return (
    <ul>
      {evidence.map(({ key, values }) => (
        <li key={key}>{words.ofCode('evidence', key, values)}</li>
      ))}
      {unbiased !== null && (
        <li>{words.text('effect.unbiased', { rate: words.percent(100 * unbiased.rate), of: unbiased.of })}</li>
      )}
      {overlaps.map(({ id, similarity }) => (
        <li key={id}>{words.text('effect.like', { id, similarity: words.percent(100 * similarity) })}</li>
      ))}
      {lastFindingAt !== null && <li>{words.text('effect.lastFinding', { at: words.date(lastFindingAt) })}</li>}
      {costUs !== null && <li>{words.text('effect.cost', { cost: words.number(costUs, 2) })}</li>}
    </ul>
  );
}

function Retire({ id }: { id: string }) {
  const words = useWords();
  return (
    <Act
      label={words.text('effect.retire')}
      text={words.text('effect.retireText')}
      reason="required"
      run={async (form) => {
        const { draft } = await send<{ readonly draft: string }>(`/v1/effectiveness/${encodeURIComponent(id)}/retire`, {
          ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
          body: JSON.stringify({ reason: reasonOf(form) }),
        });
        navigate(`/drafts/${draft}`);
      }}
    />
  );
}
