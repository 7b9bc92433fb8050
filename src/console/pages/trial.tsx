import '../rules-style.ts';
import { useEffect } from 'preact/hooks';
import { useApp, useWords } from '../context.ts';
import { Act } from '../parts/act.tsx';
import { type BacktestReport, BacktestSummary } from '../parts/backtest-report.tsx';
import { ContestTable } from '../parts/contest.tsx';
import { Download } from '../parts/download.tsx';
import { Facts } from '../parts/facts.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { TrialState } from '../parts/trial-state.tsx';
import { useResource } from '../resource.ts';
import { type Contest, type Progress, type TrialInFull, trials } from '../trials-api.ts';
import { isUnderWay } from './trials.tsx';

const POLL_MS = 2000;

/** One trial: how far it is, and what it came to. */
export function TrialPage({ id }: { id: string }) {
  const words = useWords();
  const resource = useResource(`trial ${id}`, async (signal) => {
    const trial = await trials.one(id, signal);
    const progress = isUnderWay(trial) ? ((await trials.progress(signal)).get(id) ?? null) : null;
    const isOpenShare = trial.kind === 'share' && isUnderWay(trial);
    return { trial: isOpenShare ? { ...trial, result: await trials.share(signal) } : trial, progress };
  });
  const isBusy = resource.value !== null && isUnderWay(resource.value.trial);
  useEffect(() => {
    if (!isBusy) return;
    const timer = setInterval(resource.reload, POLL_MS);
    return () => clearInterval(timer);
  }, [isBusy]);
  const title = resource.value?.trial.title || resource.value?.trial.candidate || '';
  return (
    <Page title="trials.one" values={{ title }}>
      <Of resource={resource}>
        {({ trial, progress }) => (
          <>
            <Actions trial={trial} reload={resource.reload} />
            <About trial={trial} />
            <section aria-labelledby="result">
              <h2 id="result">{words.text('trials.result')}</h2>
              <Result trial={trial} progress={progress} />
            </section>
          </>
        )}
      </Of>
      <p class="onward">
        <a href="/trials">{words.text('trials.title')}</a>
      </p>
    </Page>
  );
}

function Actions({ trial, reload }: { trial: TrialInFull; reload: () => void }) {
  const { words, session } = useApp();
  const mayEnd = isUnderWay(trial) && trial.kind !== 'share' && (session.may?.includes('profiles') ?? false);
  return (
    <div class="buttons">
      {mayEnd && (
        <Act
          label={words.ofCode('trialEnd', trial.kind)}
          text={words.ofCode('trialEndText', trial.kind)}
          run={() => trials.end(trial)}
          done={reload}
        />
      )}
      {trial.result !== null && (
        <Download path={`/v1/applications/${encodeURIComponent(trial.id)}`} name={`trial-${trial.id}`} />
      )}
    </div>
  );
}

function About({ trial }: { trial: TrialInFull }) {
  const words = useWords();
  const { kind, candidate, base, draft, by, node, startedAt, endedAt } = trial;
  return (
    <>
      <Facts
        facts={[
          [words.text('trials.kind'), words.ofCode('trialKind', kind)],
          [words.text('trials.what'), candidate],
          [words.text('trials.against'), base],
          [words.text('trials.by'), by],
          [words.text('policies.node'), node],
          [words.text('trials.started'), words.date(startedAt)],
          [words.text('trials.ended'), endedAt === null ? '–' : words.date(endedAt)],
        ]}
      />
      {draft !== null && (
        <p class="onward">
          <a href={`/drafts/${encodeURIComponent(draft)}`}>{words.text('policy.draft')}</a>
        </p>
      )}
    </>
  );
}

function Result({ trial, progress }: { trial: TrialInFull; progress: Progress | null }) {
  const words = useWords();
  const { result, kind } = trial;
  return (
    <>
      {(isUnderWay(trial) || result === null) && (
        <p role="status">
          <TrialState trial={trial} progress={progress} />
        </p>
      )}
      {result !== null && kind === 'share' && <ContestTable contest={result as Contest} />}
      {result !== null && kind !== 'share' && <Report report={result as BacktestReport} />}
      {result === null && kind === 'shadow' && <p class="quiet">{words.text('trials.later')}</p>}
    </>
  );
}

function Report({ report }: { report: BacktestReport }) {
  const words = useWords();
  const hitting = report.profiles.filter(({ hits }) => hits > 0).toSorted((a, b) => b.hits - a.hits);
  return (
    <>
      <BacktestSummary report={report} profiles={[]} />
      <details>
        <summary>{words.text('trials.profiles', { hitting: hitting.length, all: report.profiles.length })}</summary>
        <div class="scroll">
          <table class="list">
            <thead>
              <tr>
                <th scope="col">{words.text('effectHead.profile')}</th>
                <th scope="col" class="num">
                  {words.text('trial.hits')}
                </th>
                <th scope="col" class="num">
                  {words.text('trial.alone')}
                </th>
                <th scope="col" class="num">
                  {words.text('trial.rate')}
                </th>
              </tr>
            </thead>
            <tbody>
              {hitting.map(({ id, hits, alone, hitRate: { rate, of } }) => (
                <tr key={id}>
                  <th scope="row">
                    <a href={`/profiles/${encodeURIComponent(id)}`}>{id}</a>
                  </th>
                  <td class="num">{words.number(hits)}</td>
                  <td class="num">{words.number(alone)}</td>
                  <td class="num">{rate === null ? '–' : `${words.percent(100 * rate)} (${words.number(of)})`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}
