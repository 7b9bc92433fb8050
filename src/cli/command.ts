import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** One option of a command, as `--help` shows it and as parseArgs takes it. */
export interface CommandOption {
  readonly type: 'string' | 'boolean';
  /** Placeholder of its value, such as `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  /** After the name: arguments and options, `FILE… [--json]`. */
  readonly usage: string;
  /** What it does, what it prints, in a few lines. */
  readonly description: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Resolves with the exit code. @throws UsageError, or any error whose message says what went wrong. */
  run(invocation: Invocation): Promise<number>;
}

export interface Invocation {
  readonly values: OptionValues;
  readonly positionals: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** The command line cannot be understood: exit code 2, and a hint at `--help`. */
export class UsageError extends Error {}

/** What was asked for could not be done, for a reason that needs no stack: exit code 1. */
export class CommandFailure extends Error {}

/** Data goes to stdout, messages and progress to stderr. */
export interface Terminal {
  /** Writes data; resolves when the reader has room for more. */
  data(text: string): Promise<void>;
  message(text: string): void;
  /** A line that the next one replaces; on a terminal only, nothing elsewhere. */
  progress(text: string): void;
  readonly interactive: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
}

type Output = Writable & { readonly isTTY?: boolean };

const CLEAR_LINE = '\r\u001b[K';

export function createTerminal(stdout: Output, stderr: Output): Terminal {
  const interactive = stderr.isTTY === true;
  let progressShown = false;
  function clear(): void {
    if (progressShown) stderr.write(CLEAR_LINE);
    progressShown = false;
  }
  return {
    interactive,
    stdout,
    stderr,
    async data(text) {
      if (stdout.isTTY === true) clear();
      if (!stdout.write(text)) await once(stdout, 'drain');
    },
    message(text) {
      clear();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      if (!interactive) return;
      stderr.write(CLEAR_LINE + text);
      progressShown = text !== '';
    },
  };
}

/** The text of an option, or undefined where it was not given. */
export function textOption(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** @throws UsageError where it is no whole number within the bounds. */
export function integerOption(values: OptionValues, name: string, min: number, max: number): number | undefined {
  const text = textOption(values, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new UsageError(`--${name}: must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
  }
  return value;
}

/** The only positional argument. @throws UsageError where there is none, or more than one. */
export function onlyArgument(positionals: readonly string[], what: string): string {
  const [first, ...rest] = positionals;
  if (first === undefined) throw new UsageError(`${what} is missing`);
  if (rest.length > 0) throw new UsageError(`one ${what} is expected, not ${positionals.length}`);
  return first;
}

/** @throws UsageError where there is any. */
export function noArguments(positionals: readonly string[]): void {
  if (positionals.length > 0) throw new UsageError(`no argument is expected, not ${JSON.stringify(positionals[0])}`);
}
