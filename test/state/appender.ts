import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ChainName } from '../../src/wire/envelope.ts';

const SCRIPT = join(import.meta.dirname, 'appender.mjs');
const LEDGER = resolve(import.meta.dirname, '../../dist/src/state/ledger.js');

export interface Appender {
  /** Lines it has printed so far. */
  readonly lines: string[];
  readonly child: ChildProcess;
  /** Resolves when it has printed so many lines, or ended. */
  printed(lines: number): Promise<void>;
  readonly exited: Promise<void>;
}

/** A process that appends; `under` is a command that runs it, such as strace with its options. */
export function startAppender(
  dir: string,
  first: number,
  options: { chain?: ChainName; count?: number; under?: readonly string[] } = {},
): Appender {
  if (!existsSync(LEDGER)) throw new Error(`${LEDGER} is missing: run npm run build`);
  const { chain = 'ledger', under = [] } = options;
  const [command = '', ...args] = [...under, process.execPath, SCRIPT, chain, dir, String(first)];
  const all = options.count === undefined ? args : [...args, String(options.count)];
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let rest = '';
  child.stdout.on('data', (data: Buffer) => {
    const parts = (rest + data.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  child.stderr.on('data', (data: Buffer) => lines.push(`stderr ${data.toString().trim()}`));
  const exited = once(child, 'close').then(() => undefined);
  return {
    lines,
    child,
    exited,
    async printed(wanted) {
      while (lines.length < wanted && child.exitCode === null && child.signalCode === null) {
        await new Promise((done) => setTimeout(done, 5));
      }
    },
  };
}
