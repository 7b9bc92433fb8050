import { useState } from 'preact/hooks';
import type { ClientError } from '../client.ts';
import { useWords } from '../context.ts';
import { asClientError } from '../resource.ts';
import { type Cells, rules, type Upload } from '../rules-api.ts';
import { Act, reasonOf } from './act.tsx';
import { Faults, Refusal } from './refusal.tsx';

const SHOWN = 10;

/** A list in place of the one there is: first what would change, then its reason. */
export function ListUpload({ name, done }: { name: string; done: () => void }) {
  const words = useWords();
  const [text, setText] = useState<string | null>(null);
  const [upload, setUpload] = useState<Upload | null>(null);
  const [error, setError] = useState<ClientError | null>(null);
  async function look(file: File | undefined): Promise<void> {
    setText(null);
    setUpload(null);
    setError(null);
    if (file === undefined) return;
    try {
      const content = await file.text();
      setUpload(await rules.upload(name, content, { dryRun: 1 }));
      setText(content);
    } catch (cause) {
      setError(asClientError(cause));
    }
  }
  const run = async (form: FormData): Promise<void> => {
    if (text === null) return;
    await rules.upload(name, text, { reason: reasonOf(form) });
    setUpload(null);
  };
  return (
    <Act label={words.text('list.upload')} text={words.text('list.uploadText')} reason="required" run={run} done={done}>
      <label>
        {words.text('list.file')}
        <input
          type="file"
          accept=".csv,text/csv"
          required
          onChange={({ currentTarget }) => void look(currentTarget.files?.[0])}
        />
      </label>
      <div role="status">
        {upload !== null && (
          <>
            <p>
              {words.text('list.preview', {
                added: upload.added.total,
                removed: upload.removed.total,
                same: upload.same,
              })}
            </p>
            <Some title={words.text('list.added')} rows={upload.added.rows} />
            <Some title={words.text('list.removed')} rows={upload.removed.rows} />
            {upload.problems.length > 0 && (
              <div class="fault">
                <Faults faults={upload.problems} />
              </div>
            )}
          </>
        )}
        {error !== null && <Refusal error={error} />}
      </div>
    </Act>
  );
}

function Some({ title, rows }: { title: string; rows: readonly Cells[] }) {
  if (rows.length === 0) return null;
  return (
    <details open>
      <summary>{title}</summary>
      <ul>
        {rows.slice(0, SHOWN).map((row, index) => (
          // Rows have no names, and may be alike.
          <li key={`${index} ${Object.values(row).join()}`}>
            {Object.values(row)
              .filter((cell) => cell !== '')
              .join(', ')}
          </li>
        ))}
        {rows.length > SHOWN && <li>…</li>}
      </ul>
    </details>
  );
}
