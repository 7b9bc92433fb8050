import '../rules-style.ts';
import { CORRIDORS } from '../api.ts';
import { useWords } from '../context.ts';
import type { Words } from '../messages.ts';
import type { BacktestReport } from '../parts/backtest-report.tsx';
import { ContestTable } from '../parts/contest.tsx';
import { Mark } from '../parts/mark.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { State } from '../parts/states.tsx';
import { useResource } from '../resource.ts';
import { type Contest, type TrialInFull, trials } from '../trials-api.ts';

const PROFILES_SHOWN = 30;

/** Two trials side by side: corridors, what controls find, and the profiles that differ most. */
export function ComparePage({ query }: { query: URLSearchParams }) {
  const words = useWords();
  const [a, b] = [query.get('a') ?? '', query.get('b') ?? ''];
  const resource = useResource(`compare ${a} ${b}`, (signal) => trials.compare(a, b, signal));
  return (
    <Page title="trials.comparison">
      <Of resource={resource}>{({ a: one, b: other }) => <Both one={one} other={other} />}</Of>
      <p class="onward">
        <a href="/trials">{words.text('trials.title')}</a>
      </p>
    </Page>
  );
}

const nameOf = ({ title, candidate }: TrialInFull): string => title || candidate;

function Both({ one, other }: { one: TrialInFull; other: TrialInFull }) {
  const words = useWords();
  if (one.result === null || other.result === null) {
    return (
      <State>
        <p>{words.text('trials.notYet')}</p>
      </State>
    );
  }
  if (one.kind === 'share' || other.kind === 'share') {
    return (
      <div class="columns">
        {[one, other].map((trial) => (
          <section key={trial.id}>
            <h2>{nameOf(trial)}</h2>
            {trial.kind === 'share' ? (
              <ContestTable contest={trial.result as Contest} />
            ) : (
              <p>
                <a href={`/trials/${encodeURIComponent(trial.id)}`}>{words.text('trials.result')}</a>
              </p>
            )}
          </section>
        ))}
      </div>
    );
  }
  return <Reports one={one} other={other} reports={[one.result as BacktestReport, other.result as BacktestReport]} />;
}

interface ReportsProps {
  readonly one: TrialInFull;
  readonly other: TrialInFull;
  readonly reports: readonly [BacktestReport, BacktestReport];
}

function Reports({ one, other, reports: [first, second] }: ReportsProps) {
  const words = useWords();
  const share = ({ after, declarations }: BacktestReport, corridor: (typeof CORRIDORS)[number]) =>
    declarations === 0 ? 0 : (100 * after[corridor]) / declarations;
  const isSameHistory = first.declarations === second.declarations && first.until === second.until;
  return (
    <>
      {!isSameHistory && <p class="fault">{words.text('trials.otherHistory')}</p>}
      <div class="scroll">
        <table class="list">
          <thead>
            <tr>
              <td />
              {[one, other].map((trial) => (
                <th key={trial.id} scope="col" class="num">
                  <a href={`/trials/${encodeURIComponent(trial.id)}`}>{nameOf(trial)}</a>
                </th>
              ))}
              <th scope="col" class="num">
                {words.text('backtest.difference')}
              </th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">{words.text('contestRow.declarations')}</th>
              <td class="num">{words.number(first.declarations)}</td>
              <td class="num">{words.number(second.declarations)}</td>
              <td class="num">{signed(words, second.declarations - first.declarations)}</td>
            </tr>
            {CORRIDORS.map((corridor) => (
              <tr key={corridor}>
                <th scope="row">
                  <Mark of={corridor} /> %
                </th>
                <td class="num">{words.number(share(first, corridor), 2)}</td>
                <td class="num">{words.number(share(second, corridor), 2)}</td>
                <td class="num">{signed(words, share(second, corridor) - share(first, corridor), 2)}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">{words.text('trial.rate')}</th>
              <td class="num">{rateText(words, first.hitRate.after)}</td>
              <td class="num">{rateText(words, second.hitRate.after)}</td>
              <td class="num">{rateDifference(words, first, second)}</td>
            </tr>
          </tbody>
        </table>
      </div>
      <Profiles reports={[first, second]} />
    </>
  );
}

function Profiles({ reports: [first, second] }: Pick<ReportsProps, 'reports'>) {
  const words = useWords();
  const hitsIn = ({ profiles }: BacktestReport) => new Map(profiles.map(({ id, hits }) => [id, hits]));
  const [before, after] = [hitsIn(first), hitsIn(second)];
  const rows = [...new Set([...before.keys(), ...after.keys()])]
    .map((id) => ({ id, a: before.get(id) ?? 0, b: after.get(id) ?? 0 }))
    .filter(({ a, b }) => a !== b)
    .sort((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a))
    .slice(0, PROFILES_SHOWN);
  if (rows.length === 0) return <p>{words.text('trials.sameHits')}</p>;
  return (
    <div class="scroll">
      <table class="list">
        <caption>{words.text('trials.differing')}</caption>
        <thead>
          <tr>
            <th scope="col">{words.text('effectHead.profile')}</th>
            <th scope="col" class="num" colSpan={2}>
              {words.text('trial.hits')}
            </th>
            <th scope="col" class="num">
              {words.text('backtest.difference')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, a, b }) => (
            <tr key={id}>
              <th scope="row">
                <a href={`/profiles/${encodeURIComponent(id)}`}>{id}</a>
              </th>
              <td class="num">{words.number(a)}</td>
              <td class="num">{words.number(b)}</td>
              <td class="num">{signed(words, b - a)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function signed(words: Words, value: number, digits = 0): string {
  return `${value > 0 ? '+' : ''}${words.number(value, digits)}`;
}

function rateText(words: Words, { rate, interval, of }: BacktestReport['hitRate']['after']): string {
  if (rate === null || interval === null) return '–';
  const [low, high] = [words.percent(100 * interval.low), words.percent(100 * interval.high)];
  return `${words.percent(100 * rate)} (${low} – ${high}, ${words.number(of)})`;
}

function rateDifference(words: Words, first: BacktestReport, second: BacktestReport): string {
  const [a, b] = [first.hitRate.after.rate, second.hitRate.after.rate];
  return a === null || b === null ? '–' : signed(words, 100 * (b - a), 1);
}
