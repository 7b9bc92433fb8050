import { nearest } from './cel/types.ts';

/** One thing wrong with the sources of a policy, and where. Lines and columns count from 1. */
export interface PolicyProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Says what was expected. */
  readonly message: string;
}

const LINES_MAX = 20;

/** The sources make no policy; nothing of them may decide. Carries every problem found, not the first only. */
export class PolicyError extends Error {
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    const lines = linesOf(problems);
    super(`${problems.length} problem${problems.length === 1 ? '' : 's'} in the policy\n${lines.join('\n')}`);
    this.name = 'PolicyError';
    this.problems = problems;
  }
}

function linesOf(problems: readonly PolicyProblem[]): string[] {
  const lines = problems
    .slice(0, LINES_MAX)
    .map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  return problems.length > LINES_MAX ? [...lines, `… and ${problems.length - LINES_MAX} more`] : lines;
}

/** Why a policy is refused, for officials: file, line and column where they are known. Never empty. */
export function problemTexts(error: unknown): readonly string[] {
  return error instanceof PolicyError
    ? linesOf(error.problems)
    : [error instanceof Error ? error.message : String(error)];
}

/** An error in words that name no profile: the problems of a policy do, and logs are not for official use only. */
export function textForLog(error: unknown): string {
  if (!(error instanceof PolicyError)) return String(error);
  return `${error.problems.length} problems in the policy: corridor profiles check names them`;
}

/** In the order of file, line and column, so that the same sources always give the same list. */
export function inOrder(problems: readonly PolicyProblem[]): PolicyProblem[] {
  const byFile = (a: PolicyProblem, b: PolicyProblem) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0);
  return problems.toSorted((a, b) => byFile(a, b) || a.line - b.line || a.column - b.column);
}

/** ` (did you mean …?)` for a name that is close to a known one; empty otherwise. */
export function suggestion(name: string, known: Iterable<string>): string {
  const similar = nearest(name, known);
  return similar === null ? '' : ` (did you mean ${similar}?)`;
}
