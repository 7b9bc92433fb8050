import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isScalar, parseDocument, Scalar, visit } from 'yaml';
import type { Regime } from '../core/declaration.ts';
import { SETTINGS } from './profile-file.ts';

/** A profile as a form shows it: the settings of its file, as JSON, with what is left out there filled in. */
export interface ProfileForm {
  readonly id: string;
  readonly title: string;
  readonly documentation: Readonly<Record<string, string>>;
  readonly owner: string | null;
  readonly notify: readonly { readonly on: string; readonly role?: string; readonly subject?: string }[];
  readonly target: string;
  readonly corridor: string;
  readonly measures: readonly { readonly code: string; readonly instructions: string }[];
  readonly weight: number;
  /** Null: the target. */
  readonly group: string | null;
  /** Decimal KZT. */
  readonly damage: string | null;
  readonly mandatory: boolean;
  readonly scope: {
    readonly regimes?: readonly string[];
    readonly offices?: readonly string[];
    readonly procedures?: readonly string[];
    readonly categories?: readonly string[];
    readonly validFrom?: string;
    readonly validUntil?: string;
  };
  readonly percentage: number;
  readonly onError: string;
  readonly level: string;
  readonly when: string;
  readonly unless: string | null;
  readonly tests: readonly {
    readonly name: string;
    readonly regime?: Regime;
    readonly declaration?: unknown;
    readonly facts?: unknown;
    readonly hits: boolean;
  }[];
}

/** What a file means where it leaves a setting out; null and empty ones are left out when it is written. */
const DEFAULTS = {
  documentation: {},
  owner: null,
  notify: [],
  group: null,
  damage: null,
  mandatory: false,
  scope: {},
  percentage: 100,
  onError: 'documents',
  level: 'item',
  unless: null,
} as const;

/** The form of a file that `readProfile` has read without a problem. @throws where the text is no YAML. */
export function formOf(text: string): ProfileForm {
  const document = parseDocument(text, { schema: 'core', prettyErrors: false });
  if (document.errors.length > 0) throw document.errors[0];
  const settings = document.toJS({ maxAliasCount: 0 }) as Record<string, unknown>;
  const form = { ...DEFAULTS, ...settings };
  return {
    ...form,
    when: trimmed(form, 'when'),
    unless: form.unless === null ? null : trimmed(form, 'unless'),
  } as never;
}

function trimmed(settings: Readonly<Record<string, unknown>>, name: string): string {
  const text = settings[name];
  return typeof text === 'string' ? text.trim() : '';
}

/**
 * The file of a form. Where a file of before is given only the settings that differ are written anew: comments and
 * layout of the others stay. What comes out still has to be read and checked.
 */
export function yamlOf(form: ProfileForm, before: string | null = null): string {
  const known = before === null ? null : parseDocument(before, { schema: 'core', prettyErrors: false });
  const document = known !== null && known.errors.length === 0 && isMap(known.contents) ? known : new Document({});
  const old = before === null || document !== known ? {} : (formOf(before) as unknown as Record<string, unknown>);
  const settings = form as unknown as Record<string, unknown>;
  for (const name of SETTINGS) {
    const value = settings[name];
    if (isDeepStrictEqual(value, old[name])) continue;
    if (isDefault(name, value)) document.delete(name);
    else document.set(name, nodeOf(document, value));
  }
  return document.toString({ lineWidth: 0 });
}

function isDefault(name: string, value: unknown): boolean {
  return value === undefined || isDeepStrictEqual(value, (DEFAULTS as Readonly<Record<string, unknown>>)[name]);
}

/** Texts of several lines are written as such. */
function nodeOf(document: Document, value: unknown): unknown {
  const node = document.createNode(value);
  const layOut = (scalar: unknown): void => {
    if (isScalar(scalar) && typeof scalar.value === 'string' && scalar.value.includes('\n')) {
      scalar.type = Scalar.BLOCK_LITERAL;
    }
  };
  if (isScalar(node)) layOut(node);
  else visit(node, { Scalar: (_, scalar) => layOut(scalar) });
  return node;
}
