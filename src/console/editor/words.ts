import { type ComponentChild, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Condition, Value } from '../../criteria/ast.ts';
import type { Dictionary, DictionaryField } from './types.ts';

/** What the parts of a condition can name where they stand. */
export interface Names {
  readonly dictionary: Dictionary;
  /** Elements of quantifiers around it, as variables of their own. */
  readonly elements: readonly DictionaryField[];
  readonly readOnly: boolean;
  /** A condition within a value: of what is counted or summed up. */
  nested(condition: Condition, change: (condition: Condition) => void): ComponentChild;
}

type Known = Pick<Names, 'dictionary' | 'elements'>;

export const NamesContext = createContext<Names>({
  dictionary: { variables: [], types: {}, functions: [], lists: [], codes: {} },
  elements: [],
  readOnly: true,
  nested: () => null,
});

export function useNames(): Names {
  return useContext(NamesContext);
}

/** `list(Item)` → `Item`; null for anything but a list. */
export function elementOf(type: string): string | null {
  return /^list\((.+)\)$/.exec(type)?.[1] ?? null;
}

export interface NamedPath {
  readonly path: readonly string[];
  readonly type: string;
  readonly field: DictionaryField;
}

const DEPTH_MAX = 4;

/** Every value that can be named, from a variable on: `item.hsCode`, `trader.d30.count`. */
export function pathsOf({ dictionary, elements }: Known): NamedPath[] {
  const walk = (path: readonly string[], field: DictionaryField): NamedPath[] => {
    const fields = path.length < DEPTH_MAX ? (dictionary.types[field.type] ?? []) : [];
    const own = fields.length === 0 ? [{ path, type: field.type, field }] : [];
    return [...own, ...fields.flatMap((each) => walk([...path, each.name], each))];
  };
  return [...elements, ...dictionary.variables].flatMap((variable) => walk([variable.name], variable));
}

/** The type at the end of a path; null where there is no such path. */
export function typeAt({ dictionary, elements }: Known, path: readonly string[]): string | null {
  const [first, ...names] = path;
  let type = [...elements, ...dictionary.variables].find(({ name }) => name === first)?.type ?? null;
  for (const name of names) {
    const fields: readonly DictionaryField[] = type === null ? [] : (dictionary.types[type] ?? []);
    type = fields.find((each) => each.name === name)?.type ?? null;
  }
  return type;
}

/** Names of codes that a path may be compared with. */
export function codesAt({ dictionary, elements }: Known, path: readonly string[]): readonly string[] {
  const owner = typeAt({ dictionary, elements }, path.slice(0, -1));
  return dictionary.codes[`${owner}.${path.at(-1)}`] ?? [];
}

/** What a column or a field of the form calls a value. */
export function nameOf(value: Value): string {
  if (value.kind === 'path') return value.path.join('.');
  return value.kind === 'call' ? [value.name, ...value.fields].join('.') : value.kind;
}
