import { loadConfig } from '../config.ts';
import { type PolicyBundle, readBundle } from '../profiles/bundle.ts';
import { buildPolicy } from '../profiles/policy.ts';
import { PolicyError, type PolicyProblem } from '../profiles/problems.ts';
import { runVectors } from '../profiles/vectors.ts';
import { type Command, EXIT_DONE, EXIT_FAILED, type Invocation, onlyArgument, UsageError } from './command.ts';

export const profilesCommand: Command = {
  name: 'profiles',
  usage: 'check|list [--rules DIR] [--json]',
  description: `check  compiles the policy and runs the test vectors of its profiles; names every problem as file:line:column
list   prints the profiles: id, target, corridor, weight, title`,
  options: {
    rules: { type: 'string', value: 'DIR', help: 'policy.yaml, profiles/ and lists/ (default: those shipped)' },
    json: { type: 'boolean', help: 'as JSON' },
  },
  async run(invocation) {
    const what = onlyArgument(invocation.positionals, 'check or list');
    if (what !== 'check' && what !== 'list') throw new UsageError(`check or list is expected, not ${what}`);
    const { rulesDir } = loadConfig(invocation.env, { rules: invocation.values.rules });
    const bundle = await readBundle(rulesDir);
    return what === 'check' ? check(bundle, invocation) : list(bundle, invocation);
  },
};

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
