import { CORRIDORS } from '../core/corridor.ts';
import { PARTY_ROLES, REGIMES } from '../core/declaration.ts';
import { CATEGORIES } from '../core/facts.ts';
import { ON_ERROR, TARGETS } from '../core/profile.ts';
import type { Environment, Type } from './cel/api.ts';
import { typeName } from './cel/types.ts';
import { type Description, describeField, describeFunction, describeVariable } from './descriptions.ts';
import type { RuleList } from './lists.ts';

export interface DictionaryField {
  readonly name: string;
  /** Name of a scalar, `list(T)`, `map(K, V)`, or a key of `types`. */
  readonly type: string;
  /** May be absent. */
  readonly optional: boolean;
  readonly description: Description | null;
}

export interface DictionaryFunction {
  readonly name: string;
  readonly params: readonly string[];
  /** Type of any further arguments. */
  readonly rest: string | null;
  readonly result: string;
  readonly optional: boolean;
  readonly description: Description | null;
}

export interface DictionaryList {
  readonly name: string;
  readonly keys: readonly { readonly name: string; readonly type: string }[];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: number;
  /** For `mentions`. */
  readonly phrases: boolean;
}

/** Everything that an expression can name: what completion, help and menus of an editor are made of. */
export interface Dictionary {
  readonly variables: readonly DictionaryField[];
  readonly types: Readonly<Record<string, readonly DictionaryField[]>>;
  readonly functions: readonly DictionaryFunction[];
  readonly lists: readonly DictionaryList[];
  /** Values that the rules know by name. */
  readonly codes: Readonly<Record<string, readonly string[]>>;
}

export function dictionaryOf(
  environment: Environment,
  lists: ReadonlyMap<string, RuleList>,
  /** Of functions that are not the language's own: derived fields. */
  own: ReadonlyMap<string, Description>,
): Dictionary {
  const types: Record<string, readonly DictionaryField[]> = {};
  const collect = (type: Type): void => {
    if (type.kind === 'list') collect(type.element);
    if (type.kind === 'map') collect(type.value);
    if (type.kind !== 'object' || type.name in types) return;
    types[type.name] = [...type.fields].map(([name, field]) => ({
      ...{ name, type: typeName(field.type), optional: field.optional },
      description: describeField(type.name, name),
    }));
    for (const { type: inner } of type.fields.values()) collect(inner);
  };
  const variables = [...environment.variables].map(([name, { type, optional = false }]) => {
    collect(type);
    return { name, type: typeName(type), optional, description: describeVariable(name) };
  });
  const functions = environment.functions.map(({ name, params, rest, result, optional = false }) => {
    collect(result);
    return {
      ...{ name, params: params.map(typeName), rest: rest === undefined ? null : typeName(rest) },
      ...{ result: typeName(result), optional, description: own.get(name) ?? describeFunction(name) },
    };
  });
  return { variables, types, functions, lists: [...lists.values()].map(listOf), codes: CODES };
}

function listOf({ name, keys, columns, rows, isPhrases }: RuleList): DictionaryList {
  const plain = (each: { readonly name: string; readonly type: string }) => ({ name: each.name, type: each.type });
  return { name, keys: keys.map(plain), columns: columns.map(plain), rows: rows.length, phrases: isPhrases };
}

/** By the path, from a type on, whose values they are; or by the setting of a profile. */
const CODES = {
  'Declaration.regime': REGIMES,
  'Trader.category': CATEGORIES,
  'Party.category': CATEGORIES,
  'DeclaredParty.role': PARTY_ROLES,
  'Party.role': PARTY_ROLES,
  target: TARGETS,
  corridor: CORRIDORS.filter((corridor) => corridor !== 'green'),
  onError: ON_ERROR,
  regimes: REGIMES,
  categories: CATEGORIES,
} as const;
