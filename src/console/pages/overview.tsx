import { useMemo } from 'preact/hooks';
import {
  type Alert,
  CORRIDORS,
  type Corridor,
  type OfficeOverview,
  type Overview,
  RULE_LANGUAGE,
  type Shares,
} from '../api.ts';
import { client } from '../client.ts';
import { useWords } from '../context.ts';
import { type LiveSource, useLive } from '../live.ts';
import type { Values, Words } from '../messages.ts';
import { Chart } from '../parts/chart.tsx';
import { LiveFreshness } from '../parts/freshness.tsx';
import { Mark, Shape } from '../parts/mark.tsx';
import { Page } from '../parts/page.tsx';
import { Failure, Loading } from '../parts/states.tsx';

const POINTS_MAX = 300;

const SOURCE: LiveSource<Overview> = {
  load: (signal) => client.overview(signal),
  url: '/v1/overview/events',
  event: 'overview',
  merge(value, update) {
    const last = value.series.at(-1)?.[0] ?? 0;
    const news = update.series.filter(([second]) => second > last);
    return { ...update, series: [...value.series, ...news].slice(-POINTS_MAX) };
  },
};

/** For heads and those who keep it running: is anything wrong, how much goes through, where does it pile up? */
export function OverviewPage() {
  const live = useLive(SOURCE);
  const { value, error, retry } = live;
  return (
    <Page title="overview.title" aside={<LiveFreshness live={live} retry={retry} />}>
      {value !== null && <Figures overview={value} />}
      {value === null && error === null && <Loading />}
      {value === null && error !== null && <Failure error={error} retry={retry} />}
    </Page>
  );
}

function Figures({ overview }: { overview: Overview }) {
  const words = useWords();
  const { decisions, latencyMs, series, offices } = overview;
  const [seconds, rates, p50, p99] = useMemo(
    () => [0, 1, 2, 3].map((column) => series.map((point) => point[column] ?? null)),
    [series],
  ) as [number[], number[], number[], number[]];
  const rate = words.number(decisions.perSecond);
  const [half, most] = [milliseconds(latencyMs.p50), milliseconds(latencyMs.p99)];
  function milliseconds(value: number | null): string {
    return value === null || value === 0 ? '–' : words.number(value, 1);
  }
  return (
    <>
      <Alerts alerts={overview.alerts} />
      <h2>{words.text('overview.service')}</h2>
      <dl class="kpis">
        <Kpi label={words.text('overview.rate')} value={rate} />
        <Kpi label={words.text('overview.p50')} value={half} />
        <Kpi label={words.text('overview.p99')} value={most} />
        <Kpi label={words.text('overview.total')} value={words.number(decisions.total)} />
      </dl>
      <div class="columns">
        <Chart
          title={words.text('overview.rate')}
          summary={rate}
          lines={[{ label: words.text('overview.rate'), colour: 'accent' }]}
          columns={useMemo(() => [seconds, rates], [seconds, rates])}
        />
        <Chart
          title={words.text('overview.latency')}
          summary={`p50 ${half}, p99 ${most}`}
          lines={[
            { label: 'p50', colour: 'accent' },
            { label: 'p99', colour: 'text', dashed: true },
          ]}
          columns={useMemo(() => [seconds, p50, p99], [seconds, p50, p99])}
        />
      </div>
      <ShareTable shares={overview.shares} plan={overview.plan} />
      <Offices offices={offices} />
    </>
  );
}

function Kpi({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Alerts({ alerts }: { alerts: readonly Alert[] }) {
  const words = useWords();
  if (alerts.length === 0) return <p class="calm">{words.text('overview.noAlerts')}</p>;
  return (
    <section aria-label={words.text('overview.alerts')}>
      <ul class="alerts">
        {alerts.map(({ name, severity, since, text, values }) => (
          <li key={name} class={severity}>
            <strong>
              {words.text(`overview.${severity}`)} {words.ofCode('alert', name.split('.')[0] ?? name)}.
            </strong>{' '}
            {values === undefined ? <span lang={RULE_LANGUAGE}>{text}</span> : saidOf(words, name, values)}{' '}
            <span class="quiet">{words.text('overview.since', { time: words.date(since) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What an alert says, in the reader's language. */
function saidOf(words: Words, name: string, values: Values): string {
  const shown = Object.entries(values).map(([key, value]) => {
    if (key === 'corridor') return [key, words.ofCode('standing', String(value))];
    return [key, typeof value === 'number' ? words.number(value, Number.isInteger(value) ? 0 : 1) : value];
  });
  return words.ofCode('alertText', name.split('.')[0] ?? name, Object.fromEntries(shown));
}

function ShareTable({ shares, plan }: { shares: Shares; plan: Shares | null }) {
  const words = useWords();
  return (
    <section>
      <h2>{words.text(plan === null ? 'overview.shares' : 'overview.sharesPlan')}</h2>
      <table class="shares">
        <thead>
          <tr>
            <th scope="col">{words.text('overview.corridor')}</th>
            <th scope="col" class="num">
              {words.text('overview.share')}
            </th>
            {plan !== null && (
              <>
                <th scope="col" class="num">
                  {words.text('overview.plan')}
                </th>
                <th scope="col" class="num">
                  {words.text('overview.difference')}
                </th>
              </>
            )}
            <td class="bar" />
          </tr>
        </thead>
        <tbody>
          {shownOf(shares).map((corridor) => (
            <tr key={corridor}>
              <th scope="row">
                <Mark of={corridor} />
              </th>
              <td class="num">{words.number(shares[corridor], 1)}</td>
              {plan !== null && (
                <>
                  <td class="num">{words.number(plan[corridor], 1)}</td>
                  <td class="num">{words.difference(shares[corridor] - plan[corridor])}</td>
                </>
              )}
              <td class="bar">
                <Bar corridor={corridor} share={shares[corridor]} plan={plan?.[corridor] ?? null} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Those that this user is told of. */
function shownOf(shares: Partial<Shares>): readonly Corridor[] {
  return CORRIDORS.filter((corridor) => shares[corridor] !== undefined);
}

/** A share as a length, with a stroke where the plan is. The figure stands beside it. */
function Bar({ corridor, share, plan }: { corridor: Corridor; share: number; plan: number | null }) {
  return (
    <svg class={`share ${corridor}`} aria-hidden="true" focusable="false">
      <rect class="track" width="100%" height="100%" />
      <rect width={`${share}%`} height="100%" />
      {plan !== null && <rect class="plan" x={`${plan}%`} width="2" height="100%" />}
    </svg>
  );
}

/** One small picture an office, all of one kind and scale: the odd one out is seen at once. */
function Offices({ offices }: { offices: readonly OfficeOverview[] }) {
  const words = useWords();
  return (
    <section>
      <h2>{words.text('overview.offices')}</h2>
      {offices.length === 0 && <p>{words.text('overview.noOffices')}</p>}
      <ul class="tiles">
        {offices.map(({ office, decisions, shares }) => (
          <li key={office}>
            <h3>
              {office} <span class="quiet">{words.text('overview.decided', { count: decisions })}</span>
            </h3>
            <ul>
              {shownOf(shares).map((corridor) => (
                <li key={corridor}>
                  <Shape of={corridor} />
                  <span class="hidden">{words.ofCode('standing', corridor)}</span>
                  <Bar corridor={corridor} share={shares[corridor]} plan={null} />
                  <span class="num">{words.percent(shares[corridor])}</span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}
