import type { Condition } from '../criteria/ast.ts';
import { IncompleteCriteria, printCriteria } from '../criteria/print.ts';
import { MIGRATED_PROFILES_MAX } from '../limits.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { ProfileChecker } from '../profiles/checker.ts';
import type { Dictionary } from '../profiles/dictionary.ts';
import { buildPolicy } from '../profiles/policy.ts';
import type { Level } from '../profiles/profile-file.ts';
import { type ProfileForm, yamlOf } from '../profiles/profile-form.ts';
import { runVectors } from '../profiles/vectors.ts';
import { type Example, examplesOf } from './examples.ts';
import { ListText } from './list-text.ts';

/** Where something stands in the file that is taken over, from 1; column 0: the line as a whole. */
export interface MigrationPlace {
  readonly line: number;
  readonly column: number;
}

/** `refused`: that part is not in the draft. `noted`: it is, and somebody should look at it. */
export interface MigrationRemark extends MigrationPlace {
  readonly kind: 'refused' | 'noted';
  readonly message: string;
}

export interface MigrationReport {
  /** What became a profile, and from which line. */
  readonly read: readonly {
    readonly id: string;
    readonly title: string;
    readonly line: number;
    readonly tests: number;
  }[];
  readonly remarks: readonly MigrationRemark[];
}

/** Files to change in a policy, each checked and its tests run, and what has become of the rest of the source. */
export interface Migration {
  readonly files: Readonly<Record<string, string>>;
  readonly report: MigrationReport;
}

/** A profile in the making, before it is checked. */
export interface Candidate {
  readonly place: MigrationPlace;
  readonly form: Omit<ProfileForm, 'when' | 'tests' | 'level'>;
  readonly condition: Condition;
}

/** Of a list, to make examples with. */
const KEYS_MAX = 50;

/** Gathers candidates and remarks of one source, and makes profiles of them. */
export class Migrator {
  readonly dictionary: Dictionary;
  readonly #base: PolicyBundle;
  readonly #checker: ProfileChecker;
  readonly #candidates: Candidate[] = [];
  readonly #remarks: MigrationRemark[] = [];
  readonly #keys = new Map<string, readonly string[]>();
  /** How many have asked for an id of this stem. */
  readonly #numbers = new Map<string, number>();

  constructor(base: PolicyBundle) {
    this.#base = base;
    this.#checker = new ProfileChecker(base);
    this.dictionary = this.#checker.dictionary('item');
  }

  refuse({ line, column }: MigrationPlace, message: string): void {
    this.#remarks.push({ kind: 'refused', line, column, message });
  }

  note({ line, column }: MigrationPlace, message: string): void {
    this.#remarks.push({ kind: 'noted', line, column, message });
  }

  add(candidate: Candidate): void {
    if (this.#candidates.length < MIGRATED_PROFILES_MAX) this.#candidates.push(candidate);
    else
      this.refuse(candidate.place, `a file may bring ${MIGRATED_PROFILES_MAX} profiles: put the others into another`);
  }

  /** An id that neither the policy nor the source has yet, made from a wish. */
  freeId(wish: string): string {
    const plain = wish.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^[^A-Za-z0-9]+|-+$/g, '');
    const stem = plain.slice(0, 56) || 'imported';
    let number = this.#numbers.get(stem) ?? 0;
    let id: string;
    do id = ++number === 1 ? stem : `${stem}-${number}`;
    while (Object.hasOwn(this.#base.files, fileOf(id)));
    this.#numbers.set(stem, number);
    return id;
  }

  finish(): Migration {
    const forms = new Map<string, { form: ProfileForm; place: MigrationPlace }>();
    for (const candidate of this.#candidates) {
      const { place } = candidate;
      const form = this.#formOf(candidate);
      if (form === null) continue;
      if (forms.has(form.id) || Object.hasOwn(this.#base.files, fileOf(form.id))) {
        this.refuse(place, `there is a profile ${form.id} already`);
      } else forms.set(form.id, { form, place });
    }
    const files: Record<string, string> = {};
    const read: MigrationReport['read'][number][] = [];
    for (const { form, place } of this.#tried([...forms.values()])) {
      files[fileOf(form.id)] = yamlOf(form);
      read.push({ id: form.id, title: form.title, line: place.line, tests: form.tests.length });
    }
    const remarks = this.#remarks.toSorted((a, b) => a.line - b.line || a.column - b.column);
    return { files, report: { read, remarks } };
  }

  /** Null where it is no profile; the remarks then say why. */
  #formOf({ place, form, condition }: Candidate): ProfileForm | null {
    try {
      const level = levelOf(condition);
      const whole: ProfileForm = {
        ...form,
        level,
        when: printCriteria(condition),
        tests: this.#testsOf(condition),
      };
      const isTried = whole.tests.length === 2;
      const problems = this.#checker.checkForm(whole).filter(({ setting }) => isTried || setting !== 'tests');
      for (const { setting, message } of problems) {
        this.refuse(place, setting === '' ? message : `${setting}: ${message}`);
      }
      if (problems.length > 0) return null;
      if (!isTried) this.#refuseUntested(place, whole);
      return isTried ? whole : null;
    } catch (error) {
      if (!(error instanceof IncompleteCriteria)) throw error;
      this.refuse(place, 'no condition is left: it would hit every declaration');
      return null;
    }
  }

  /** A profile that nobody has seen hit, or pass by, is none; its condition is not lost. */
  #refuseUntested(place: MigrationPlace, { id, when }: ProfileForm): void {
    const message = `${id}: no declarations to try it with could be made; write it in the editor with tests: ${when}`;
    this.refuse(place, message);
  }

  #testsOf(condition: Condition): ProfileForm['tests'] {
    const { hit, miss } = examplesOf(condition, this.dictionary, (list) => this.#keysOf(list));
    const test = (name: string, example: Example | null, hits: boolean) =>
      example === null ? [] : [{ name, ...example, hits }];
    return [
      ...test('made from the condition, all of it true', hit, true),
      ...test('made from the condition, not true', miss, false),
    ];
  }

  /** The first few keys of a list of the policy: enough to be found in it. */
  #keysOf(list: string): readonly string[] {
    const known = this.#keys.get(list);
    if (known !== undefined) return known;
    const text = this.#base.files[`lists/${list}.csv`];
    const content = text === undefined ? null : new ListText(list, text);
    const column = content?.columns.find(({ key }) => key) ?? content?.columns[0];
    const keys = column === undefined ? [] : (content?.rows() ?? []).map((row) => row[column.name] ?? '');
    const first = keys.filter((key) => key !== '').slice(0, KEYS_MAX);
    this.#keys.set(list, first);
    return first;
  }

  /** Those whose tests come out as they should, all run at once. */
  #tried<T extends { readonly form: ProfileForm; readonly place: MigrationPlace }>(candidates: readonly T[]): T[] {
    if (candidates.length === 0) return [];
    // The other profiles, and what names them, have no say in it.
    const isKept = ([file]: [string, string]) => !file.startsWith('profiles/') && file !== 'lists/exceptions.csv';
    const files: Record<string, string> = Object.fromEntries(Object.entries(this.#base.files).filter(isKept));
    for (const { form } of candidates) files[fileOf(form.id)] = yamlOf(form);
    const failed = new Set(runVectors({ files }, buildPolicy({ files })).map(({ file, test }) => `${file} ${test}`));
    return candidates.filter(({ form, place }) => {
      const isSound = form.tests.every(({ name }) => !failed.has(`${fileOf(form.id)} ${name}`));
      if (!isSound) this.#refuseUntested(place, form);
      return isSound;
    });
  }
}

function fileOf(id: string): string {
  return `profiles/${id}.yaml`;
}

/** Of the item where it speaks of one. */
function levelOf(condition: Condition): Level {
  return JSON.stringify(condition).includes('"path":["item"') ? 'item' : 'declaration';
}
