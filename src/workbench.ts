import type { FastifyInstance } from 'fastify';
import type { AuditPort } from './access/audit-event.ts';
import type { Config } from './config.ts';
import { auditOfSchedule } from './desk/draft-audit.ts';
import { registerDraftRoutes } from './desk/draft-routes.ts';
import { registerListRoutes } from './desk/list-routes.ts';
import { registerPolicyRoutes } from './desk/policy-routes.ts';
import { registerProfileRoutes } from './desk/profile-routes.ts';
import { registerReviewRoutes } from './desk/review-routes.ts';
import type { Engine } from './engine/engine.ts';
import type { Logger } from './observe/log.ts';
import { openPolicyLife } from './policies/open.ts';
import { Versions } from './policies/versions.ts';
import { textForLog } from './profiles/problems.ts';
import type { Ledger } from './state/ledger.ts';
import type { Models } from './state/models.ts';
import type { StreamConnection } from './stream/connection.ts';

/** What the parts behind the rules constructor share with the rest of the service. */
export interface WorkbenchDeps {
  readonly config: Config;
  readonly conn: StreamConnection;
  readonly ledger: Ledger;
  readonly models: Models;
  /** Null where this process decides nothing. */
  readonly engine: Engine | null;
  readonly audit: AuditPort;
  readonly log: Logger;
  /** Clock of event time. */
  readonly now: () => number;
}

/** The rules constructor of this process: versions and drafts of the policy, backtests, outcomes. */
export interface Workbench {
  readonly versions: Versions;
  /** For the server, before it listens. */
  register(server: FastifyInstance): void;
  stop(): Promise<void>;
}

export async function openWorkbench({ config, conn, audit, log }: WorkbenchDeps): Promise<Workbench> {
  const onError = (error: unknown) => log.warn({ error: textForLog(error) }, 'the workbench: tried again');
  const versions = await Versions.start({ conn, dataDir: config.dataDir, onError });
  const closers: (() => Promise<unknown>)[] = [() => versions.stop()];
  const onDone = auditOfSchedule(audit);
  const life = await openPolicyLife({ conn, dataDir: config.dataDir, versions, onDone, onError });
  closers.push(() => life.stop());
  return {
    versions,
    register(server) {
      const policy = { ...life, versions, audit };
      registerProfileRoutes(server, { versions, draftBundle: life.draftBundle });
      registerDraftRoutes(server, policy);
      registerReviewRoutes(server, policy);
      registerPolicyRoutes(server, policy);
      registerListRoutes(server, policy);
    },
    async stop() {
      for (const close of closers.reverse()) await close();
    },
  };
}
