import type { FileChange } from '../profiles/diff.ts';
import type { Invocation } from './command.ts';

/** Prints what two policies differ in: a line for each setting, or an object for each file. */
export async function printChanges(
  changes: readonly FileChange[],
  { values, terminal }: Pick<Invocation, 'values' | 'terminal'>,
): Promise<void> {
  for (const change of changes) {
    await terminal.data(values.json === true ? `${JSON.stringify(change)}\n` : `${changeLines(change).join('\n')}\n`);
  }
  if (changes.length === 0) terminal.message('no difference');
}

function changeLines({ file, kind, settings }: FileChange): string[] {
  if (kind !== 'changed') return [`${file}  ${kind}`];
  if (settings.length === 0) return [`${file}  says the same: comments, order or layout differ`];
  const lines = settings.flatMap(({ name, before, after }) => [
    ...(before === undefined ? [] : [`  - ${name}: ${oneLine(before)}`]),
    ...(after === undefined ? [] : [`  + ${name}: ${oneLine(after)}`]),
  ]);
  return [`${file}  ${kind}`, ...lines];
}

function oneLine(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\s+/g, ' ').trim();
}
