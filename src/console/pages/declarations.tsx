import { useId, useState } from 'preact/hooks';
import { CORRIDORS, type LatestDecision } from '../api.ts';
import { client, query } from '../client.ts';
import { useApp, useWords } from '../context.ts';
import { Freshness } from '../parts/freshness.tsx';
import { Mark } from '../parts/mark.tsx';
import { Page } from '../parts/page.tsx';
import { Failure, Loading, State } from '../parts/states.tsx';
import { useResource } from '../resource.ts';
import { navigate, type Place } from '../router.ts';

/** Find a declaration by its number; officials also see what was decided last in their offices. */
export function DeclarationsPage({ place }: { place: Place }) {
  const { session } = useApp();
  const official = session.may?.includes('latest') ?? false;
  return (
    <Page title="declarations.title">
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
    <search>
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

/** The newest decisions of the user's offices, filtered as the address says. */
function LatestDecisions({ query: filter }: { query: URLSearchParams }) {
  const words = useWords();
  const { value, error, freshAt, loading, reload } = useResource('latest', client.latest);
  if (value === null) return error === null ? <Loading /> : <Failure error={error} retry={reload} />;
  const [corridor, office] = [filter.get('corridor') ?? '', filter.get('office') ?? ''];
  const all = value.decisions;
  const shown = all.filter((each) => [each.corridor, ''].includes(corridor) && [each.office, ''].includes(office));
  const offices = [...new Set([...all.map((each) => each.office), office])].filter((name) => name !== '').sort();
  return (
    <section>
      <div class="heading">
        <h2>{words.text('declarations.latest')}</h2>
        <Freshness freshAt={freshAt} loading={loading} reload={reload} />
      </div>
      {error !== null && <p role="alert">{words.text(`failure.${error.kind}.title`)}</p>}
      {all.length > 0 && (
        <div class="filters">
          <Choice
            label={words.text('overview.corridor')}
            value={corridor}
            options={CORRIDORS.map((name) => [name, words.ofCode('standing', name)])}
            choose={(chosen) => filterBy({ corridor: chosen, office })}
          />
          <Choice
            label={words.text('declarations.office')}
            value={office}
            options={offices.map((name) => [name, name])}
            choose={(chosen) => filterBy({ corridor, office: chosen })}
          />
          <p class="quiet" role="status">
            {words.text('declarations.shown', { shown: shown.length, all: all.length })}
          </p>
        </div>
      )}
      {shown.length > 0 ? <Table decisions={shown} /> : <Empty filtered={all.length > 0} />}
    </section>
  );
}

function filterBy(filter: Readonly<Record<string, string>>): void {
  navigate(`/declarations${query(filter)}`, true);
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  choose(value: string): void;
}

function Choice({ label, value, options, choose }: ChoiceProps) {
  const words = useWords();
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        <option value="">{words.text('declarations.all')}</option>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

function Empty({ filtered }: { filtered: boolean }) {
  const words = useWords();
  return (
    <State>
      <p>{words.text(filtered ? 'declarations.noneFiltered' : 'declarations.none')}</p>
      {filtered && (
        <button type="button" onClick={() => filterBy({})}>
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
