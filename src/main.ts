#!/usr/bin/env node
import { createTerminal } from './cli/command.ts';
import { runCommandLine } from './cli/command-line.ts';

/** A thread that holds a store open has been seen to keep an ended process: past this it ends all the same. */
const EXIT_DEADLINE_MS = 3000;

// A reader that has seen enough (`corridor generate … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCommandLine(
  process.argv.slice(2),
  process.env,
  createTerminal(process.stdout, process.stderr),
);
setTimeout(() => process.exit(), EXIT_DEADLINE_MS).unref();
