import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { TableColumn } from '../../criteria/table.ts';
import { readRow, type Table, type TableRow } from '../../criteria/table-rows.ts';
import { useWords } from '../context.ts';
import { cleared, copied, type Place, pasted, rangeOf, withCell } from './cells.ts';
import { nameOf } from './words.ts';

const ROW_PX = 32;
const COLUMN_PX = 152;
/** Rendered beyond what is seen. */
const BEYOND = 4;
const CLEAR: readonly string[] = ['Delete', 'Backspace'];

/** The cell that keys go to, and the other corner of what is selected. */
export interface Selection {
  readonly at: Place;
  readonly from: Place;
}

interface GridProps {
  readonly table: Table;
  readonly readOnly: boolean;
  readonly selection: Selection;
  select(selection: Selection): void;
  set(table: Table): void;
}

/** What is within sight of a scrolled box, in rows and columns. */
interface Sight {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Cells as in a spreadsheet: arrows go, Shift with them selects, typing fills, Enter and Tab go on, F2 changes, Delete
 * clears, what is copied and pasted has tabs between its columns. Only what is in sight is rendered, and only the row
 * that changes is drawn again; while a cell is typed in nothing is.
 */
export function Grid({ table, readOnly, selection, select, set }: GridProps) {
  const words = useWords();
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const isTyping = useRef(false);
  const [sight, setSight] = useState<Sight>({ top: 0, left: 0, rows: 16, columns: 8 });
  const [typing, setTyping] = useState<string | null>(null);
  const { rows, columns } = table;
  const { at } = selection;
  const range = rangeOf(at, selection.from);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = (): void => {
      const next = sightOf(element);
      setSight((before) => (isSameSight(before, next) ? before : next));
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, []);

  const type = (text: string): void => {
    isTyping.current = true;
    setTyping(text);
  };
  /** What was typed stands in the cell from here on, or is dropped. */
  const leave = (isKept: boolean): void => {
    // Whoever leaves takes the focus away, which leaves once more.
    if (!isTyping.current) return;
    isTyping.current = false;
    const next = isKept && field.current !== null ? withCell(table, at, field.current.value) : table;
    if (next !== table) set(next);
    setTyping(null);
  };
  const go = (row: number, column: number, isWider = false): void => {
    const next = { row: within(row, rows.length), column: within(column, columns.length) };
    select({ at: next, from: isWider ? selection.from : next });
    reveal(box.current, next);
    if (document.activeElement !== box.current) box.current?.focus({ preventScroll: true });
  };
  const onTypingKey = (event: KeyboardEvent): void => {
    const { key, shiftKey } = event;
    if (key !== 'Escape' && key !== 'Enter' && key !== 'Tab') return;
    event.preventDefault();
    leave(key !== 'Escape');
    go(at.row + (key === 'Enter' ? 1 : 0), at.column + (key === 'Tab' ? (shiftKey ? -1 : 1) : 0));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (typing !== null) {
      onTypingKey(event);
      return;
    }
    const { key, shiftKey } = event;
    const isWith = event.ctrlKey || event.metaKey;
    const step = STEPS[key];
    if (step !== undefined) {
      const [down, right] = step;
      go(at.row + down * (isWith ? rows.length : 1), at.column + right * (isWith ? columns.length : 1), shiftKey);
    } else if (key === 'Home' || key === 'End') {
      const isEnd = key === 'End';
      go(isWith ? (isEnd ? rows.length : 0) : at.row, isEnd ? columns.length : 0, shiftKey);
    } else if (readOnly || isWith || event.altKey) {
      return;
    } else if (key === 'Enter' || key === 'F2') {
      type(rows[at.row]?.cells[at.column] ?? '');
    } else if (CLEAR.includes(key)) {
      set(cleared(table, range));
    } else if (key.length === 1) {
      type(key);
    } else {
      return;
    }
    event.preventDefault();
  };
  const onClick = (event: MouseEvent): void => {
    const place = placeOf(event);
    if (place === null) return;
    const isAgain = place.row === at.row && place.column === at.column && !event.shiftKey;
    if (isAgain && typing !== null) return;
    leave(true);
    go(place.row, place.column, event.shiftKey);
    // A second tap: a phone has no F2, and no letters before something is typed in.
    if (isAgain && !readOnly) type(rows[at.row]?.cells[at.column] ?? '');
  };
  const onPaste = (event: ClipboardEvent): void => {
    if (readOnly || typing !== null) return;
    event.preventDefault();
    set(pasted(table, { row: range.top, column: range.left }, event.clipboardData?.getData('text/plain') ?? ''));
  };
  const onCopy = (event: ClipboardEvent): void => {
    if (typing !== null) return;
    event.preventDefault();
    event.clipboardData?.setData('text/plain', copied(table, range));
  };

  const seenColumns = columns.slice(sight.left, sight.left + sight.columns);
  return (
    <div
      class="grid"
      ref={box}
      role="grid"
      tabIndex={0}
      aria-label={words.text('table.label')}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={`cell-${at.row}-${at.column}`}
      aria-readonly={readOnly}
      aria-multiselectable
      onKeyDown={onKeyDown}
      onClick={onClick}
      onPaste={onPaste}
      onCopy={onCopy}
    >
      <div
        class="plane"
        style={{ width: `${columns.length * COLUMN_PX}px`, height: `${(rows.length + 1) * ROW_PX}px` }}
      >
        <div role="row" aria-rowindex={1} class="head" style={{ width: `${columns.length * COLUMN_PX}px` }}>
          {seenColumns.map(({ value }, index) => (
            <span
              key={nameOf(value)}
              role="columnheader"
              aria-colindex={sight.left + index + 1}
              title={nameOf(value)}
              style={{ left: `${(sight.left + index) * COLUMN_PX}px` }}
            >
              {nameOf(value)}
            </span>
          ))}
        </div>
        {rows.slice(sight.top, sight.top + sight.rows).map((row, index) => {
          const place = sight.top + index;
          const isHere = at.row === place;
          const isSelected = place >= range.top && place <= range.bottom;
          return (
            <Row
              key={place}
              row={row}
              columns={columns}
              place={place}
              left={sight.left}
              count={sight.columns}
              selectedFrom={isSelected ? range.left : -1}
              selectedTo={isSelected ? range.right : -1}
              typingAt={isHere && typing !== null ? at.column : -1}
            />
          );
        })}
        {typing !== null && <Typing key={`${at.row} ${at.column}`} at={at} text={typing} field={field} leave={leave} />}
      </div>
    </div>
  );
}

interface RowProps {
  readonly row: TableRow;
  readonly columns: readonly TableColumn[];
  readonly place: number;
  readonly left: number;
  readonly count: number;
  /** −1: nothing of this row is selected. */
  readonly selectedFrom: number;
  readonly selectedTo: number;
  readonly typingAt: number;
}

function Row({ row, columns, place, left, count, selectedFrom, selectedTo, typingAt }: RowProps) {
  // The same element as before is not compared: a row that has not changed costs nothing.
  return useMemo(() => {
    const reading = readRow(row, columns);
    const problems = 'problems' in reading ? reading.problems : [];
    return (
      <div role="row" aria-rowindex={place + 2} style={{ top: `${(place + 1) * ROW_PX}px` }}>
        {columns.slice(left, left + count).map((column, offset) => {
          const index = left + offset;
          const problem = problems.find((each) => each.column === index)?.message;
          const isSelected = index >= selectedFrom && index <= selectedTo && selectedFrom >= 0;
          return (
            <span
              key={nameOf(column.value)}
              role="gridcell"
              id={`cell-${place}-${index}`}
              data-row={place}
              data-column={index}
              aria-colindex={index + 1}
              aria-selected={isSelected}
              aria-invalid={problem !== undefined}
              title={problem}
              style={{ left: `${index * COLUMN_PX}px` }}
            >
              {index === typingAt ? '' : (row.cells[index] ?? '')}
            </span>
          );
        })}
      </div>
    );
  }, [row, columns, place, left, count, selectedFrom, selectedTo, typingAt]);
}

interface TypingProps {
  readonly at: Place;
  /** What it begins with; from there on it is the browser's. */
  readonly text: string;
  readonly field: { current: HTMLInputElement | null };
  leave(isKept: boolean): void;
}

/** The one cell that is typed in, over the grid. */
function Typing({ at, text, field, leave }: TypingProps) {
  const words = useWords();
  useLayoutEffect(() => {
    const input = field.current;
    if (input === null) return;
    input.value = text;
    input.focus({ preventScroll: true });
    input.setSelectionRange(text.length, text.length);
  }, []);
  return (
    <input
      ref={field}
      type="text"
      aria-label={words.text('table.cell')}
      spellcheck={false}
      autocomplete="off"
      style={{ top: `${(at.row + 1) * ROW_PX}px`, left: `${at.column * COLUMN_PX}px` }}
      onBlur={() => leave(true)}
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

function within(place: number, count: number): number {
  return Math.max(0, Math.min(place, count - 1));
}

function placeOf({ target }: MouseEvent): Place | null {
  const cell = target instanceof Element ? target.closest('[data-column]') : null;
  if (!(cell instanceof HTMLElement)) return null;
  return { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
}

/** In steps, so that most of scrolling renders nothing. */
function sightOf({ scrollTop, scrollLeft, clientHeight, clientWidth }: HTMLElement): Sight {
  const top = Math.floor(scrollTop / ROW_PX / BEYOND) * BEYOND;
  return {
    top: Math.max(0, top - BEYOND),
    left: Math.max(0, Math.floor(scrollLeft / COLUMN_PX) - 1),
    rows: Math.ceil(clientHeight / ROW_PX) + 3 * BEYOND,
    columns: Math.ceil(clientWidth / COLUMN_PX) + 3,
  };
}

function isSameSight(a: Sight, b: Sight): boolean {
  return a.top === b.top && a.left === b.left && a.rows === b.rows && a.columns === b.columns;
}

/** Scrolls no further than it must; the head covers the first row's height. */
function reveal(box: HTMLDivElement | null, { row, column }: Place): void {
  if (box === null) return;
  const [top, left] = [row * ROW_PX, column * COLUMN_PX];
  if (top < box.scrollTop) box.scrollTop = top;
  if (top + 2 * ROW_PX > box.scrollTop + box.clientHeight) box.scrollTop = top + 2 * ROW_PX - box.clientHeight;
  if (left < box.scrollLeft) box.scrollLeft = left;
  if (left + COLUMN_PX > box.scrollLeft + box.clientWidth) box.scrollLeft = left + COLUMN_PX - box.clientWidth;
}
