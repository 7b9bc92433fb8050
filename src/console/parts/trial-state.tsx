import { useWords } from '../context.ts';
import type { Progress, Trial } from '../trials-api.ts';

/** How far a trial is; where it runs at another node, only that it runs. */
export function TrialState({ trial, progress }: { trial: Trial; progress: Progress | null }) {
  const words = useWords();
  if (trial.state !== 'running' && trial.state !== 'waiting') {
    return (
      <>
        {words.ofCode('trialState', trial.state)} {trial.error}
      </>
    );
  }
  const { step = trial.state, done = 0, of = null, declarations } = progress ?? {};
  if (trial.kind !== 'backtest') {
    return (
      <>
        {words.text('trials.running')}
        {declarations !== undefined && <small class="quiet"> {words.text('trials.counted', { declarations })}</small>}
      </>
    );
  }
  const text = words.ofCode('trialStep', step);
  return (
    <>
      {text}
      <progress aria-label={text} {...(of !== null && of > 0 && { value: done, max: of })} />
    </>
  );
}
