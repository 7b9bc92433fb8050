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
  type EvaluateResult,
  type EvaluateTask,
  noProfileAtWork,
  PROGRESS,
  PROGRESS_SLOTS,
  type ThreadData,
  type ThreadPlan,
  type ThreadReport,
  type ToThreads,
} from './protocol.ts';
import { kernelThread } from './thread-cpu.ts';

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
 * whose threads are all prepared is warm; it is given another one only while it has nothing to do.
 */
export function serve(parts: ThreadParts): (task: EvaluateTask) => unknown {
  const thread = new Thread(workerData as ThreadData, parts);
  return (task) => {
    const result = thread.evaluate(task);
    const buffers = result.answers.flatMap((answer) =>
      answer.readable ? answer.parts.map(({ buffer }) => buffer) : [],
    );
    return move({ [transferableSymbol]: buffers, [valueSymbol]: result });
  };
}

class Thread {
  private readonly data: ThreadData;
  private readonly parts: ThreadParts;
  private readonly shared = new SharedArrayBuffer(PROGRESS_SLOTS * Int32Array.BYTES_PER_ELEMENT);
  private readonly progress = new Int32Array(this.shared);
  private models: ReturnType<ThreadParts['openModels']> | null = null;
  private plan: ThreadPlan;
  private evaluator: Evaluator | null = null;

  constructor(data: ThreadData, parts: ThreadParts) {
    this.data = data;
    this.parts = parts;
    this.plan = data;
    const channel = new BroadcastChannel(data.channel);
    channel.unref();
    channel.onmessage = (event) => {
      const said = (event as { data: ToThreads }).data;
      if (said === 'close') {
        channel.close();
        void this.close();
      } else this.prepare(said);
    };
    this.prepare(data);
  }

  evaluate(task: EvaluateTask): EvaluateResult {
    if (this.evaluator === null) this.prepare(this.plan);
    if (this.evaluator === null) throw new Error('this thread has no policy');
    return this.evaluator.evaluate(task);
  }

  private prepare(plan: ThreadPlan): void {
    const { key } = plan;
    this.plan = plan;
    this.evaluator = null;
    try {
      this.evaluator = this.build(plan);
    } catch (error) {
      const problems = error instanceof PolicyError ? error.problems : null;
      const message = error instanceof Error ? error.message : String(error);
      report({ kind: 'refused', thread: threadId, key, problems, message });
    }
  }

  private build(plan: ThreadPlan): Evaluator {
    const { data, parts, progress, shared } = this;
    noProfileAtWork(progress);
    const policy = build(plan.files, progress, PROGRESS.profile, parts);
    progress[PROGRESS.profiles] = policy.profiles.profiles.length;
    const challenger = challengerOf(plan, progress, parts);
    const draw = drawer(readDrawKeys(data.keysFile));
    this.models ??= parts.openModels(data.modelsDir);
    const policies = challenger === null ? [policy] : [policy, challenger.policy];
    const profiles = policies.flatMap((each) => each.profiles.profiles.map((profile) => profile.id));
    const { key } = plan;
    const kernel = kernelThread();
    const { version } = policy;
    report({ kind: 'prepared', thread: threadId, key, version, progress: shared, kernelThread: kernel, profiles });
    return new Evaluator({ policy, challenger, models: this.models, draw, by: data.by, progress });
  }

  /** LMDB must be closed by the thread that opened it, before the thread ends. */
  private async close(): Promise<void> {
    if (this.models === null) return;
    await this.models.close();
    report({ kind: 'closed', thread: threadId });
  }
}

/** Compiles a policy and runs its tests; the profile at work will stand in this slot. @throws PolicyError */
function build(files: PolicyBundle['files'], progress: Int32Array, slot: number, parts: ThreadParts): Policy {
  const policy = parts.build({ files }, progress.subarray(slot, slot + 1));
  const failures = parts.check({ files }, policy);
  if (failures.length > 0) throw new PolicyError(failures);
  return policy;
}

function challengerOf({ challenger }: ThreadPlan, progress: Int32Array, parts: ThreadParts): Challenger | null {
  if (challenger === null) return null;
  const { files, percent, launch } = challenger;
  return { policy: build(files, progress, PROGRESS.challenger, parts), percent, launch };
}

/** After the turn: a thread that is ended as soon as it reports must not be in the middle of loading a module. */
function report(message: ThreadReport): void {
  setImmediate(() => parentPort?.postMessage(message));
}
