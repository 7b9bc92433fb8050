import '../rules-style.ts';
import { useEffect, useState } from 'preact/hooks';
import { query } from '../client.ts';
import { useWords } from '../context.ts';
import { Act } from '../parts/act.tsx';
import { Download } from '../parts/download.tsx';
import { Choice } from '../parts/fields.tsx';
import { Freshness } from '../parts/freshness.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { State } from '../parts/states.tsx';
import { TrialState } from '../parts/trial-state.tsx';
import { useResource } from '../resource.ts';
import { navigate } from '../router.ts';
import { rules } from '../rules-api.ts';
import { type Progress, TRIAL_KINDS, type Trial, trials } from '../trials-api.ts';

const POLL_MS = 2000;
const VERSIONS_OFFERED = 50;

interface Listed {
  readonly all: readonly Trial[];
  readonly progress: ReadonlyMap<string, Progress>;
}

/** What was tried, on history, beside what comes in, and on a share of it: what runs first. */
export function TrialsPage({ query: asked }: { query: URLSearchParams }) {
  const words = useWords();
  const kind = asked.get('kind') ?? '';
  const resource = useResource('trials', async (signal): Promise<Listed> => {
    const [{ applications: all }, progress] = await Promise.all([trials.list(signal), trials.progress(signal)]);
    return { all, progress };
  });
  const isBusy = resource.value?.all.some(isUnderWay) ?? false;
  useEffect(() => {
    if (!isBusy) return;
    const timer = setInterval(resource.reload, POLL_MS);
    return () => clearInterval(timer);
  }, [isBusy]);
  return (
    <Page title="trials.title" aside={<Freshness {...resource} />}>
      <p>{words.text('trials.text')}</p>
      <div class="buttons">
        <Start kind="backtest" />
        <Start kind="shadow" />
        <Download path="/v1/applications" name="trials" />
      </div>
      <div class="filters">
        <Choice
          label={words.text('trials.kind')}
          value={kind}
          options={[
            ['', words.text('declarations.all')] as const,
            ...TRIAL_KINDS.map((each) => [each, words.ofCode('trialKind', each)] as const),
          ]}
          choose={(chosen) => navigate(`/trials${query({ kind: chosen })}`, true)}
        />
      </div>
      <Of resource={resource}>
        {({ all, progress }) => {
          const shown = all.filter((each) => kind === '' || each.kind === kind);
          return shown.length > 0 ? (
            <Table shown={shown} progress={progress} />
          ) : (
            <State>
              <p>{words.text('trials.none')}</p>
            </State>
          );
        }}
      </Of>
    </Page>
  );
}

export function isUnderWay({ state }: Pick<Trial, 'state'>): boolean {
  return state === 'running' || state === 'waiting';
}

function Start({ kind }: { kind: 'backtest' | 'shadow' }) {
  const words = useWords();
  const known = useResource('tryable', async (signal) => {
    const [{ drafts }, { versions }] = await Promise.all([rules.drafts(signal), rules.policies(signal)]);
    return { drafts: drafts.filter(({ state }) => state !== 'active'), versions };
  });
  const run = async (form: FormData): Promise<void> => {
    const [what, ...name] = String(form.get('what')).split(' ');
    const body = { [what ?? '']: name.join(' '), title: String(form.get('title')).trim() };
    const { id } = await (kind === 'shadow'
      ? trials.shadow({ ...body, hours: Number(form.get('hours')) })
      : trials.backtest(body));
    navigate(`/trials/${encodeURIComponent(id)}`);
  };
  return (
    <Act
      label={words.ofCode('trialStart', kind)}
      text={words.ofCode('trialStartText', kind)}
      primary={kind === 'backtest'}
      run={run}
    >
      <label>
        {words.text('trials.what')}
        <select name="what" required>
          <optgroup label={words.text('drafts.title')}>
            {known.value?.drafts.map(({ id, title }) => (
              <option key={id} value={`draft ${id}`}>
                {title}
              </option>
            ))}
          </optgroup>
          <optgroup label={words.text('policies.versions')}>
            {known.value?.versions.slice(0, VERSIONS_OFFERED).map(({ version }) => (
              <option key={version} value={`version ${version}`}>
                {version}
              </option>
            ))}
          </optgroup>
        </select>
      </label>
      <label>
        {words.text('trials.name')}
        <input name="title" maxLength={200} required />
      </label>
      {kind === 'shadow' && (
        <label>
          {words.text('trials.hours')}
          <input name="hours" type="number" min="1" max="720" step="1" defaultValue="24" required />
        </label>
      )}
    </Act>
  );
}

interface TableProps {
  readonly shown: readonly Trial[];
  readonly progress: ReadonlyMap<string, Progress>;
}

function Table({ shown, progress }: TableProps) {
  const words = useWords();
  const [chosen, choose] = useState<readonly string[]>([]);
  // The two chosen last.
  const toggle = (id: string) =>
    choose((before) => (before.includes(id) ? before.filter((each) => each !== id) : [...before, id].slice(-2)));
  const [a, b] = chosen;
  return (
    <>
      <p class="buttons">
        {a !== undefined && b !== undefined ? (
          <a href={`/trials/compare${query({ a, b })}`}>{words.text('trials.compare')}</a>
        ) : (
          <span class="quiet">{words.text('trials.choose')}</span>
        )}
      </p>
      <div class="scroll">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden">{words.text('trials.compare')}</span>
              </th>
              <th scope="col">{words.text('trials.name')}</th>
              <th scope="col">{words.text('trials.kind')}</th>
              <th scope="col">{words.text('drafts.state')}</th>
              <th scope="col" class="spare">
                {words.text('trials.by')}
              </th>
              <th scope="col" class="spare">
                {words.text('trials.started')}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((trial) => (
              <tr key={trial.id}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={words.text('trials.pick', { title: trial.title || trial.candidate })}
                    checked={chosen.includes(trial.id)}
                    onChange={() => toggle(trial.id)}
                  />
                </td>
                <td class="words">
                  <a data-row href={`/trials/${encodeURIComponent(trial.id)}`}>
                    {trial.title || trial.candidate}
                  </a>
                </td>
                <td>{words.ofCode('trialKind', trial.kind)}</td>
                <td>
                  <TrialState trial={trial} progress={progress.get(trial.id) ?? null} />
                </td>
                <td class="spare">{trial.by}</td>
                <td class="spare">
                  <time dateTime={trial.startedAt}>{words.date(trial.startedAt)}</time>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
