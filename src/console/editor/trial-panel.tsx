import { useEffect, useState } from 'preact/hooks';
import { CORRIDORS, RULE_LANGUAGE } from '../api.ts';
import { ClientError } from '../client.ts';
import { useWords } from '../context.ts';
import { Shape } from '../parts/mark.tsx';
import { editing } from './api.ts';
import type { ProfileForm, Rate, Trial } from './types.ts';

interface TrialPanelProps {
  readonly draft: string;
  /** Null: not in order to be tried. */
  readonly form: ProfileForm | null;
}

const WAIT_MS = 350;
const OFFICES_SHOWN = 6;

/** What the profile would do to the newest declarations, while it is being written. */
export function TrialPanel({ draft, form }: TrialPanelProps) {
  const words = useWords();
  const [trial, setTrial] = useState<Trial | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [running, setRunning] = useState(false);
  useEffect(() => {
    if (form === null) return;
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      setRunning(true);
      try {
        await editing.trial(draft, form, abort.signal, (part) => {
          setTrial(part);
          setError(null);
        });
      } catch (cause) {
        if (!abort.signal.aborted) setError(textOf(cause));
      } finally {
        if (!abort.signal.aborted) setRunning(false);
      }
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [form, draft]);
  return (
    <section class="trial" aria-labelledby="trial-title" aria-busy={running}>
      <h2 id="trial-title">{words.text('trial.title')}</h2>
      {form === null && <p class="quiet">{words.text('trial.waiting')}</p>}
      {error !== null && (
        <p class="fault" role="alert" lang={RULE_LANGUAGE}>
          {error}
        </p>
      )}
      {trial !== null && <Result trial={trial} id={form?.id ?? ''} />}
    </section>
  );
}

function textOf(cause: unknown): string {
  if (!(cause instanceof ClientError)) return String(cause);
  return [cause.message, ...cause.faults.map(({ message }) => message)].join(' — ');
}

function Result({ trial, id }: { trial: Trial; id: string }) {
  const words = useWords();
  const own = trial.profiles.find((each) => each.id === id);
  const share = (part: number) => words.percent(trial.declarations === 0 ? 0 : (100 * part) / trial.declarations);
  if (trial.declarations === 0) return <p class="quiet">{words.text('trial.none')}</p>;
  return (
    <>
      <progress max={trial.of} value={trial.done} aria-label={words.text('trial.progress')} />
      <p class="quiet" role="status">
        {words.text('trial.over', { declarations: trial.declarations })}
      </p>
      <dl class="figures">
        <dt>{words.text('trial.hits')}</dt>
        <dd data-figure="hits">
          {words.number(own?.hits ?? 0)} ({share(own?.hits ?? 0)})
        </dd>
        <dt>{words.text('trial.alone')}</dt>
        <dd>{words.number(own?.alone ?? 0)}</dd>
        <dt>{words.text('trial.rate')}</dt>
        <dd>{rateText(own?.hitRate)}</dd>
      </dl>
      <table>
        <caption>{words.text('trial.corridors')}</caption>
        <thead>
          <tr>
            <th scope="col">{words.text('trial.corridor')}</th>
            <th scope="col" class="number">
              {words.text('trial.before')}
            </th>
            <th scope="col" class="number">
              {words.text('trial.after')}
            </th>
          </tr>
        </thead>
        <tbody>
          {CORRIDORS.map((corridor) => (
            <tr key={corridor}>
              <th scope="row">
                <Shape of={corridor} /> {words.ofCode('corridor', corridor)}
              </th>
              <td class="number">{share(trial.before[corridor])}</td>
              <td class="number">{share(trial.after[corridor])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Moves trial={trial} />
      <Offices trial={trial} />
      <Samples trial={trial} id={id} />
    </>
  );

  function rateText(rate: Rate | undefined): string {
    if (rate === undefined || rate.rate === null || rate.interval === null) return words.text('trial.noOutcomes');
    const { low, high } = rate.interval;
    const part = (share: number) => words.percent(100 * share);
    return words.text('trial.rateOf', { rate: part(rate.rate), of: rate.of, low: part(low), high: part(high) });
  }
}

function Moves({ trial }: { trial: Trial }) {
  const words = useWords();
  if (trial.moves.length === 0) return <p class="quiet">{words.text('trial.noMoves')}</p>;
  return (
    <ul class="moves" aria-label={words.text('trial.moves')}>
      {trial.moves.map(({ from, to, declarations }) => (
        <li key={`${from} ${to}`}>
          {words.ofCode('corridor', from)} → {words.ofCode('corridor', to)}: {words.number(declarations)}
        </li>
      ))}
    </ul>
  );
}

function Offices({ trial: { offices } }: { trial: Trial }) {
  const words = useWords();
  if (offices.length === 0) return null;
  return (
    <table>
      <caption>{words.text('trial.offices')}</caption>
      <thead>
        <tr>
          <th scope="col">{words.text('trial.office')}</th>
          <th scope="col" class="number">
            {words.text('trial.perDay')}
          </th>
          <th scope="col" class="number">
            {words.text('trial.capacity')}
          </th>
        </tr>
      </thead>
      <tbody>
        {offices.slice(0, OFFICES_SHOWN).map(({ office, perDay, capacity, daysOver }) => (
          <tr key={office}>
            <th scope="row">{office}</th>
            <td class="number">{words.number(perDay, 1)}</td>
            <td class="number">
              {capacity === null ? '–' : words.number(capacity)}
              {daysOver > 0 && ` (${words.text('trial.daysOver', { days: daysOver })})`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Declarations that it hits, and the values that made it. */
function Samples({ trial, id }: { trial: Trial; id: string }) {
  const words = useWords();
  const samples = trial.profiles.find((each) => each.id === id)?.samples ?? [];
  if (samples.length === 0) return null;
  return (
    <details>
      <summary>{words.text('trial.samples', { count: samples.length })}</summary>
      <ul>
        {samples.map((sample) => (
          <li key={`${sample.submitter} ${sample.id} ${sample.version}`}>
            <a
              href={`/declarations/${encodeURIComponent(sample.id)}?submitter=${encodeURIComponent(sample.submitter)}`}
            >
              {sample.id}
            </a>{' '}
            {words.ofCode('corridor', sample.before)} → {words.ofCode('corridor', sample.after)}
            <br />
            <small>
              {Object.entries(sample.values).map(([name, value]) => (
                <code key={name}>
                  {name} = {String(value)}{' '}
                </code>
              ))}
            </small>
          </li>
        ))}
      </ul>
    </details>
  );
}
