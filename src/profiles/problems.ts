/** One thing wrong with the sources of a policy, and where. Lines and columns count from 1. */
export interface PolicyProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Says what was expected. */
  readonly message: string;
}

/** The sources make no policy; nothing of them may decide. Carries every problem found, not the first only. */
export class PolicyError extends Error {
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    const lines = problems
      .slice(0, 20)
      .map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
    if (problems.length > 20) lines.push(`… and ${problems.length - 20} more`);
    super(`${problems.length} problem${problems.length === 1 ? '' : 's'} in the policy\n${lines.join('\n')}`);
    this.name = 'PolicyError';
    this.problems = problems;
  }
}

/** In the order of file, line and column, so that the same sources always give the same list. */
export function inOrder(problems: readonly PolicyProblem[]): PolicyProblem[] {
  const byFile = (a: PolicyProblem, b: PolicyProblem) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0);
  return problems.toSorted((a, b) => byFile(a, b) || a.line - b.line || a.column - b.column);
}

/** ` (did you mean …?)` for a name that is close to a known one; empty otherwise. */
export function suggestion(name: string, known: Iterable<string>): string {
  let best = '';
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = edits(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best === '' ? '' : ` (did you mean ${best}?)`;
}

/** Edit distance with transpositions of neighbours (Damerau 1964, optimal string alignment). */
function edits(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
