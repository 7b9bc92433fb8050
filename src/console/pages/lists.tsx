import '../rules-style.ts';
import { query } from '../client.ts';
import { useWords } from '../context.ts';
import { Find } from '../parts/fields.tsx';
import { Freshness } from '../parts/freshness.tsx';
import { Of } from '../parts/of-resource.tsx';
import { Page } from '../parts/page.tsx';
import { useResource } from '../resource.ts';
import { navigate } from '../router.ts';
import { rules } from '../rules-api.ts';

/** The lists that the active policy looks things up in. */
export function ListsPage({ query: asked }: { query: URLSearchParams }) {
  const words = useWords();
  const resource = useResource('lists', (signal) => rules.lists(signal));
  const text = asked.get('q') ?? '';
  return (
    <Page title="lists.title" aside={<Freshness {...resource} />}>
      <Of resource={resource}>
        {({ lists }) => (
          <>
            <div class="filters">
              <Find
                label={words.text('lists.find')}
                value={text}
                find={(q) => navigate(`/lists${query({ q })}`, true)}
              />
            </div>
            <div class="scroll">
              <table class="list">
                <thead>
                  <tr>
                    <th scope="col">{words.text('lists.name')}</th>
                    <th scope="col" class="num">
                      {words.text('lists.rows')}
                    </th>
                    <th scope="col" class="spare">
                      {words.text('lists.columns')}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {lists
                    .filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()))
                    .map(({ name, rows, columns }) => (
                      <tr key={name}>
                        <td>
                          <a data-row href={`/lists/${encodeURIComponent(name)}`}>
                            {name}
                          </a>
                        </td>
                        <td class="num">{words.number(rows)}</td>
                        <td class="spare words">{columns.map((column) => column.name).join(', ')}</td>
                      </tr>
                    ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </Of>
    </Page>
  );
}
