import '../rules-style.ts';
import { useState } from 'preact/hooks';
import { RULE_LANGUAGE } from '../api.ts';
import type { ClientError } from '../client.ts';
import { useWords } from '../context.ts';
import { Page } from '../parts/page.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { asClientError } from '../resource.ts';
import { navigate } from '../router.ts';
import { type Migrated, rules } from '../rules-api.ts';

const TARGETS = [
  ...['untruthful_declaration', 'bans_and_restrictions', 'customs_procedure', 'undervaluation', 'anti_dumping'],
  ...['intellectual_property', 'transit', 'random'],
];

/** Rules of another system: what would become of them, then the draft. */
export function MigrationPage() {
  const words = useWords();
  const [kind, setKind] = useState('table-xlsx');
  const [found, setFound] = useState<{ body: object; answer: Migrated } | null>(null);
  const [error, setError] = useState<ClientError | null>(null);
  const [busy, setBusy] = useState(false);

  async function ask(body: object): Promise<Migrated | null> {
    setBusy(true);
    setError(null);
    try {
      return await rules.migrate(body);
    } catch (cause) {
      setError(asClientError(cause));
      return null;
    } finally {
      setBusy(false);
    }
  }

  async function look(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    const file = form.get('file');
    if (!(file instanceof File)) return;
    const body = {
      kind,
      title: String(form.get('title')),
      content: base64(new Uint8Array(await file.arrayBuffer())),
      ...(kind === 'asycuda' && { target: String(form.get('target')) }),
    };
    const answer = await ask({ ...body, dryRun: true });
    setFound(answer === null ? null : { body, answer });
  }

  async function make(): Promise<void> {
    const answer = found === null ? null : await ask(found.body);
    if (answer?.draft != null) navigate(`/drafts/${encodeURIComponent(answer.draft)}`);
  }

  return (
    <Page title="migration.title">
      <p>{words.text('migration.text')}</p>
      <form onSubmit={look} onChange={() => setFound(null)}>
        <div class="pair">
          <label>
            {words.text('list.file')}
            <input
              type="file"
              name="file"
              required
              accept=".xlsx,.csv,.txt"
              onChange={({ currentTarget }) => setKind(kindOf(currentTarget.files?.[0]?.name ?? ''))}
            />
          </label>
          <label>
            {words.text('migration.kind')}
            <select value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value)}>
              {['table-xlsx', 'table-csv', 'asycuda'].map((each) => (
                <option key={each} value={each}>
                  {words.ofCode('migrationKind', each.replace('-', '_'))}
                </option>
              ))}
            </select>
          </label>
          {kind === 'asycuda' && (
            <label>
              {words.text('migration.target')}
              <select name="target">
                {TARGETS.map((target) => (
                  <option key={target} value={target}>
                    {words.ofCode('target', target)}
                  </option>
                ))}
              </select>
            </label>
          )}
          <label>
            {words.text('drafts.name')}
            <input name="title" required maxLength={200} defaultValue={words.text('migration.draft')} />
          </label>
        </div>
        <div class="buttons">
          <button type="submit" aria-busy={busy}>
            {words.text('migration.check')}
          </button>
        </div>
      </form>
      {error !== null && <Refusal error={error} />}
      {found !== null && <Report answer={found.answer} busy={busy} make={() => void make()} />}
    </Page>
  );
}

function Report({ answer: { report }, busy, make }: { answer: Migrated; busy: boolean; make: () => void }) {
  const words = useWords();
  const refused = report.remarks.filter(({ kind }) => kind === 'refused').length;
  return (
    <section aria-labelledby="report">
      <h2 id="report">{words.text('migration.report')}</h2>
      <p role="status">{words.text('migration.result', { read: report.read.length, refused })}</p>
      {report.read.length > 0 && (
        <div class="buttons">
          <button type="button" class="act" aria-busy={busy} onClick={make}>
            {words.text('migration.make')}
          </button>
        </div>
      )}
      {report.remarks.length > 0 && (
        <div class="scroll">
          <table class="list">
            <caption>{words.text('migration.remarks')}</caption>
            <thead>
              <tr>
                <th scope="col" class="num">
                  {words.text('migration.line')}
                </th>
                <th scope="col" class="num">
                  {words.text('migration.column')}
                </th>
                <th scope="col">{words.text('migration.became')}</th>
                <th scope="col">{words.text('migration.why')}</th>
              </tr>
            </thead>
            <tbody>
              {report.remarks.map(({ kind, line, column, message }) => (
                <tr key={`${line} ${column} ${message}`}>
                  <td class="num">{line}</td>
                  <td class="num">{column === 0 ? '–' : column}</td>
                  <td>{words.ofCode('remark', kind)}</td>
                  <td class="words" lang={RULE_LANGUAGE}>
                    {message}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {report.read.length > 0 && (
        <div class="scroll">
          <table class="list">
            <caption>{words.text('migration.read')}</caption>
            <thead>
              <tr>
                <th scope="col" class="num">
                  {words.text('migration.line')}
                </th>
                <th scope="col">{words.text('profiles.id')}</th>
                <th scope="col">{words.text('profiles.name')}</th>
                <th scope="col" class="num">
                  {words.text('profile.tests')}
                </th>
              </tr>
            </thead>
            <tbody>
              {report.read.map(({ id, title, line, tests }) => (
                <tr key={id}>
                  <td class="num">{line}</td>
                  <td>{id}</td>
                  <td class="words">{title}</td>
                  <td class="num">{tests}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function kindOf(name: string): string {
  const ending = name.slice(name.lastIndexOf('.')).toLowerCase();
  if (ending === '.xlsx') return 'table-xlsx';
  return ending === '.csv' ? 'table-csv' : 'asycuda';
}

const CHUNK = 0x8000;

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}
