import type { ComponentChild } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useWords } from '../context.ts';
import type { ListPage, ListRow } from '../rules-api.ts';

/** As the styles have it: 2.25rem. */
const ROW_REM = 2.25;
const AHEAD = 10;
const ROWS_AT_FIRST = 30;

interface RowWindowProps {
  readonly first: ListPage;
  readonly pageRows: number;
  load(skip: number): Promise<ListPage>;
  /** At the end of a row. */
  readonly act?: (row: ListRow) => ComponentChild;
}

/** Rows of a long list: only those in view stand in the page, and are asked for when they come into it. */
export function RowWindow({ first, pageRows, load, act }: RowWindowProps) {
  const words = useWords();
  const [pages, setPages] = useState<ReadonlyMap<number, readonly ListRow[]>>(new Map([[0, first.rows]]));
  const [view, setView] = useState({ from: 0, to: ROWS_AT_FIRST });
  const asked = useRef(new Set([0]));
  const box = useRef<HTMLDivElement>(null);
  const { columns, total } = first;

  useEffect(() => {
    for (let page = Math.floor(view.from / pageRows); page * pageRows < Math.min(view.to, total); page++) {
      if (asked.current.has(page)) continue;
      asked.current.add(page);
      load(page * pageRows).then(
        ({ rows }) => setPages((before) => new Map(before).set(page, rows)),
        () => asked.current.delete(page),
      );
    }
  }, [view]);

  function look(): void {
    const element = box.current;
    if (element === null) return;
    const height = ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const from = Math.max(0, Math.floor(element.scrollTop / height) - AHEAD);
    setView({ from, to: from + Math.ceil(element.clientHeight / height) + 2 * AHEAD });
  }

  const to = Math.min(view.to, total);
  const shown = Array.from({ length: Math.max(0, to - view.from) }, (_, index) => view.from + index);
  const width = columns.length + (act === undefined ? 1 : 2);
  const gap = (rows: number) =>
    rows > 0 && (
      <tr class="gap" style={{ height: `${rows * ROW_REM}rem` }}>
        <td colSpan={width} />
      </tr>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the keys of the keyboard
    <section ref={box} class="window" tabIndex={0} aria-label={words.text('list.rows')} onScroll={look}>
      <table aria-rowcount={total + 1}>
        <thead>
          <tr>
            <th scope="col">{words.text('list.state')}</th>
            {columns.map(({ name, key }) => (
              <th key={name} scope="col">
                {name}
                {key && <span class="quiet"> {words.text('list.key')}</span>}
              </th>
            ))}
            {act !== undefined && (
              <th scope="col">
                <span class="hidden">{words.text('list.remove')}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {gap(view.from)}
          {shown.map((index) => {
            const row = pages.get(Math.floor(index / pageRows))?.[index % pageRows];
            return (
              <tr key={index} aria-rowindex={index + 2}>
                <td>{row === undefined ? '…' : words.ofCode('rowState', row.state)}</td>
                {columns.map(({ name }) => (
                  <td key={name} title={row?.cells[name]}>
                    {row?.cells[name]}
                  </td>
                ))}
                {act !== undefined && <td>{row !== undefined && act(row)}</td>}
              </tr>
            );
          })}
          {gap(total - to)}
        </tbody>
      </table>
    </section>
  );
}
