import type { TypedExpr } from './api.ts';
import type { Emitter } from './emitter.ts';
import { mayFail } from './fails.ts';

/** Comprehensions → calls of the runtime, which counts their steps. */

type Macro = TypedExpr & { kind: 'macro' };

export function emitMacro(emitter: Emitter, expr: Macro): string {
  const absent = expr.type.kind === 'bool' ? 'false' : 'null';
  return emitter.guard([expr.range], absent, (range) => {
    const call = callOf(emitter, expr);
    return `$.${call.name}(${rangeOf(expr, range)}, ${call.callback})`;
  });
}

/** What the runtime iterates over: elements or keys; pairs for two variables over a map. */
function rangeOf({ range, locals }: Macro, js: string): string {
  if (range.type.kind === 'dyn') return `$.rangeOf(${js}, ${locals.length === 2})`;
  if (range.type.kind === 'list') return js;
  return locals.length === 2 ? `[...${js}]` : `[...${js}.keys()]`;
}

function parametersOf({ range, locals }: Macro): string {
  const [first, second] = locals;
  if (second === undefined) return first ?? '';
  return range.type.kind === 'list' ? `${second}, ${first}` : `[${first}, ${second}]`;
}

function callOf(emitter: Emitter, expr: Macro): { name: string; callback: string } {
  const { macro, condition, transform } = expr;
  const arrow = (body: () => string): string => emitter.arrow(parametersOf(expr), body);
  const test = (): string => (condition === null ? 'true' : emitter.truth(condition));
  const give = (): string => (transform === null ? 'null' : emitter.emit(transform));
  switch (macro) {
    case 'all':
    case 'exists': {
      const careful = emitter.careful && condition !== null && mayFail(condition);
      return { name: careful ? `${macro}Careful` : macro, callback: arrow(test) };
    }
    case 'exists_one':
      return { name: 'existsOne', callback: arrow(test) };
    case 'filter':
      return { name: 'filter', callback: arrow(test) };
    case 'map':
    case 'transform_list': {
      // An absent result adds no element.
      const result = (): string => (transform?.optional === true ? `(${give()} ?? undefined)` : give());
      if (condition !== null)
        return { name: 'mapSome', callback: arrow(() => `(${test()} ? ${result()} : undefined)`) };
      return { name: transform?.optional === true ? 'mapSome' : 'map', callback: arrow(result) };
    }
    case 'transform_map': {
      const entry = (): string => `[${expr.locals[0]}, ${give()}]`;
      const kept = (): string => (condition === null ? entry() : `(${test()} ? ${entry()} : undefined)`);
      return { name: 'toMap', callback: arrow(kept) };
    }
  }
}
