import { createHash } from 'node:crypto';
import type { PolicyBundle } from '../profiles/bundle.ts';
import type { Changes } from './draft.ts';

export interface Merge {
  /** What is left to be changed. */
  readonly changes: Changes;
  /** Files that both changed, each in its own way. */
  readonly conflicts: readonly string[];
}

/** Brings changes of one policy into another that was made from it as well: file by file, three ways. */
export function merge(base: PolicyBundle, changes: Changes, onto: PolicyBundle): Merge {
  const left: Record<string, string | null> = {};
  const conflicts: string[] = [];
  for (const [file, text] of Object.entries(changes)) {
    const [before, now] = [textOf(base, file), textOf(onto, file)];
    if (now === text) continue;
    if (now !== before) conflicts.push(file);
    else left[file] = text;
  }
  return { changes: left, conflicts };
}

/** What turns one policy into another. */
export function changesBetween(from: PolicyBundle, to: PolicyBundle): Changes {
  const names = new Set([...Object.keys(from.files), ...Object.keys(to.files)]);
  const differ = [...names].filter((file) => textOf(from, file) !== textOf(to, file));
  return Object.fromEntries(differ.sort().map((file) => [file, textOf(to, file)]));
}

/** Null: it has no such file. */
export function textOf({ files }: PolicyBundle, file: string): string | null {
  return Object.hasOwn(files, file) ? (files[file] ?? null) : null;
}

/** Tells texts apart. */
export function digestOf(text: string | null): string | null {
  return text === null ? null : createHash('sha256').update(text).digest('hex').slice(0, 16);
}
