import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import type { PolicyBundle } from './bundle.ts';

/** One setting of a file, or one line of a list; undefined: it is not there. */
export interface SettingChange {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface FileChange {
  readonly file: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Of a changed file; empty where only comments, order or layout differ. */
  readonly settings: readonly SettingChange[];
}

/** What differs between two policies, by file, in the order of their names. */
export function diffBundles(before: PolicyBundle, after: PolicyBundle): FileChange[] {
  const names = [...new Set([...Object.keys(before.files), ...Object.keys(after.files)])].sort();
  return names.flatMap((file): FileChange[] => {
    const [old, renewed] = [before.files[file], after.files[file]];
    if (old === renewed) return [];
    if (old === undefined) return [{ file, kind: 'added', settings: [] }];
    if (renewed === undefined) return [{ file, kind: 'removed', settings: [] }];
    return [{ file, kind: 'changed', settings: settingsOf(file, old, renewed) }];
  });
}

function settingsOf(file: string, before: string, after: string): SettingChange[] {
  return file.endsWith('.csv') ? linesBetween(before, after) : settingsBetween(before, after);
}

/** Top-level settings, compared by what they say. A file that is no YAML is compared as one text. */
function settingsBetween(before: string, after: string): SettingChange[] {
  const [old, renewed] = [plainOf(before), plainOf(after)];
  if (old === null || renewed === null) return [{ name: 'text', before, after }];
  const names = [...new Set([...Object.keys(old), ...Object.keys(renewed)])];
  return names
    .filter((name) => !isDeepStrictEqual(old[name], renewed[name]))
    .map((name) => ({ name, before: old[name], after: renewed[name] }));
}

function plainOf(text: string): Record<string, unknown> | null {
  const document = parseDocument(text, { schema: 'core', prettyErrors: false });
  if (document.errors.length > 0) return null;
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 0 });
  } catch {
    // Aliases: a profile may not have them.
    return null;
  }
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain)
    ? (plain as Record<string, unknown>)
    : null;
}

/** Lines that only one of them has, each as often as it has it more; comments and empty lines do not count. */
function linesBetween(before: string, after: string): SettingChange[] {
  const left = new Map<string, number>();
  for (const line of dataLines(after)) left.set(line, (left.get(line) ?? 0) + 1);
  const gone: string[] = [];
  for (const line of dataLines(before)) {
    const count = left.get(line) ?? 0;
    if (count === 0) gone.push(line);
    else left.set(line, count - 1);
  }
  const come = [...left].flatMap(([line, count]) => Array.from({ length: count }, () => line));
  return [
    ...gone.map((line) => ({ name: 'line', before: line, after: undefined })),
    ...come.map((line) => ({ name: 'line', before: undefined, after: line })),
  ];
}

function dataLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
