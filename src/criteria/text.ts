import { parse } from '../profiles/cel/parse.ts';
import type { Condition } from './ast.ts';
import { readCriteria } from './read.ts';

/** Where a text is no CEL; `line` and `column` count from 1. */
export interface TextProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A CEL text as a tree; types are not checked. */
export function treeOf(text: string): { readonly tree: Condition } | { readonly problem: TextProblem } {
  const result = parse(text);
  return 'parsed' in result ? { tree: readCriteria(result.parsed) } : { problem: result.problem };
}
