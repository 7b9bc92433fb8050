import { useEffect, useState } from 'preact/hooks';
import type { ClientError } from '../client.ts';
import { useWords } from '../context.ts';
import { asClientError, useResource } from '../resource.ts';
import { type Backtest, type DraftInFull, rules } from '../rules-api.ts';
import { BacktestSummary } from './backtest-report.tsx';
import { Refusal } from './refusal.tsx';

const POLL_MS = 1000;

/** What the draft would have done on all history: the newest backtest of it, or a way to make one. */
export function DraftBacktest({ draft }: { draft: DraftInFull }) {
  const words = useWords();
  const list = useResource(`backtests ${draft.id}`, (signal) => rules.backtests(signal));
  const [error, setError] = useState<ClientError | null>(null);
  const newest = list.value?.backtests.find((each) => each.draft === draft.id) ?? null;
  const isUnderWay = newest?.state === 'running' || newest?.state === 'waiting';

  useEffect(() => {
    if (!isUnderWay) return;
    const timer = setInterval(list.reload, POLL_MS);
    return () => clearInterval(timer);
  }, [isUnderWay]);

  async function does(act: Promise<unknown>): Promise<void> {
    setError(null);
    await act.catch((cause: unknown) => setError(asClientError(cause)));
    list.reload();
  }
  return (
    <section aria-labelledby="backtest">
      <div class="heading">
        <h2 id="backtest">{words.text('backtest.title')}</h2>
        {isUnderWay && newest !== null ? (
          <button type="button" class="small" onClick={() => void does(rules.cancelBacktest(newest.id))}>
            {words.text('act.cancel')}
          </button>
        ) : (
          <button
            type="button"
            class="small"
            disabled={draft.files.length === 0}
            onClick={() => void does(rules.startBacktest({ draft: draft.id, title: draft.title }))}
          >
            {words.text('backtest.start')}
          </button>
        )}
      </div>
      {error !== null && <Refusal error={error} />}
      {newest === null && list.value !== null && <p class="quiet">{words.text('backtest.none')}</p>}
      {newest !== null && isUnderWay && <Progress backtest={newest} />}
      {newest !== null && !isUnderWay && newest.state !== 'done' && (
        <p>
          {words.ofCode('trialState', newest.state)} {newest.error}
        </p>
      )}
      {newest?.state === 'done' && <Result key={newest.id} id={newest.id} draft={draft} />}
    </section>
  );
}

function Progress({ backtest: { progress } }: { backtest: Backtest }) {
  const words = useWords();
  const known = progress !== null && progress.of !== null && progress.of > 0;
  const step = words.ofCode('trialStep', progress?.step ?? 'waiting');
  return (
    <p>
      {step}
      <progress aria-label={step} {...(known && { value: progress.done, max: progress.of ?? 1 })} />
    </p>
  );
}

function Result({ id, draft }: { id: string; draft: DraftInFull }) {
  const words = useWords();
  const { value } = useResource(`backtest ${id}`, (signal) => rules.backtest(id, signal));
  const report = value?.result ?? null;
  if (value === null || report === null) return null;
  const profiles = draft.files.flatMap((file) => /^profiles\/(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return (
    <>
      {isOlder(value.startedAt, draft) && <p class="fault">{words.text('backtest.outdated')}</p>}
      <BacktestSummary report={report} profiles={profiles} />
    </>
  );
}

/** Whether a file of the draft has changed since. */
function isOlder(at: number, { steps }: DraftInFull): boolean {
  return steps.some((step) => step.file !== null && Date.parse(step.at) > at);
}
