import { useWords } from '../context.ts';
import { useNames } from './words.ts';

/** Signs that are the same in every language. */
const SIGNS: Readonly<Record<string, string>> = { '==': '=', '!=': '≠', '<': '<', '<=': '≤', '>': '>', '>=': '≥' };

interface MenuProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly of: readonly T[];
  choose(value: T): void;
}

export function Menu<T extends string>({ label, value, of, choose }: MenuProps<T>) {
  const words = useWords();
  const { readOnly } = useNames();
  return (
    <select
      aria-label={label}
      value={value}
      disabled={readOnly}
      onChange={({ currentTarget }) => choose(currentTarget.value as T)}
    >
      {of.map((each) => (
        <option key={each} value={each}>
          {SIGNS[each] ?? words.ofCode('operator', each)}
        </option>
      ))}
    </select>
  );
}

interface ListMenuProps {
  readonly value: string;
  readonly phrases: boolean;
  choose(list: string, keys: number): void;
}

export function ListMenu({ value, phrases, choose }: ListMenuProps) {
  const words = useWords();
  const { dictionary, readOnly } = useNames();
  const lists = dictionary.lists.filter((each) => each.phrases === phrases);
  return (
    <select
      aria-label={words.text('editor.list')}
      aria-invalid={value === '' || undefined}
      value={value}
      disabled={readOnly}
      onChange={({ currentTarget }) =>
        choose(currentTarget.value, lists.find(({ name }) => name === currentTarget.value)?.keys.length ?? 1)
      }
    >
      <option value="" />
      {lists.map(({ name }) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}
