import { useWords } from '../context.ts';
import { type Column, type ListRow, rules } from '../rules-api.ts';
import { Act, reasonOf } from './act.tsx';

/** What every row may say of itself: asked for apart from what the list is about. */
const LIFE = ['validFrom', 'validUntil', 'reason'];

interface RowFormProps {
  readonly name: string;
  readonly columns: readonly Column[];
  done(): void;
}

export function AddRow({ name, columns, done }: RowFormProps) {
  const words = useWords();
  const own = columns.filter((column) => !LIFE.includes(column.name));
  const run = (form: FormData) => {
    const given = (field: string) => String(form.get(field) ?? '').trim();
    const row = Object.fromEntries(own.map((column) => [column.name, given(`cell ${column.name}`)]));
    const life = Object.fromEntries(
      ['validFrom', 'validUntil'].flatMap((day) => (given(day) === '' ? [] : [[day, given(day)]])),
    );
    return rules.addRow(name, { rows: [row], reason: reasonOf(form), replace: form.get('replace') === 'on', ...life });
  };
  return (
    <Act
      label={words.text('list.add')}
      text={words.text('list.atOnce')}
      reason="required"
      primary
      run={run}
      done={done}
    >
      <div class="pair">
        {own.map((column) => (
          <label key={column.name}>
            {column.name} {column.key && <span class="quiet">{words.text('list.key')}</span>}
            <input name={`cell ${column.name}`} maxLength={1000} required={column.key} autocomplete="off" />
          </label>
        ))}
        <label>
          {words.text('draft.from')}
          <input type="date" name="validFrom" />
        </label>
        <label>
          {words.text('draft.until')}
          <input type="date" name="validUntil" />
        </label>
      </div>
      {own.some(({ key }) => key) && (
        <label>
          <input type="checkbox" name="replace" /> {words.text('list.replace')}
        </label>
      )}
    </Act>
  );
}

export function RemoveRow({ name, columns, row, done }: RowFormProps & { readonly row: ListRow }) {
  const words = useWords();
  const said = columns.map((column) => row.cells[column.name]).filter((cell) => cell !== undefined && cell !== '');
  return (
    <Act
      label={words.text('list.remove')}
      text={`${words.text('list.removeText')} ${said.join(', ')}`}
      reason="required"
      run={(form) => rules.removeRow(name, row.cells, reasonOf(form))}
      done={done}
    />
  );
}
