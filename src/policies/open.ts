import { builtWorker } from '../engine/built-worker.ts';
import { CorridorError } from '../errors.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import type { StreamConnection } from '../stream/connection.ts';
import type { CheckResult } from './check.ts';
import { openChecker } from './checker.ts';
import { DraftBoard } from './draft-board.ts';
import { Lists } from './lists.ts';
import type { MigrationOutcome, MigrationTask } from './migrate.ts';
import { Publisher } from './publisher.ts';
import { type ScheduleDeps, startSchedule } from './schedule.ts';
import { openSingleThread, type SingleThread } from './single-thread.ts';
import type { PolicyVersions } from './version.ts';
import { Workflow } from './workflow.ts';

export interface PolicyLifeDeps extends Pick<ScheduleDeps, 'onDone' | 'onError'> {
  readonly conn: StreamConnection;
  readonly dataDir: string;
  readonly versions: PolicyVersions;
}

/** How the policy changes, in this process. */
export interface PolicyLife {
  readonly board: DraftBoard;
  readonly workflow: Workflow;
  readonly publisher: Publisher;
  readonly lists: Lists;
  readonly migrator: SingleThread<MigrationTask, MigrationOutcome>;
  /** What is wrong with a policy; found in a thread of its own. @throws CorridorError `overloaded` */
  check(bundle: PolicyBundle): Promise<CheckResult>;
  /** The policy that a draft would make; null where there is no such draft. */
  draftBundle(id: string): Promise<PolicyBundle | null>;
  stop(): Promise<void>;
}

/** Resolves when every draft is known; from then on what is scheduled is done. */
export async function openPolicyLife(deps: PolicyLifeDeps): Promise<PolicyLife> {
  const { conn, dataDir, versions, onDone, onError } = deps;
  // When a change is due is a matter of the clock on the wall, whatever history is being decided.
  const now = Date.now;
  const board = await DraftBoard.start({ conn, dataDir, onError, now });
  const checker = openChecker();
  const migrator = openSingleThread<MigrationTask, MigrationOutcome>(builtWorker('migrate'));
  const workflow = new Workflow({ board, versions, checker, now });
  const publisher = new Publisher({ board, versions, checker, node: conn.name, now });
  const schedule = startSchedule({ board, publisher, onDone, onError, now });
  return {
    ...{ board, workflow, publisher, migrator, lists: new Lists({ versions, checker }) },
    check: (bundle) => checker.check(bundle),
    draftBundle: (id) =>
      workflow.draftBundle(id).catch((error: unknown) => {
        if (error instanceof CorridorError && error.code === 'not_found') return null;
        throw error;
      }),
    async stop() {
      await schedule.stop();
      await checker.stop();
      await migrator.stop();
      await board.stop();
    },
  };
}
