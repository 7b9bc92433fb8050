import type { ExceptionEntry } from '../core/exceptions.ts';
import { PROFILES_MAX } from '../limits.ts';
import { requirementsOf } from './atoms-of-profile.ts';
import type { PolicyBundle } from './bundle.ts';
import type { Checked, Environment } from './cel/api.ts';
import { check } from './cel/check.ts';
import { BOOL } from './cel/types.ts';
import { type CheckedProfile, compileProfiles } from './compile.ts';
import { MatchContext } from './context.ts';
import { type DerivedField, deriveFields, readField } from './derived.ts';
import { profileEnvironment } from './environment.ts';
import { readList } from './list-file.ts';
import { RuleList } from './lists.ts';
import { PhraseIndex } from './phrases.ts';
import { type PolicySettings, readExceptions, readPolicyFile } from './policy-file.ts';
import { inOrder, PolicyError, type PolicyProblem } from './problems.ts';
import { LEVELS, type Level, type ProfileSource, readProfile } from './profile-file.ts';
import type { ReadyProfile } from './profile-set.ts';
import { strayList } from './stray-lists.ts';
import type { EmbeddedText } from './yaml-reader.ts';

const POLICY_FILE = 'policy.yaml';
const EXCEPTIONS_FILE = 'lists/exceptions.csv';

/** The sources of a policy, read, checked and compiled. */
export interface LoadedPolicy {
  readonly settings: PolicySettings;
  readonly exceptions: readonly ExceptionEntry[];
  /** In ascending order of id. */
  readonly profiles: readonly ReadyProfile[];
  /** What the compiled profiles read from. */
  readonly context: MatchContext;
}

/**
 * read → check → compile.
 * @throws PolicyError with every problem of every file.
 */
export function loadPolicy(bundle: PolicyBundle): LoadedPolicy {
  const problems: PolicyProblem[] = [];
  const settings = readSettings(bundle, problems);
  const lists = readLists(bundle, problems);
  const sources = readProfiles(bundle, problems);
  const exceptions = readExceptionsOf(bundle, problems);
  const context = new MatchContext();
  const fields = fieldsOf(bundle, lists, context, problems);
  const checked = checkProfiles(sources, environmentsOf(lists, context, fields), problems);
  if (problems.length > 0 || settings === null) throw new PolicyError(inOrder(problems));
  return { settings, exceptions, profiles: makeReady(checked, lists), context };
}

function readSettings({ files }: PolicyBundle, problems: PolicyProblem[]): PolicySettings | null {
  const text = files[POLICY_FILE];
  if (text !== undefined) return readPolicyFile(POLICY_FILE, text, problems);
  problems.push({ file: POLICY_FILE, line: 1, column: 1, message: 'the file is missing' });
  return null;
}

/** Lists that cannot be read are left out, with their problems. */
export function readLists({ files }: PolicyBundle, problems: PolicyProblem[]): ReadonlyMap<string, RuleList> {
  const lists = new Map<string, RuleList>();
  const phrases = new PhraseIndex();
  for (const [file, text] of Object.entries(files)) {
    const name = /^lists\/(.+)\.csv$/.exec(file)?.[1];
    if (name === undefined || file === EXCEPTIONS_FILE) continue;
    const source = readList(name, file, text, problems);
    if (source !== null) lists.set(name, new RuleList(source, phrases));
  }
  return lists;
}

/** Derived fields of a policy; those with problems are left out. */
export function fieldsOf(
  { files }: PolicyBundle,
  lists: ReadonlyMap<string, RuleList>,
  context: MatchContext,
  problems: PolicyProblem[],
): DerivedField[] {
  const sources = Object.entries(files)
    .filter(([file]) => file.startsWith('fields/'))
    .map(([file, text]) => readField(file, text, problems))
    .filter((source) => source !== null);
  const environmentWith = (level: Level, fields: readonly DerivedField[]) =>
    environmentsOf(lists, context, fields)[level];
  return deriveFields(sources, environmentWith, problems);
}

/** In ascending order of id. */
function readProfiles({ files }: PolicyBundle, problems: PolicyProblem[]): ProfileSource[] {
  const sources: ProfileSource[] = [];
  for (const [file, text] of Object.entries(files)) {
    if (!file.startsWith('profiles/')) continue;
    const source = readProfile(file, text, problems);
    if (source !== null) sources.push(source);
  }
  if (sources.length > PROFILES_MAX) {
    const message = `${sources.length} profiles; the limit is ${PROFILES_MAX}`;
    problems.push({ file: POLICY_FILE, line: 1, column: 1, message });
  }
  return sources.sort((a, b) => (a.profile.id < b.profile.id ? -1 : 1));
}

function readExceptionsOf({ files }: PolicyBundle, problems: PolicyProblem[]): readonly ExceptionEntry[] {
  const text = files[EXCEPTIONS_FILE];
  const ids = Object.keys(files).map((file) => /^profiles\/(.+)\.yaml$/.exec(file)?.[1]);
  const known = new Set(ids.filter((id) => id !== undefined));
  return text === undefined ? [] : readExceptions(EXCEPTIONS_FILE, text, known, problems);
}

interface Checkable extends CheckedProfile {
  readonly source: ProfileSource;
}

function checkProfiles(
  sources: readonly ProfileSource[],
  environments: Readonly<Record<Level, Environment>>,
  problems: PolicyProblem[],
): Checkable[] {
  return sources.map((source) => {
    const environment = environments[source.level];
    const when = checkText(source.file, source.when, environment, problems);
    const unless = source.unless === null ? null : checkText(source.file, source.unless, environment, problems);
    return { source, when, unless };
  });
}

export function environmentsOf(
  lists: ReadonlyMap<string, RuleList>,
  context: MatchContext,
  fields: readonly DerivedField[],
): Readonly<Record<Level, Environment>> {
  const derived = fields.map((field) => field.declaration());
  const each = LEVELS.map((level) => [level, profileEnvironment(level, lists, context, derived)]);
  return Object.fromEntries(each) as Record<Level, Environment>;
}

/** Adds what is wrong with an expression to `problems`. */
export function checkText(
  file: string,
  text: EmbeddedText,
  environment: Environment,
  problems: PolicyProblem[],
): Checked {
  const checked = check(text.text, environment, { mode: 'profile', expected: BOOL });
  for (const { line, column, message } of checked.problems) {
    problems.push({ file, ...text.locate(line, column), message });
  }
  const stray = checked.expr === null ? null : strayList(checked.expr);
  if (stray !== null) {
    const before = text.text.slice(0, stray.span.start).split('\n');
    const place = text.locate(before.length, (before.at(-1) ?? '').length + 1);
    problems.push({ file, ...place, message: 'list("…") can only stand behind in; see listed() and lookup()' });
  }
  return checked;
}

function makeReady(checked: readonly Checkable[], lists: ReadonlyMap<string, RuleList>): ReadyProfile[] {
  const compiled = compileProfiles(checked);
  return checked.map(({ source: { profile, level }, when }, place) => {
    const code = compiled[place];
    if (when.expr === null || code === undefined) throw new Error(`profile ${profile.id} was compiled unchecked`);
    return { profile, level, compiled: code, requirements: requirementsOf(when.expr, level, profile.scope, lists) };
  });
}
