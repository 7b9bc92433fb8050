import type { Declaration, Item } from '../core/declaration.ts';
import type { Facts } from '../core/facts.ts';
import { PREVIEW_VALUES_MAX } from '../limits.ts';
import type { PolicyBundle } from './bundle.ts';
import { check } from './cel/check.ts';
import { evaluator } from './cel/compile.ts';
import { ExpressionError } from './cel/errors.ts';
import { typeName } from './cel/types.ts';
import { MatchContext } from './context.ts';
import { PARAMETERS } from './environment.ts';
import { environmentsOf, fieldsOf, readLists } from './load.ts';
import type { Level } from './profile-file.ts';

/** What an expression gives, for one item or declaration after another. */
export interface Preview {
  readonly problems: readonly { readonly line: number; readonly column: number; readonly message: string }[];
  /** Null where there are problems. */
  readonly type: string | null;
  readonly values: readonly PreviewValue[];
}

interface PreviewValue {
  readonly id: string;
  readonly office: string;
  /** Null: the whole declaration. */
  readonly item: number | null;
  /** Money in KZT; null: absent, or `fault` says why there is none. */
  readonly value: string | number | boolean | null;
  readonly fault: string | null;
}

/** Evaluates an expression of any type with the lists and fields of a policy, on declarations as they were decided. */
export function previewOf(
  bundle: PolicyBundle,
  level: Level,
  text: string,
  rows: readonly { readonly declaration: Declaration; readonly facts: Facts }[],
): Preview {
  const context = new MatchContext();
  const lists = readLists(bundle, []);
  const checked = check(text, environmentsOf(lists, context, fieldsOf(bundle, lists, context, []))[level], {
    mode: 'profile',
  });
  if (checked.problems.length > 0 || checked.expr === null)
    return { problems: checked.problems, type: null, values: [] };
  const evaluate = evaluator(checked, PARAMETERS);
  const isMoney = checked.expr.type.kind === 'money';
  const evaluated = (declaration: Declaration, item: Item | null): Pick<PreviewValue, 'value' | 'fault'> => {
    try {
      const value = evaluate(declaration, item, context);
      return { value: plain(isMoney && typeof value === 'number' ? value / 100 : value), fault: null };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { value: null, fault: error.message };
    }
  };
  const values: PreviewValue[] = [];
  // From the newest on, and no further than is shown: one declaration may have hundreds of items.
  for (const { declaration, facts } of rows.toReversed()) {
    const left = PREVIEW_VALUES_MAX - values.length;
    context.begin(declaration, facts);
    const of = { id: declaration.id, office: declaration.office };
    const items = level === 'declaration' ? [null] : declaration.items.map((_, index) => index).slice(-left);
    const here = items.map((index): PreviewValue => {
      const item = index === null ? null : context.onItem(index);
      return { ...of, item: item?.no ?? null, ...evaluated(declaration, item) };
    });
    values.unshift(...here);
    if (values.length >= PREVIEW_VALUES_MAX) break;
  }
  return { problems: [], type: typeName(checked.expr.type), values };
}

function plain(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}
