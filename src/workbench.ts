import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { AuditPort } from './access/audit-event.ts';
import { BacktestJobs, type JobRecord } from './backtest/jobs.ts';
import { LiveBacktests } from './backtest/live.ts';
import { type ShadowRecord, Shadows } from './backtest/shadows.ts';
import type { Config } from './config.ts';
import { registerBacktestRoutes, registerShadowRoutes } from './desk/backtest-routes.ts';
import { auditOfSchedule } from './desk/draft-audit.ts';
import { registerDraftRoutes } from './desk/draft-routes.ts';
import { registerLearningRoutes } from './desk/learning-routes.ts';
import { registerListRoutes } from './desk/list-routes.ts';
import { registerMigrationRoutes } from './desk/migration-routes.ts';
import { registerNodeRoutes } from './desk/node-routes.ts';
import { registerPolicyRoutes } from './desk/policy-routes.ts';
import { registerProfileRoutes } from './desk/profile-routes.ts';
import { registerReviewRoutes } from './desk/review-routes.ts';
import type { Engine } from './engine/engine.ts';
import { Applications } from './learning/applications.ts';
import { Outcomes } from './learning/outcomes.ts';
import { versionsOver } from './learning/reviews.ts';
import { Shares } from './learning/shares.ts';
import type { Logger } from './observe/log.ts';
import { Leases } from './policies/leases.ts';
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

export async function openWorkbench({ config, conn, ledger, audit, log, now }: WorkbenchDeps): Promise<Workbench> {
  const { dataDir } = config;
  const onError = (error: unknown) => log.warn({ error: textForLog(error) }, 'the workbench: tried again');
  const leases = await Leases.start({ conn, onError });
  const versions = await Versions.start({ conn, dataDir: config.dataDir, leases, onError });
  const closers: (() => Promise<unknown>)[] = [() => leases.stop(), () => versions.stop()];
  const onDone = auditOfSchedule(audit);
  const life = await openPolicyLife({ conn, dataDir: config.dataDir, versions, onDone, onError });
  closers.push(() => life.stop());
  const outcomesDir = join(dataDir, 'outcomes');
  const outcomes = await Outcomes.start({ conn, dir: outcomesDir, onError, now: Date.now });
  closers.push(() => outcomes.stop());
  const applications = await Applications.start({ conn, dataDir, node: config.ingress, onError, now: Date.now });
  closers.push(() => applications.stop());
  const save = (record: JobRecord) => applications.save(record);
  const jobs = new BacktestJobs({ dataDir, node: config.ingress, save, onError, now: Date.now });
  const live = new LiveBacktests({ ledgerDir: join(dataDir, 'ledger'), outcomesDir });
  const left = applications.list().filter(({ kind, state }) => kind === 'shadow' && state === 'running');
  const shadows = new Shadows(
    {
      ...{ dataDir, node: config.ingress, onError, now: Date.now, head: () => ledger.head().commit },
      save: (record) => applications.save(record),
    },
    left.filter(({ node }) => node === config.ingress).map(({ id }) => applications.get(id) as ShadowRecord),
  );
  closers.push(
    () => shadows.stop(),
    () => live.stop(),
    () => jobs.stop(),
  );
  const shares = new Shares({
    ...{ applications, node: config.ingress, onError, now: Date.now },
    activations: () => versions.activations(),
    count: (period) => versionsOver(dataDir, period),
  });
  closers.push(() => shares.stop());
  return {
    versions,
    register(server) {
      const policy = { ...life, versions, audit };
      registerProfileRoutes(server, { versions, ledger, draftBundle: life.draftBundle });
      registerDraftRoutes(server, policy);
      registerReviewRoutes(server, policy);
      registerPolicyRoutes(server, policy);
      registerListRoutes(server, policy);
      registerBacktestRoutes(server, { ...policy, jobs, live, applications });
      registerShadowRoutes(server, { ...policy, shadows, applications });
      registerLearningRoutes(server, { ...policy, outcomes, applications, shares, ledger, dataDir, now });
      registerNodeRoutes(server, { leases, versions, audit });
      registerMigrationRoutes(server, policy);
    },
    async stop() {
      for (const close of closers.reverse()) await close();
    },
  };
}
