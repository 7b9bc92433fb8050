import { useEffect, useRef, useState } from 'preact/hooks';
import { CORRIDORS, type LatestDecision } from '../api.ts';
import { client, query } from '../client.ts';
import { useApp, useWords } from '../context.ts';
import { Choice } from '../parts/fields.tsx';
import { Freshness } from '../parts/freshness.tsx';
import { Mark } from '../parts/mark.tsx';
import { Page } from '../parts/page.tsx';
import { Failure, Loading, State } from '../parts/states.tsx';
import { useResource } from '../resource.ts';
import { focusOnArrival, navigate, type Place } from '../router.ts';

const ALL = 'all';
const UNDER_CONTROL = 'yellow,red';

/** Find a declaration by its number; officials also see what was decided last in their offices. */
export function DeclarationsPage({ place }: { place: Place }) {
  const { words, session } = useApp();
  const official = session.may?.includes('latest') ?? false;
  return (
    <Page title="declarations.title">
      {session.party && (
        <p class="quiet">
          {words.text('menu.party')}: {session.party}
        </p>
      )}
      <Search official={official} />
      {official && <LatestDecisions query={place.query} />}
    </Page>
  );
}

function declarationPath(id: string, submitter: string | null): string {
  return `/declarations/${encodeURIComponent(id)}${query({ submitter })}`;
}

/** A trader's declarations are its own; an official says whose. */
function Search({ official }: { official: boolean }) {
  const words = useWords();
  const [missing, setMissing] = useState<readonly string[]>([]);
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    if (focusOnArrival() === 'search') root.current?.querySelector<HTMLInputElement>('[data-search]')?.focus();
  }, []);
  function find(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = event.currentTarget;
    const given = (name: string) => String(new FormData(form).get(name) ?? '').trim();
    const empty = (official ? ['id', 'submitter'] : ['id']).filter((name) => given(name) === '');
    setMissing(empty);
    const [first] = empty;
    if (first === undefined) navigate(declarationPath(given('id'), official ? given('submitter') : null));
    else form.querySelector<HTMLInputElement>(`[name=${first}]`)?.focus();
  }
  return (
    <search ref={root}>
      <form class="search" noValidate onSubmit={find}>
        <Field name="id" label={words.text('declarations.id')} hint="55401-260302-0001234" missing={missing} search />
        {official && (
          <Field name="submitter" label={words.text('declarations.submitter')} hint="123456789012" missing={missing} />
        )}
        <button type="submit">{words.text('declarations.find')}</button>
      </form>
    </search>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly missing: readonly string[];
  /** Where `/` leads. */
  readonly search?: boolean;
}

function Field({ name, label, hint, missing, search = false }: FieldProps) {
  const words = useWords();
  const wrong = missing.includes(name);
  const note = `${name}-note`;
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type="text"
        maxLength={128}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        data-search={search ? '' : undefined}
        aria-invalid={wrong ? true : undefined}
        aria-describedby={note}
      />
      <small id={note}>{wrong ? words.text('declarations.missing') : words.text('declarations.hint', { hint })}</small>
    </div>
  );
}

/** The newest decisions of the user's offices that are as the address says. */
function LatestDecisions({ query: asked }: { query: URLSearchParams }) {
  const { words, session } = useApp();
  // An inspector begins with what waits for one.
  const usual = session.roles?.includes('inspector') ? UNDER_CONTROL : ALL;
  const corridor = asked.get('corridor') ?? usual;
  const office = asked.get('office') ?? '';
  const filter = { corridor: corridor === ALL ? '' : corridor, office };
  const load = (signal: AbortSignal) => client.latest(filter, signal);
  const { value, error, freshAt, loading, reload } = useResource(query(filter), load);
  const offices = useOffices(value?.decisions, office);
  const filterBy = (chosen: string, of: string) =>
    navigate(`/declarations${query({ corridor: chosen === usual ? null : chosen, office: of })}`, true);
  const corridors = CORRIDORS.map((name) => [name, words.ofCode('standing', name)] as const);
  return (
    <section>
      <div class="heading">
        <h2>{words.text('declarations.latest')}</h2>
        <Freshness freshAt={freshAt} loading={loading} reload={reload} />
      </div>
      <div class="filters">
        <Choice
          label={words.text('overview.corridor')}
          value={corridor}
          options={[
            [ALL, words.text('declarations.all')],
            [UNDER_CONTROL, words.text('declarations.control')],
            ...corridors,
          ]}
          choose={(chosen) => filterBy(chosen, office)}
        />
        <Choice
          label={words.text('declarations.office')}
          value={office}
          options={[['', words.text('declarations.all')], ...offices.map((name) => [name, name] as const)]}
          choose={(chosen) => filterBy(corridor, chosen)}
        />
        <p class="quiet" role="status">
          {value !== null && words.text('declarations.newest', { count: value.decisions.length })}
        </p>
      </div>
      {value === null && (error === null ? <Loading /> : <Failure error={error} retry={reload} />)}
      {value !== null && error !== null && <p role="alert">{words.text(`failure.${error.kind}.title`)}</p>}
      {value !== null && value.decisions.length > 0 && <Table decisions={value.decisions} />}
      {value?.decisions.length === 0 && <Empty unfilter={query(filter) === '' ? null : () => filterBy(ALL, '')} />}
    </section>
  );
}

/** Offices to choose from: one's own, or where one sees all, those that were seen here. */
function useOffices(decisions: readonly LatestDecision[] = [], chosen: string): readonly string[] {
  const { session } = useApp();
  const seen = useRef(new Set<string>());
  const own = Array.isArray(session.offices) ? session.offices.filter((office) => office !== '*') : [];
  for (const name of [...own, ...decisions.map(({ office }) => office), chosen]) seen.current.add(name);
  return [...seen.current].filter((name) => name !== '').sort();
}

function Empty({ unfilter }: { unfilter: (() => void) | null }) {
  const words = useWords();
  return (
    <State>
      <p>{words.text(unfilter ? 'declarations.noneFiltered' : 'declarations.none')}</p>
      {unfilter && (
        <button type="button" onClick={unfilter}>
          {words.text('declarations.unfilter')}
        </button>
      )}
    </State>
  );
}

function Table({ decisions }: { decisions: readonly LatestDecision[] }) {
  const words = useWords();
  return (
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{words.text('overview.corridor')}</th>
            <th scope="col">{words.text('declarations.id')}</th>
            <th scope="col" class="spare">
              {words.text('declarations.submitter')}
            </th>
            <th scope="col">{words.text('declarations.office')}</th>
            <th scope="col">{words.text('declarations.decidedAt')}</th>
          </tr>
        </thead>
        <tbody>
          {decisions.map(({ submitter, declarationId: id, version, office, corridor, decidedAt }) => (
            <tr key={`${submitter} ${id} ${version}`}>
              <td>
                <Mark of={corridor} />
              </td>
              <td>
                <a data-row href={declarationPath(id, submitter)}>
                  {id}
                </a>
                {version > 1 && <span class="quiet"> {words.text('declarations.version', { version })}</span>}
              </td>
              <td class="spare">{submitter}</td>
              <td>{office}</td>
              <td>
                <time dateTime={decidedAt}>{words.date(decidedAt)}</time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
