import { BroadcastChannel, parentPort, threadId } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import type { Policy } from '../core/policy.ts';
import type { Challenger } from '../core/share.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { PolicyError, type PolicyProblem } from '../profiles/problems.ts';
import { drawer, readDrawKeys } from './draw-key.ts';
import { Evaluator } from './evaluate.ts';
import type { KnownFacts } from './facts.ts';
import {
  type EvaluateTask,
  noProfileAtWork,
  PROGRESS,
  PROGRESS_SLOTS,
  type ThreadData,
  type ThreadReport,
} from './protocol.ts';

/** What a thread is made of; its entry point puts it together. */
export interface ThreadParts {
  /** Compiles the policy; writes the index of the profile at work into `progress[0]`. */
  build(bundle: PolicyBundle, progress: Int32Array): Policy;
  /** The policy's own tests that fail: it is refused if there are any. */
  check(bundle: PolicyBundle, policy: Policy): readonly PolicyProblem[];
  openModels(dir: string): KnownFacts & { refresh(): void; close(): Promise<void> | void };
}

/**
 * One thread of the engine. It compiles its policy and tries it out before it takes the first task, so that a pool
 * whose threads are all prepared is warm; it serves this one policy until it is closed.
 */
export function serve(parts: ThreadParts): (task: EvaluateTask) => unknown {
  const data = workerData as ThreadData;
  let evaluator = prepareOrReport(data, parts);
  return (task) => {
    evaluator ??= prepareOrReport(data, parts);
    if (evaluator === null) throw new Error('this thread has no policy');
    const result = evaluator.evaluate(task);
    const buffers = result.answers.flatMap((answer) =>
      answer.readable ? answer.parts.map(({ buffer }) => buffer) : [],
    );
    return move({ [transferableSymbol]: buffers, [valueSymbol]: result });
  };
}

function prepareOrReport(data: ThreadData, parts: ThreadParts): Evaluator | null {
  try {
    return prepare(data, parts);
  } catch (error) {
    const problems = error instanceof PolicyError ? error.problems : null;
    report({ kind: 'refused', problems, message: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

function prepare(data: ThreadData, parts: ThreadParts): Evaluator {
  const shared = new SharedArrayBuffer(PROGRESS_SLOTS * Int32Array.BYTES_PER_ELEMENT);
  const progress = new Int32Array(shared);
  noProfileAtWork(progress);
  const policy = build(data.files, progress, PROGRESS.profile, parts);
  progress[PROGRESS.profiles] = policy.profiles.profiles.length;
  const challenger = challengerOf(data, progress, parts);
  const draw = drawer(readDrawKeys(data.keysFile));
  const models = parts.openModels(data.modelsDir);
  closeWhenTold(data.channel, () => models.close());
  const profiles = [policy, ...(challenger === null ? [] : [challenger.policy])].flatMap((each) =>
    each.profiles.profiles.map((profile) => profile.id),
  );
  report({ kind: 'prepared', thread: threadId, version: policy.version, progress: shared, profiles });
  return new Evaluator({ policy, challenger, models, draw, by: data.by, progress });
}

/** Compiles a policy and runs its tests; the profile at work will stand in this slot. @throws PolicyError */
function build(files: PolicyBundle['files'], progress: Int32Array, slot: number, parts: ThreadParts): Policy {
  const policy = parts.build({ files }, progress.subarray(slot, slot + 1));
  const failures = parts.check({ files }, policy);
  if (failures.length > 0) throw new PolicyError(failures);
  return policy;
}

function challengerOf({ challenger }: ThreadData, progress: Int32Array, parts: ThreadParts): Challenger | null {
  if (challenger === null) return null;
  const { files, percent, launch } = challenger;
  return { policy: build(files, progress, PROGRESS.challenger, parts), percent, launch };
}

/** LMDB must be closed by the thread that opened it, before the thread ends. */
function closeWhenTold(name: string, close: () => Promise<void> | void): void {
  const channel = new BroadcastChannel(name);
  channel.unref();
  channel.onmessage = async () => {
    channel.close();
    await close();
    report({ kind: 'closed', thread: threadId });
  };
}

/** After the turn: a thread that is ended as soon as it reports must not be in the middle of loading a module. */
function report(message: ThreadReport): void {
  setImmediate(() => parentPort?.postMessage(message));
}
