import { loadConfig } from '../config.ts';
import type { Condition } from '../criteria/ast.ts';
import { outlineOf } from '../criteria/outline.ts';
import { readCriteria } from '../criteria/read.ts';
import { type PolicyBundle, readBundle } from '../profiles/bundle.ts';
import { parse } from '../profiles/cel/parse.ts';
import { diffBundles } from '../profiles/diff.ts';
import { documentOf } from '../profiles/document.ts';
import { buildPolicy } from '../profiles/policy.ts';
import { PolicyError, type PolicyProblem } from '../profiles/problems.ts';
import { type ProfileSource, readProfile } from '../profiles/profile-file.ts';
import { runVectors } from '../profiles/vectors.ts';
import { backtest } from './backtest.ts';
import {
  type Command,
  CommandFailure,
  EXIT_DONE,
  EXIT_FAILED,
  type Invocation,
  onlyArgument,
  type Terminal,
  textOption,
  UsageError,
} from './command.ts';
import { printChanges } from './policy-changes.ts';
import { importProfiles } from './profiles-import.ts';

export const profilesCommand: Command = {
  name: 'profiles',
  usage:
    'check|list|document|explain ID|diff DIR|import FILE|backtest [--rules DIR] [--into DIR] [--against DIR] [--data DIR] [--json]',
  description: `check  compiles the policy and runs the test vectors of its profiles; names every problem as file:line:column
list   prints the profiles: id, target, corridor, weight, title
document     prints a page of Markdown: what each profile is for, in English and Russian (docs/profiles.md)
explain ID   prints one profile part by part: what it hits, what it leaves out, what is then to be done
diff DIR     prints what the policy has that the one in DIR has not, and the other way round
import FILE  makes profiles of a decision table (XLSX, CSV) or of ASYCUDA's criteria, beside those of the policy, and
             says what it could not read, with line and column
backtest     decides everything in the ledger again under the policy, and prints what changes: corridors, hits, controls
             of each office. Works beside a running service`,
  options: {
    rules: { type: 'string', value: 'DIR', help: 'policy.yaml, profiles/ and lists/ (default: those shipped)' },
    kind: { type: 'string', value: 'KIND', help: 'import: table or asycuda (default: by the ending of the file)' },
    into: { type: 'string', value: 'DIR', help: 'import: folder of rules to write to (default: the report alone)' },
    against: { type: 'string', value: 'DIR', help: 'backtest: compare with these rules (default: what was decided)' },
    data: { type: 'string', value: 'DIR', help: 'backtest: data folder (default: data)' },
    json: { type: 'boolean', help: 'as JSON' },
  },
  async run(invocation) {
    const [what, ...rest] = invocation.positionals;
    if (what === 'explain') {
      const id = onlyArgument(rest, 'ID');
      return explain(await bundleOf(invocation), id, invocation);
    }
    if (what === 'diff') {
      const before = await readBundle(onlyArgument(rest, 'DIR'));
      await printChanges(diffBundles(before, await bundleOf(invocation)), invocation);
      return EXIT_DONE;
    }
    if (what === 'import') {
      return importProfiles(await bundleOf(invocation), onlyArgument(rest, 'FILE'), invocation);
    }
    const only = onlyArgument(invocation.positionals, 'check, list, document, explain, diff, import or backtest');
    if (only === 'backtest') {
      const against = textOption(invocation.values, 'against');
      return backtest(await bundleOf(invocation), against === undefined ? null : await readBundle(against), invocation);
    }
    if (only === 'check') return check(await bundleOf(invocation), invocation);
    if (only === 'document') {
      await invocation.terminal.data(documentOf(await bundleOf(invocation)));
      return EXIT_DONE;
    }
    if (only === 'list') return list(await bundleOf(invocation), invocation);
    throw new UsageError(`check, list, document, explain, diff, import or backtest is expected, not ${only}`);
  },
};

function bundleOf({ env, values }: Invocation): Promise<PolicyBundle> {
  return readBundle(loadConfig(env, { rules: values.rules }).rulesDir);
}

async function check(bundle: PolicyBundle, { values, terminal }: Invocation): Promise<number> {
  const { version, profiles, problems } = inspect(bundle);
  if (values.json === true) {
    await terminal.data(`${JSON.stringify({ ok: problems.length === 0, version, profiles, problems })}\n`);
  } else if (problems.length === 0) {
    await terminal.data(`${version}: ${profiles} profiles, all of them compile and pass their tests\n`);
  } else {
    for (const { file, line, column, message } of problems)
      await terminal.data(`${file}:${line}:${column} ${message}\n`);
    terminal.message(`${problems.length} problems`);
  }
  return problems.length === 0 ? EXIT_DONE : EXIT_FAILED;
}

interface Inspection {
  readonly version: string | null;
  readonly profiles: number;
  readonly problems: readonly PolicyProblem[];
}

function inspect(bundle: PolicyBundle): Inspection {
  try {
    const policy = buildPolicy(bundle);
    const problems = runVectors(bundle, policy);
    return { version: policy.version, profiles: policy.profiles.profiles.length, problems };
  } catch (error) {
    if (error instanceof PolicyError) return { version: null, profiles: 0, problems: error.problems };
    throw error;
  }
}

async function list(bundle: PolicyBundle, { values, terminal }: Invocation): Promise<number> {
  const { profiles } = buildPolicy(bundle).profiles;
  const width = Math.max(0, ...profiles.map(({ id }) => id.length));
  for (const { id, target, corridor, weight, mandatory, title } of profiles) {
    const line =
      values.json === true
        ? JSON.stringify({ id, target, corridor, weight, mandatory, title })
        : `${id.padEnd(width)}  ${target.padEnd(22)}  ${corridor.padEnd(6)}  ${weight.toFixed(2)}  ${title}`;
    await terminal.data(`${line}\n`);
  }
  return EXIT_DONE;
}

/** Of one profile alone: the rest of the policy need not be in order. */
async function explain({ files }: PolicyBundle, id: string, { values, terminal }: Invocation): Promise<number> {
  const file = `profiles/${id}.yaml`;
  const text = Object.hasOwn(files, file) ? files[file] : undefined;
  if (text === undefined) throw new CommandFailure(`no profile is called ${id}; corridor profiles list prints them`);
  const problems: PolicyProblem[] = [];
  const source = readProfile(file, text, problems);
  if (source === null) throw new PolicyError(problems);
  const when = criteriaOf(source, 'when');
  const unless = criteriaOf(source, 'unless');
  if (values.json === true) {
    await terminal.data(`${JSON.stringify({ ...source.profile, level: source.level, when, unless })}\n`);
  } else {
    await describe(source, when, unless, terminal);
  }
  return EXIT_DONE;
}

/** @throws PolicyError where the text is no CEL. */
function criteriaOf(source: ProfileSource, part: 'when' | 'unless'): Condition | null {
  const text = source[part];
  if (text === null) return null;
  const result = parse(text.text);
  if ('parsed' in result) return readCriteria(result.parsed);
  const { line, column, message } = result.problem;
  throw new PolicyError([{ file: source.file, ...text.locate(line, column), message }]);
}

async function describe(
  { profile, level }: ProfileSource,
  when: Condition | null,
  unless: Condition | null,
  terminal: Terminal,
): Promise<void> {
  const { id, title, target, corridor, weight, mandatory, measures } = profile;
  const indented = (condition: Condition) => outlineOf(condition, 1);
  const lines = [
    `${id}  ${title}`,
    `${target}, ${corridor}, weight ${weight.toFixed(2)}${mandatory ? ', mandatory' : ''}`,
    level === 'item' ? 'hits each item with' : 'hits a declaration with',
    ...(when === null ? [] : indented(when)),
    ...(unless === null ? [] : ['unless', ...indented(unless)]),
    'then',
    ...measures.map(({ code, instructions }) => `  ${code}: ${instructions}`),
  ];
  await terminal.data(`${lines.join('\n')}\n`);
}
