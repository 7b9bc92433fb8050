import type { Arithmetic, Comparison } from '../profiles/cel/api.ts';

/**
 * The canonical tree of a profile's condition: what the sentence builder and the decision table show and change, and
 * what CEL text is printed from. A closed set of plain records, so that it can be sent, compared and kept as JSON.
 */

/** A condition: true or false of a declaration, or of one item of it. */
export type Condition =
  /** All of these, or any of them; two at least when it is complete, none of its own kind. */
  | { readonly kind: 'group'; readonly of: 'all' | 'any'; readonly conditions: readonly Condition[] }
  /** Of anything but another negation. */
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'compare'; readonly left: Value; readonly operator: Comparison; readonly right: Value }
  /** Equals one of these: `x in ["CN", "HK"]`. */
  | { readonly kind: 'oneOf'; readonly value: Value; readonly literals: readonly Literal[] }
  /** Is a key of a list: `x in list("name")`, with several keys `listed("name", a, b)`. */
  | { readonly kind: 'listed'; readonly list: string; readonly keys: readonly Value[] }
  | { readonly kind: 'text'; readonly operator: TextTest; readonly value: Value; readonly argument: Value }
  /** One of a list's phrases occurs in the text: `mentions(x, "name")`. */
  | { readonly kind: 'mentions'; readonly value: Value; readonly list: string }
  /** Is stated at all: `has(item.brand)`. */
  | { readonly kind: 'present'; readonly value: Value }
  /** A value that is true or false by itself: `trader.authorisedOperator`, `hasDocument("04021")`. */
  | { readonly kind: 'flag'; readonly value: Value }
  /** Any, all, or exactly one of the elements: `declaration.items.exists(i, …)`. */
  | {
      readonly kind: 'quantifier';
      readonly of: 'any' | 'all' | 'one';
      readonly over: Value;
      /** Name of the element within `condition`. */
      readonly variable: string;
      readonly condition: Condition;
    }
  /** CEL that the builder cannot show: it stays text, and can be read but not changed there. */
  | { readonly kind: 'cel'; readonly text: string }
  /** Not filled in yet. Never saved; it stands for nothing, least of all for true. */
  | { readonly kind: 'empty' };

export type TextTest = 'startsWith' | 'endsWith' | 'contains' | 'matches';

export type Value =
  /** `['item', 'hsCode']`; the first name is a variable of the environment or of a quantifier. */
  | { readonly kind: 'path'; readonly path: readonly string[] }
  | Literal
  | { readonly kind: 'arithmetic'; readonly operator: Arithmetic; readonly left: Value; readonly right: Value }
  /** A function of the data dictionary, and then a field of what it gives: `stats.valuePerKg(item).p50`. */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Value[];
      readonly fields: readonly string[];
    }
  /** A function of the value before the point: `item.brand.upperAscii()`. */
  | { readonly kind: 'member'; readonly value: Value; readonly name: string; readonly args: readonly Value[] }
  /** How many: `size(declaration.documents)`; with `where` of how many it holds. */
  | { readonly kind: 'count'; readonly over: Value; readonly variable: string; readonly where: Condition | null }
  /** Sum over elements: `sum(declaration.items.map(i, i.netMassKg))`; with `where` over those of which it holds. */
  | {
      readonly kind: 'sum';
      readonly over: Value;
      readonly variable: string;
      readonly where: Condition | null;
      readonly of: Value;
    }
  | { readonly kind: 'cel'; readonly text: string }
  | { readonly kind: 'empty' };

/** `number` is a CEL double (12.5, printed with a point), `integer` a CEL int; `date` is `timestamp("…")`, `duration` `duration("…")`. */
export type Literal =
  | { readonly kind: 'literal'; readonly type: 'text' | 'date' | 'duration'; readonly value: string }
  | { readonly kind: 'literal'; readonly type: 'number' | 'integer'; readonly value: number }
  | { readonly kind: 'literal'; readonly type: 'boolean'; readonly value: boolean };
