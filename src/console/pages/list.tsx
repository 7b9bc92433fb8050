import '../rules-style.ts';
import { useEffect, useState } from 'preact/hooks';
import { query } from '../client.ts';
import { useApp } from '../context.ts';
import { Download } from '../parts/download.tsx';
import { Find } from '../parts/fields.tsx';
import { AddRow, RemoveRow } from '../parts/list-row-forms.tsx';
import { ListUpload } from '../parts/list-upload.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { RowWindow } from '../parts/row-window.tsx';
import { useResource } from '../resource.ts';
import { navigate } from '../router.ts';
import { rules } from '../rules-api.ts';

const PAGE_ROWS = 200;
const TYPING_MS = 250;

/** One list, however long: its rows as one scrolls, found by text, added, removed, uploaded and downloaded. */
export function ListPage({ name, query: asked }: { name: string; query: URLSearchParams }) {
  const { words, session } = useApp();
  const [round, setRound] = useState(0);
  const q = useSettled(asked.get('q') ?? '');
  const key = `list ${name} ${q} ${round}`;
  const load = (skip: number, signal?: AbortSignal) => rules.list(name, { q, skip, take: PAGE_ROWS }, signal);
  const first = useResource(key, (signal) => load(0, signal));
  const mayWrite = session.may?.includes('lists') ?? false;
  const changed = () => setRound(round + 1);
  const find = (text: string) => navigate(`/lists/${encodeURIComponent(name)}${query({ q: text })}`, true);
  return (
    <Page title="list.title" values={{ name }}>
      <div class="filters">
        <Find label={words.text('list.find')} value={asked.get('q') ?? ''} find={find} />
        <p class="quiet" role="status">
          {first.value !== null && words.text('list.count', { count: first.value.total })}
        </p>
      </div>
      <Of resource={first}>
        {(page) => (
          <>
            <div class="buttons">
              {mayWrite && <AddRow name={name} columns={page.columns} done={changed} />}
              {mayWrite && <ListUpload name={name} done={changed} />}
              <Download path={`/v1/lists/${encodeURIComponent(name)}`} name={name} />
            </div>
            <RowWindow
              key={key}
              first={page}
              pageRows={PAGE_ROWS}
              load={load}
              {...(mayWrite && {
                act: (row) => <RemoveRow name={name} columns={page.columns} row={row} done={changed} />,
              })}
            />
          </>
        )}
      </Of>
      <p class="onward">
        <a href="/lists">{words.text('lists.title')}</a>
      </p>
    </Page>
  );
}

/** A text when nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
