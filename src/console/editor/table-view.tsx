import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Condition, Value } from '../../criteria/ast.ts';
import { cellTypeOf } from '../../criteria/columns.ts';
import { readRow, type Table, tableCondition, tableOf } from '../../criteria/table-rows.ts';
import { RULE_LANGUAGE } from '../api.ts';
import { useWords } from '../context.ts';
import { rangeOf, withoutColumns, withoutRows } from './cells.ts';
import { Grid, type Selection } from './grid.tsx';
import { nameOf, pathsOf, useNames } from './words.ts';

interface TableViewProps {
  readonly tree: Condition;
  change(tree: Condition): void;
}

const START: Selection = { at: { row: 0, column: 0 }, from: { row: 0, column: 0 } };

/** The condition as a decision table: a row for each way to be hit, a cell for what a value must be. */
export function TableView({ tree, change }: TableViewProps) {
  const words = useWords();
  const names = useNames();
  const typeOf = (value: Value) => cellTypeOf(names.dictionary, value);
  const [table, setTable] = useState<Table>(() => shown(tree));
  const [selection, select] = useState<Selection>(START);
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
      {!names.readOnly && <TableTools table={table} selection={selection} select={select} set={set} />}
      <Grid table={table} readOnly={names.readOnly} selection={selection} select={select} set={set} />
      <Wrong table={table} selection={selection} />
      <p class="quiet">
        {words.text('table.size', { rows: table.rows.length, columns: table.columns.length })}
        {rests > 0 && ` ${words.text('table.rest', { rows: rests })}`}
      </p>
      {!names.readOnly && <p class="quiet">{words.text('table.hint')}</p>}
    </div>
  );
}

/** Why the selected cell, or else the first that cannot be, cannot be read. */
function Wrong({ table, selection: { at } }: { table: Table; selection: Selection }) {
  const problems = table.rows.flatMap((row, index) => {
    const reading = readRow(row, table.columns);
    return 'problems' in reading ? reading.problems.map((problem) => ({ ...problem, row: index })) : [];
  });
  const shown = problems.find(({ row, column }) => row === at.row && column === at.column) ?? problems[0];
  const value = table.columns[shown?.column ?? 0]?.value;
  if (shown === undefined || value === undefined) return null;
  return (
    <p class="fault" role="status" lang={RULE_LANGUAGE}>
      {shown.row + 1}, {nameOf(value)}: {shown.message}
    </p>
  );
}

interface ToolsProps {
  readonly table: Table;
  readonly selection: Selection;
  select(selection: Selection): void;
  set(table: Table): void;
}

function TableTools({ table, selection, select, set }: ToolsProps) {
  const words = useWords();
  const names = useNames();
  const range = rangeOf(selection.at, selection.from);
  const free = useMemo(() => {
    const taken = new Set(table.columns.map(({ value }) => nameOf(value)));
    const values = pathsOf(names).map(({ path }): Value & { kind: 'path' } => ({ kind: 'path', path }));
    return values.filter((value) => !taken.has(nameOf(value)) && cellTypeOf(names.dictionary, value) !== null);
  }, [names, table.columns]);
  const add = (name: string): void => {
    const value = free.find((each) => nameOf(each) === name);
    const type = value === undefined ? null : cellTypeOf(names.dictionary, value);
    if (value !== undefined && type !== null) set({ ...table, columns: [...table.columns, { value, type }] });
  };
  const act = (next: Table): void => {
    set(next);
    select(START);
  };
  return (
    <p class="buttons">
      <button
        type="button"
        class="small"
        onClick={() => set({ ...table, rows: [...table.rows, { cells: [], rest: null }] })}
      >
        {words.text('table.addRow')}
      </button>
      <button type="button" class="small" onClick={() => act(withoutRows(table, range))}>
        {words.text('table.removeRows', { rows: range.bottom - range.top + 1 })}
      </button>
      <button
        type="button"
        class="small"
        disabled={table.columns.length === 0}
        onClick={() => act(withoutColumns(table, range))}
      >
        {words.text('table.removeColumns', { columns: range.right - range.left + 1 })}
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
        {free.map((value) => (
          <option key={nameOf(value)} value={nameOf(value)}>
            {nameOf(value)}
          </option>
        ))}
      </select>
    </p>
  );
}
