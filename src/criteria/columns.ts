import type { Dictionary, DictionaryField } from '../profiles/dictionary.ts';
import type { Value } from './ast.ts';
import type { CellType } from './table.ts';

const CELL_TYPES: Readonly<Record<string, CellType>> = {
  string: 'text',
  double: 'number',
  money: 'number',
  int: 'integer',
  bool: 'boolean',
  timestamp: 'date',
};

/** The field at the end of a path, from a variable on; null where the dictionary has none. */
export function fieldAt({ variables, types }: Dictionary, path: readonly string[]): DictionaryField | null {
  const [first, ...names] = path;
  let field = variables.find(({ name }) => name === first) ?? null;
  for (const name of names) {
    const fields: readonly DictionaryField[] = field === null ? [] : (types[field.type] ?? []);
    field = fields.find((each) => each.name === name) ?? null;
  }
  return field;
}

/** What a column of the table holds for a value; null where it is no single text, number, flag or day. */
export function cellTypeOf(dictionary: Dictionary, value: Value): CellType | null {
  if (value.kind === 'path') return CELL_TYPES[fieldAt(dictionary, value.path)?.type ?? ''] ?? null;
  if (value.kind === 'count') return 'integer';
  if (value.kind !== 'call') return null;
  const found = dictionary.functions.find(({ name }) => name === value.name);
  const last = value.fields.at(-1);
  if (last === undefined) return CELL_TYPES[found?.result ?? ''] ?? null;
  const field = dictionary.types[found?.result ?? '']?.find(({ name }) => name === value.fields[0]);
  return value.fields.length === 1 ? (CELL_TYPES[field?.type ?? ''] ?? null) : null;
}

/** Every path from a variable on that a column can hold: `item.hsCode`, `trader.d30.count`. */
export function columnPaths({ variables, types }: Dictionary): string[][] {
  const walk = (path: string[], type: string): string[][] => {
    if (CELL_TYPES[type] !== undefined) return [path];
    if (path.length > 3) return [];
    return (types[type] ?? []).flatMap((field) => walk([...path, field.name], field.type));
  };
  return variables.flatMap(({ name, type }) => walk([name], type));
}
