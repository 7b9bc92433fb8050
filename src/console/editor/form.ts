import type { Condition } from '../../criteria/ast.ts';
import { textOf } from '../../criteria/edit.ts';
import { type TextProblem, treeOf } from '../../criteria/text.ts';
import type { ProfileForm } from './types.ts';

/** What is being edited: one condition as tree and as text. Both say the same, or one of them is not in order yet. */
export interface Draftable {
  readonly form: ProfileForm;
  /** As the builder shows it: groups of one and parts that are not filled in are allowed here. */
  readonly tree: Condition;
  /** As it was typed, or printed. */
  readonly text: string;
  /** The text is no CEL: tree and table stay as they were before, and cannot be changed. */
  readonly textProblem: TextProblem | null;
  /** Something in the tree is not filled in: the text stays as it was before. */
  readonly missing: string | null;
}

export function opened(form: ProfileForm): Draftable {
  const empty: Draftable = { form, tree: { kind: 'empty' }, text: form.when, textProblem: null, missing: null };
  return form.when.trim() === '' ? withTree(empty, { kind: 'empty' }) : withText(empty, form.when);
}

export function withTree(before: Draftable, tree: Condition): Draftable {
  const printed = textOf(tree);
  if ('missing' in printed) return { ...before, tree, textProblem: null, missing: printed.missing };
  const form = { ...before.form, when: printed.text };
  return { form, tree, text: printed.text, textProblem: null, missing: null };
}

export function withText(before: Draftable, text: string): Draftable {
  const read = treeOf(text);
  if ('problem' in read) return { ...before, text, textProblem: read.problem, missing: null };
  return { form: { ...before.form, when: text }, tree: read.tree, text, textProblem: null, missing: null };
}

export function withSettings(before: Draftable, settings: Partial<ProfileForm>): Draftable {
  return { ...before, form: { ...before.form, ...settings } };
}

/** Whether it may be sent: nothing that does not parse, and nothing unfinished, ever is. */
export function isComplete({ textProblem, missing }: Draftable): boolean {
  return textProblem === null && missing === null;
}

const STEPS_MAX = 200;

/** What can be undone, and done again. */
export interface Steps<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
}

export function begun<T>(present: T): Steps<T> {
  return { past: [], present, future: [] };
}

/** @param joined Takes the place of the present one, as letters typed one after another do. */
export function stepped<T>({ past, present }: Steps<T>, next: T, joined = false): Steps<T> {
  if (joined) return { past, present: next, future: [] };
  return { past: [...past, present].slice(-STEPS_MAX), present: next, future: [] };
}

export function undone<T>({ past, present, future }: Steps<T>): Steps<T> {
  const before = past.at(-1);
  if (before === undefined) return { past, present, future };
  return { past: past.slice(0, -1), present: before, future: [present, ...future] };
}

export function redone<T>({ past, present, future }: Steps<T>): Steps<T> {
  const [after, ...rest] = future;
  return after === undefined ? { past, present, future } : { past: [...past, present], present: after, future: rest };
}

export const NEW_PROFILE: ProfileForm = {
  ...{ id: '', title: '', documentation: {}, owner: null, notify: [], target: 'undervaluation', corridor: 'yellow' },
  ...{ measures: [{ code: 'documentary_check', instructions: '' }], weight: 0.3, group: null, damage: null },
  ...{ mandatory: false, scope: {}, percentage: 100, onError: 'documents', level: 'item', when: '', unless: null },
  tests: [
    { name: '', declaration: { items: [{}] }, hits: true },
    { name: '', declaration: { items: [{}] }, hits: false },
  ],
};
