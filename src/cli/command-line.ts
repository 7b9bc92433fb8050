import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ConfigError } from '../config.ts';
import {
  type Command,
  EXIT_DONE,
  EXIT_FAILED,
  EXIT_USAGE,
  type Invocation,
  type Terminal,
  UsageError,
} from './command.ts';
import { COMMANDS } from './registry.ts';

const HELP = { type: 'boolean', help: 'print this text' } as const;

/** Runs one command line, without the program's name; resolves with the exit code. */
export async function runCommandLine(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const [name = '', ...rest] = args;
  if (['--help', '-h', 'help'].includes(name)) return printHelp(rest[0], terminal);
  const entry = COMMANDS.find((command) => command.name === (name === '--version' ? 'version' : name));
  if (entry === undefined) {
    terminal.message(name === '' ? overview() : `corridor: there is no command ${JSON.stringify(name)}\n${overview()}`);
    return EXIT_USAGE;
  }
  const command = await entry.load();
  try {
    const { values, positionals } = parse(command, rest);
    if (values.help === true) return await printHelp(command.name, terminal);
    return await command.run({ values, positionals, env, terminal });
  } catch (error) {
    return report(error, command, terminal);
  }
}

function parse(command: Command, args: readonly string[]): Pick<Invocation, 'values' | 'positionals'> {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { type }] of Object.entries(command.options)) options[name] = { type };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    return { values: values as Invocation['values'], positionals };
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function report(error: unknown, command: Command, terminal: Terminal): number {
  if (error instanceof UsageError || error instanceof ConfigError) {
    terminal.message(`corridor ${command.name}: ${error.message}\ncorridor ${command.name} --help says more`);
    return EXIT_USAGE;
  }
  terminal.message(`corridor ${command.name}: ${textOf(error)}`);
  return EXIT_FAILED;
}

/** A stack where the fault is the program's own. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error instanceof TypeError || error instanceof ReferenceError;
  return own ? (error.stack ?? error.message) : error.message;
}

async function printHelp(name: string | undefined, terminal: Terminal): Promise<number> {
  const entry = COMMANDS.find((command) => command.name === name);
  await terminal.data(`${entry === undefined ? overview() : helpOf(await entry.load())}\n`);
  return name === undefined || entry !== undefined ? EXIT_DONE : EXIT_USAGE;
}

function overview(): string {
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(13)} ${summary}`);
  return ['usage: corridor COMMAND …', '', ...lines, '', 'corridor COMMAND --help says more about one.'].join('\n');
}

function helpOf(command: Command): string {
  const options = Object.entries({ ...command.options, help: HELP });
  const names = options.map(([name, option]) =>
    'value' in option && option.value !== undefined ? `--${name} ${option.value}` : `--${name}`,
  );
  const width = Math.max(...names.map((name) => name.length));
  const lines = options.map(([, { help }], index) => `  ${(names[index] ?? '').padEnd(width)}  ${help}`);
  return [`usage: corridor ${command.name} ${command.usage}`.trimEnd(), '', command.description, '', ...lines].join(
    '\n',
  );
}
