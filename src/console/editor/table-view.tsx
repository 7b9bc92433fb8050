import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Condition, Value } from '../../criteria/ast.ts';
import { cellTypeOf } from '../../criteria/columns.ts';
import { readCell } from '../../criteria/table.ts';
import { type Table, tableCondition, tableOf } from '../../criteria/table-rows.ts';
import { useWords } from '../context.ts';
import { type Place, pasted } from './pasted.ts';
import { pathsOf, useNames } from './words.ts';

interface TableViewProps {
  readonly tree: Condition;
  change(tree: Condition): void;
}

const ROW_PX = 32;
const COLUMN_PX = 152;
/** Rendered beyond what is seen. */
const BEYOND = 4;
const CLEAR: readonly string[] = ['Delete', 'Backspace'];

/** Value of a column, as its head shows it. */
function nameOf(value: Value): string {
  if (value.kind === 'path') return value.path.join('.');
  return value.kind === 'call' ? [value.name, ...value.fields].join('.') : value.kind;
}

/**
 * The condition as a decision table: a row for each way to be hit, a cell for what a value must be. Only what is seen
 * is rendered, and while a cell is typed in nothing but that cell changes.
 */
export function TableView({ tree, change }: TableViewProps) {
  const words = useWords();
  const names = useNames();
  const typeOf = (value: Value) => cellTypeOf(names.dictionary, value);
  const [table, setTable] = useState<Table>(() => shown(tree));
  const made = useRef<Condition>(tree);
  function shown(of: Condition): Table {
    const read = tableOf(of, typeOf);
    return read.rows.length > 0 ? read : { ...read, rows: [{ cells: [], rest: null }] };
  }
  useEffect(() => {
    // What was changed elsewhere; what was changed here is shown already, with its unfinished cells.
    if (tree !== made.current) setTable(shown(tree));
    made.current = tree;
  }, [tree]);
  const set = (next: Table): void => {
    setTable(next);
    made.current = tableCondition(next);
    change(made.current);
  };
  const rests = table.rows.filter(({ rest }) => rest !== null).length;
  return (
    <div class="decision-table">
      {!names.readOnly && <TableTools table={table} set={set} />}
      <Grid table={table} readOnly={names.readOnly} set={set} />
      <p class="quiet">
        {words.text('table.size', { rows: table.rows.length, columns: table.columns.length })}
        {rests > 0 && ` ${words.text('table.rest', { rows: rests })}`}
      </p>
    </div>
  );
}

function TableTools({ table, set }: { table: Table; set(table: Table): void }) {
  const words = useWords();
  const names = useNames();
  const add = (path: string): void => {
    const value: Value = { kind: 'path', path: path.split('.') };
    const type = cellTypeOf(names.dictionary, value);
    if (type !== null) set({ ...table, columns: [...table.columns, { value, type }] });
  };
  const free = pathsOf(names).filter(({ path }) => {
    const value: Value = { kind: 'path', path };
    const isShown = table.columns.some((column) => nameOf(column.value) === path.join('.'));
    return !isShown && cellTypeOf(names.dictionary, value) !== null;
  });
  return (
    <p class="buttons">
      <button
        type="button"
        class="small"
        onClick={() => set({ ...table, rows: [...table.rows, { cells: [], rest: null }] })}
      >
        {words.text('table.addRow')}
      </button>
      <select
        aria-label={words.text('table.addColumn')}
        value=""
        onChange={({ currentTarget }) => {
          add(currentTarget.value);
          currentTarget.value = '';
        }}
      >
        <option value="">{words.text('table.addColumn')}</option>
        {free.map(({ path }) => (
          <option key={path.join('.')} value={path.join('.')}>
            {path.join('.')}
          </option>
        ))}
      </select>
    </p>
  );
}

interface GridProps {
  readonly table: Table;
  readonly readOnly: boolean;
  set(table: Table): void;
}

/** What is within sight of a scrolled box, in rows and columns. */
interface Sight {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

function Grid({ table, readOnly, set }: GridProps) {
  const words = useWords();
  const box = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState<Sight>({ top: 0, left: 0, rows: 16, columns: 8 });
  const [at, setAt] = useState<Place>({ row: 0, column: 0 });
  const [typing, setTyping] = useState<string | null>(null);
  const { rows, columns } = table;

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = (): void => {
      const { scrollTop, scrollLeft, clientHeight, clientWidth } = element;
      setSight({
        top: Math.max(0, Math.floor(scrollTop / ROW_PX) - BEYOND),
        left: Math.max(0, Math.floor(scrollLeft / COLUMN_PX) - 1),
        rows: Math.ceil(clientHeight / ROW_PX) + 2 * BEYOND,
        columns: Math.ceil(clientWidth / COLUMN_PX) + 2,
      });
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, []);

  const put = (place: Place, text: string): void => {
    const row = rows[place.row];
    if (row === undefined || (row.cells[place.column] ?? '') === text) return;
    const cells = columns.map((_, index) => (index === place.column ? text : (row.cells[index] ?? '')));
    set({ ...table, rows: rows.toSpliced(place.row, 1, { ...row, cells }) });
  };
  const commit = (): void => {
    if (typing !== null) put(at, typing);
    setTyping(null);
  };
  const go = (row: number, column: number): void => {
    const next = {
      row: Math.min(Math.max(0, row), rows.length - 1),
      column: Math.min(Math.max(0, column), Math.max(0, columns.length - 1)),
    };
    setAt(next);
    reveal(box.current, next);
    box.current?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (typing !== null) {
      if (event.key === 'Escape') setTyping(null);
      if (event.key !== 'Enter' && event.key !== 'Tab') return;
      commit();
      go(at.row + (event.key === 'Enter' ? 1 : 0), at.column + (event.key === 'Tab' ? (event.shiftKey ? -1 : 1) : 0));
    } else if (step !== undefined) {
      go(
        at.row + step[0] * (event.ctrlKey ? rows.length : 1),
        at.column + step[1] * (event.ctrlKey ? columns.length : 1),
      );
    } else if (readOnly || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (event.key === 'Enter' || event.key === 'F2') {
      setTyping(rows[at.row]?.cells[at.column] ?? '');
    } else if (CLEAR.includes(event.key)) {
      put(at, '');
    } else if (event.key.length === 1) {
      setTyping(event.key);
    } else {
      return;
    }
    event.preventDefault();
  };
  const onPaste = (event: ClipboardEvent): void => {
    if (readOnly || typing !== null) return;
    event.preventDefault();
    set(pasted(table, at, event.clipboardData?.getData('text/plain') ?? ''));
  };
  const onCopy = (event: ClipboardEvent): void => {
    if (typing !== null) return;
    event.preventDefault();
    event.clipboardData?.setData('text/plain', rows[at.row]?.cells[at.column] ?? '');
  };

  const seenRows = rows.slice(sight.top, sight.top + sight.rows);
  const seenColumns = columns.slice(sight.left, sight.left + sight.columns);
  return (
    <div
      class="grid"
      ref={box}
      role="grid"
      tabIndex={0}
      aria-label={words.text('table.label')}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 1}
      aria-activedescendant={`cell-${at.row}-${at.column}`}
      aria-readonly={readOnly}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
      onCopy={onCopy}
    >
      <div
        class="plane"
        style={{ width: `${(columns.length + 1) * COLUMN_PX}px`, height: `${(rows.length + 1) * ROW_PX}px` }}
      >
        <div role="row" aria-rowindex={1} class="head">
          {seenColumns.map(({ value }, index) => (
            <span
              key={nameOf(value)}
              role="columnheader"
              aria-colindex={sight.left + index + 1}
              title={nameOf(value)}
              style={placed(-1, sight.left + index)}
            >
              {nameOf(value)}
            </span>
          ))}
        </div>
        {seenRows.map((row, index) => (
          <div role="row" key={sight.top + index} aria-rowindex={sight.top + index + 2}>
            {seenColumns.map((column, offset) => {
              const place = { row: sight.top + index, column: sight.left + offset };
              const text = row.cells[place.column] ?? '';
              const isHere = at.row === place.row && at.column === place.column;
              const reading = text === '' ? null : readCell(text, column);
              const problem = reading !== null && 'problem' in reading ? reading.problem.message : undefined;
              return (
                <span
                  key={nameOf(column.value)}
                  role="gridcell"
                  id={`cell-${place.row}-${place.column}`}
                  aria-colindex={place.column + 1}
                  aria-selected={isHere}
                  aria-invalid={problem !== undefined}
                  title={problem}
                  style={placed(place.row, place.column)}
                  onClick={() => {
                    commit();
                    go(place.row, place.column);
                  }}
                  onDblClick={() => !readOnly && setTyping(text)}
                >
                  {isHere && typing !== null ? <Typing text={typing} change={setTyping} leave={commit} /> : text}
                </span>
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The one cell that is typed in. */
function Typing({ text, change, leave }: { text: string; change(text: string): void; leave(): void }) {
  const words = useWords();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    input.current?.focus({ preventScroll: true });
    input.current?.setSelectionRange(text.length, text.length);
  }, []);
  return (
    <input
      ref={input}
      type="text"
      aria-label={words.text('table.cell')}
      value={text}
      onInput={({ currentTarget }) => change(currentTarget.value)}
      onBlur={leave}
    />
  );
}

const STEPS: Readonly<Record<string, readonly [row: number, column: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
};

function placed(row: number, column: number) {
  return { top: `${(row + 1) * ROW_PX}px`, left: `${column * COLUMN_PX}px` };
}

function reveal(box: HTMLDivElement | null, { row, column }: Place): void {
  if (box === null) return;
  const [top, left] = [row * ROW_PX, column * COLUMN_PX];
  if (top < box.scrollTop) box.scrollTop = top;
  if (top + 2 * ROW_PX > box.scrollTop + box.clientHeight) box.scrollTop = top + 2 * ROW_PX - box.clientHeight;
  if (left < box.scrollLeft) box.scrollLeft = left;
  if (left + COLUMN_PX > box.scrollLeft + box.clientWidth) box.scrollLeft = left + COLUMN_PX - box.clientWidth;
}
