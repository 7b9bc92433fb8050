import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program of Node in place of this one: same terminal, its exit code is ours. It gets the signals that only we
 * were sent; those of the terminal reach it anyhow, and a second one does it no harm.
 */
export function replaceBy(args) {
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    process.stderr.write(`corridor: ${error.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
