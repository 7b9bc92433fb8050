import type { PolicyBundle } from './bundle.ts';
import type { Environment } from './cel/api.ts';
import { MatchContext } from './context.ts';
import type { DerivedField } from './derived.ts';
import { type Dictionary, dictionaryOf } from './dictionary.ts';
import type { RuleList } from './lists.ts';
import { checkText, environmentsOf, fieldsOf, readLists } from './load.ts';
import { inOrder, type PolicyProblem } from './problems.ts';
import { LEVELS, type Level, type ProfileSource, readProfile } from './profile-file.ts';
import { type ProfileForm, yamlOf } from './profile-form.ts';

/** What is wrong with a form, and in which setting of it. */
export interface FormProblem {
  readonly setting: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Checks one profile at a time against what the rest of a policy gives it to name; made once for a policy. */
export class ProfileChecker {
  readonly #lists: ReadonlyMap<string, RuleList>;
  readonly #fields: readonly DerivedField[];
  readonly #environments: Readonly<Record<Level, Environment>>;

  /** Lists and fields that cannot be read are as if they were not there. */
  constructor(bundle: PolicyBundle) {
    this.#lists = readLists(bundle, []);
    const context = new MatchContext();
    this.#fields = fieldsOf(bundle, this.#lists, context, []);
    this.#environments = environmentsOf(this.#lists, context, this.#fields);
  }

  /** Settings, syntax and types; its tests are not run. `source` is null where settings cannot be read. */
  check(file: string, text: string): { readonly source: ProfileSource | null; readonly problems: PolicyProblem[] } {
    const problems: PolicyProblem[] = [];
    const source = readProfile(file, text, problems);
    if (source !== null) {
      const environment = this.#environments[source.level];
      checkText(file, source.when, environment, problems);
      if (source.unless !== null) checkText(file, source.unless, environment, problems);
    }
    return { source, problems: inOrder(problems) };
  }

  /** One expression by itself, in lines and columns of its own. */
  checkExpression(text: string, level: Level): PolicyProblem[] {
    const problems: PolicyProblem[] = [];
    const here = { text, locate: (line: number, column: number) => ({ line, column }) };
    checkText('', here, this.#environments[level], problems);
    return inOrder(problems);
  }

  /** A form: what is wrong by the setting it stands in; lines and columns are those of the setting's own text. */
  checkForm(form: ProfileForm): FormProblem[] {
    const { unless = null } = form;
    const text = yamlOf(form);
    const problems: PolicyProblem[] = [];
    readProfile(`profiles/${form.id}.yaml`, text, problems);
    const level = isLevel(form.level) ? form.level : 'item';
    return [
      ...inOrder(problems).map(({ line, message }) => ({ ...placeIn(text, line), message })),
      ...this.#inSetting('when', form.when, level),
      ...(unless === null ? [] : this.#inSetting('unless', unless, level)),
    ];
  }

  #inSetting(setting: string, text: string, level: Level): FormProblem[] {
    return this.checkExpression(text, level).map(({ line, column, message }) => ({ setting, line, column, message }));
  }

  dictionary(level: Level): Dictionary {
    const own = new Map(this.#fields.map(({ source }) => [`derived.${source.name}`, source.description]));
    return dictionaryOf(this.#environments[level], this.#lists, own);
  }
}

export function isLevel(text: unknown): text is Level {
  return (LEVELS as readonly unknown[]).includes(text);
}

/** The setting that a line of a profile's file belongs to: settings begin at the margin. */
function placeIn(text: string, line: number): Omit<FormProblem, 'message'> {
  const lines = text.split('\n').slice(0, line);
  const first = lines.findLastIndex((each) => /^[A-Za-z]/.test(each));
  const setting = /^[A-Za-z]+/.exec(lines[first] ?? '')?.[0] ?? '';
  return { setting, line: Math.max(1, line - first), column: 1 };
}
