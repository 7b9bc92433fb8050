import { fork } from 'node:child_process';
import type { VerifyAnswer, VerifyOrder } from '../access/verify-process.ts';
import { builtWorker } from '../engine/built-worker.ts';
import type { Verification } from '../state/chain-verify.ts';
import { CommandFailure } from './command.ts';

/** By which a process ends that follows what a damaged file says. */
const FATAL: readonly (NodeJS.Signals | null)[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE'];

const DAMAGED: Verification = {
  ...{ ok: false, start: 0, commits: 0, entries: 0, published: null },
  problems: [{ commit: 0, message: 'the file itself is damaged; restore it from a backup' }],
};

/**
 * Verifies a chain in a process of its own: LMDB maps the file and believes it, so that one whose pages are damaged ends
 * the process that reads it; that is then its problem.
 * @throws CommandFailure where it cannot be verified for another reason.
 */
export function verifyApart(order: VerifyOrder): Promise<Verification> {
  const child = fork(builtWorker('verify'), { serialization: 'advanced', execArgv: [] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('message', (answer: VerifyAnswer) => {
      if ('result' in answer) resolve(answer.result);
      else if (answer.damaged) resolve(DAMAGED);
      else reject(new CommandFailure(answer.error));
    });
    child.once('close', (code, signal) => {
      if (FATAL.includes(signal)) resolve(DAMAGED);
      else
        reject(new CommandFailure(`the ${order.chain} could not be verified: its process ended (${signal ?? code})`));
    });
    // One that ends before it reads the order is told by its end.
    child.send(order, () => {});
  });
}

/** Whether nothing else can be read from where this comes from. */
export function isDamaged(result: Verification): boolean {
  return result.problems.includes(DAMAGED.problems[0] as Verification['problems'][number]);
}
