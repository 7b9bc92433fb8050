import { CorridorError } from '../errors.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { readList } from '../profiles/list-file.ts';
import type { PolicyProblem } from '../profiles/problems.ts';
import type { Checker } from './checker.ts';
import { type Cells, isSameShape, ListText, summaryOf, type TextColumn } from './list-text.ts';
import { digestOf, textOf } from './merge.ts';
import { mustBeSound } from './problems.ts';
import type { PolicyVersions } from './version.ts';
import { changed, decideBy, mustBeActive, mustBundle, onActive } from './version-access.ts';

export interface ListsDeps {
  readonly versions: PolicyVersions;
  readonly checker: Checker;
}

export interface ListSummary {
  readonly name: string;
  readonly columns: readonly TextColumn[];
  readonly rows: number;
}

export interface ListContent {
  readonly text: string;
  /** Tells this content from any other. */
  readonly digest: string;
  readonly columns: readonly TextColumn[];
  readonly rows: readonly Cells[];
  /** Active version of the policy that has it. */
  readonly version: string;
}

/** What an upload would change. */
export interface ListPreview {
  readonly added: readonly Cells[];
  readonly removed: readonly Cells[];
  readonly same: number;
  /** Of the list itself, and of whatever else in the policy would no longer hold. */
  readonly problems: readonly PolicyProblem[];
}

/** What a change makes of the text of a list; null: there is none. */
type Edit = (text: string | null) => string | null;

/** Whoever changes this list decides who is not controlled. */
const EXCEPTIONS = 'exceptions';

const NAME = /^[A-Za-z0-9._-]{1,100}$/;

/**
 * Lists of the active policy. They change on their own, without a draft: each change is a version of the policy on top of
 * the active one, activated at once. One that finds another version active meanwhile is made anew on that.
 */
export class Lists {
  readonly #deps: ListsDeps;
  /** Changes of this node follow one another: they would only overtake each other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: ListsDeps) {
    this.#deps = deps;
  }

  async #active(): Promise<{ readonly version: string; readonly bundle: PolicyBundle }> {
    const { version } = mustBeActive(this.#deps.versions);
    return { version, bundle: await mustBundle(this.#deps.versions, version) };
  }

  async all(): Promise<ListSummary[]> {
    const { files } = (await this.#active()).bundle;
    return Object.keys(files).flatMap((file) => {
      const name = /^lists\/(.+)\.csv$/.exec(file)?.[1];
      if (name === undefined) return [];
      return [{ name, ...summaryOf(name, files[file] ?? '') }];
    });
  }

  /** @throws CorridorError `not_found` */
  async read(name: string): Promise<ListContent> {
    const { version, bundle } = await this.#active();
    const text = textOf(bundle, fileOf(name));
    if (text === null) throw new CorridorError('not_found', 'There is no such list');
    const list = new ListText(name, text);
    return { text, digest: digestOf(text) ?? '', columns: list.columns, rows: list.rows(), version };
  }

  /** What would come of an upload; nothing is changed. */
  async preview(name: string, text: string): Promise<ListPreview> {
    const { bundle } = await this.#active();
    const file = fileOf(name);
    const { problems, failures } = await this.#deps.checker.check(changed(bundle, { [file]: text }));
    const before = textOf(bundle, file);
    return { ...compared(name, before, text), problems: [...problems, ...failures] };
  }

  /**
   * Resolves when the change is part of the policy that decides.
   * @param expected Digest of the content that was edited; null: whichever there is.
   * @throws CorridorError `changed_meanwhile`, `invalid_policy` naming rows, `not_activated`
   * @returns the version of the policy that has it.
   */
  change(name: string, expected: string | null, edit: Edit, by: string, reason: string): Promise<string> {
    if (name === EXCEPTIONS) {
      const detail = 'Exceptions switch profiles off: they are changed by a draft, which another person approves';
      return Promise.reject(new CorridorError('wrong_state', detail));
    }
    const change = this.#turn.then(() => this.#change(name, expected, edit, by, reason));
    this.#turn = change.catch(() => undefined);
    return change;
  }

  #change(name: string, expected: string | null, edit: Edit, by: string, reason: string): Promise<string> {
    const { versions, checker } = this.#deps;
    const file = fileOf(name);
    return onActive(versions, async (bundle, parent) => {
      const before = textOf(bundle, file);
      if (expected !== null && digestOf(before) !== expected) {
        throw new CorridorError('changed_meanwhile', 'The list was changed meanwhile; look at it again');
      }
      const text = edit(before);
      if (text === before) return parent;
      const next = changed(bundle, { [file]: text });
      if (!isOnlyRows(name, before, text)) mustBeSound(await checker.check(next));
      const origin = { source: 'lists', parent, authors: [by], approver: null, reason, draft: null } as const;
      return decideBy(versions, next, origin, by).catch(async (error: unknown) => {
        // Nodes say what is wrong as texts; the same again, by file and line.
        if (error instanceof CorridorError && error.code === 'not_activated') mustBeSound(await checker.check(next));
        throw error;
      });
    });
  }
}

/**
 * Whether only rows differ: then the policy compiles as before, and every node tries its tests before it takes it.
 * @throws CorridorError `invalid_policy` where they do, and rows are bad.
 */
function isOnlyRows(name: string, before: string | null, after: string | null): boolean {
  if (before === null || after === null || !isSameShape(name, before, after)) return false;
  const file = fileOf(name);
  const problems: PolicyProblem[] = [];
  readList(file, file, after, problems);
  mustBeSound({ problems, failures: [] });
  return true;
}

/** @throws CorridorError `not_found`: no list has a name of another form. */
function fileOf(name: string): string {
  if (!NAME.test(name)) throw new CorridorError('not_found', 'There is no such list');
  return `lists/${name}.csv`;
}

/** Rows that only one of them has, each as often as it has it more. */
function compared(name: string, before: string | null, after: string): Omit<ListPreview, 'problems'> {
  const removed = new Map<string, Cells[]>();
  let same = 0;
  for (const row of rowsOf(name, before)) removed.set(keyOf(row), [...(removed.get(keyOf(row)) ?? []), row]);
  const added = rowsOf(name, after).filter((row) => {
    const known = removed.get(keyOf(row))?.pop() !== undefined;
    if (known) same++;
    return !known;
  });
  return { added, removed: [...removed.values()].flat(), same };
}

/** What cannot be read has no rows; its problems say so. */
function rowsOf(name: string, text: string | null): Cells[] {
  try {
    return text === null ? [] : new ListText(name, text).rows();
  } catch (error) {
    if (error instanceof CorridorError) return [];
    throw error;
  }
}

/** Empty cells are as good as columns that are not there. */
function keyOf(row: Cells): string {
  return JSON.stringify(Object.entries(row).filter(([, cell]) => cell !== ''));
}
