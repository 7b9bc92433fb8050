import { join } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { CorridorError, type ErrorCode } from '../errors.ts';
import type { Logger } from '../observe/log.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { type Audit, openAudit } from './audit.ts';
import { type AuditAction, eventOf } from './audit-event.ts';
import { Authenticator } from './authenticator.ts';
import { recordChanges } from './changes.ts';
import type { DevIssuer } from './dev-issuer.ts';
import { Directory } from './directory.ts';
import { DirectoryStore } from './directory-store.ts';
import { Disclosures } from './disclosures.ts';
import { openIdentities } from './identities.ts';
import type { Principal } from './principal.ts';
import { Refusals } from './refusals.ts';
import type { RuleName, View } from './rules.ts';

export interface AccessDeps {
  readonly config: Config;
  readonly conn: StreamConnection;
  /** Address of the service, known when it listens. */
  readonly url: () => string;
  readonly log: Logger;
  /** The audit cannot be written: nothing that it should tell of may happen. */
  readonly onFault: (error: Error) => void;
}

/** Who asks, whether they may, and what is kept of it: in this process. */
export interface OpenAccess {
  readonly audit: Audit;
  readonly directory: Directory;
  readonly authenticator: Authenticator;
  /** Where no other issuer is configured. */
  readonly devIssuer: DevIssuer | null;
  /** Registers sign-in, and the routes of the development issuer. */
  registerSignIn(server: FastifyInstance): void;
  refused(request: FastifyRequest, code: ErrorCode): void;
  /** Resolves when it is on record that the caller sees this, or soon will be: see `Disclosures`. */
  disclosed(request: FastifyRequest, view: View, target: string): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when every key and revocation is known. */
export async function openAccess({ config, conn, url, log, onFault }: AccessDeps): Promise<OpenAccess> {
  const { dataDir, role } = config;
  const identities = await openIdentities(config, url);
  const audit = openAudit(join(dataDir, 'audit'), { onFault });
  const directory = await Directory.start({
    ...{ conn, store: new DirectoryStore(join(dataDir, 'access')), tells: role !== 'engine' },
    onRolesChanged: (principal, before, after) => audit.append(rolesChanged(principal, before, after)),
    onError: (error) => log.warn({ error: String(error) }, 'keys and revocations: tried again'),
  });
  const [refusals, disclosures] = [new Refusals(audit), new Disclosures(audit)];
  // An engine has no ingress' chain that leaves the machine: changes are recorded where there is one.
  const changes = role === 'engine' ? null : recordChanges(conn, audit, changesListener(log));
  const authenticator = new Authenticator(directory, identities.issuer);
  return {
    ...{ audit, directory, authenticator, devIssuer: identities.devIssuer },
    registerSignIn: (server) => identities.register(server, { authenticator, directory, refusals }, audit),
    refused: (request, code) => refusals.record(refusalOf(request, code)),
    async disclosed(request, view, target) {
      const event = eventOf(request, actionOf(request), target, { view });
      if (request.routeOptions.config.access !== 'submit') return audit.append(event);
      if (audit.fault() !== null) throw new CorridorError('not_ready', 'What is shown cannot be put on record');
      disclosures.record(event);
    },
    async stop() {
      await changes?.stop();
      await Promise.all([refusals.flush(), disclosures.flush()]);
      await directory.stop();
      await audit.close();
    },
  };
}

const READS: Partial<Record<RuleName, AuditAction>> = { status: 'status.read', transit: 'transit.read' };

/** Whoever submits and is shown the decision has read it as well. */
function actionOf({ routeOptions }: FastifyRequest): AuditAction {
  return READS[routeOptions.config.access ?? 'decision'] ?? 'decision.read';
}

function refusalOf(request: FastifyRequest, code: ErrorCode) {
  const principal = request.access?.principal;
  return {
    action: code === 'too_many_requests' ? 'request.limited' : 'request.refused',
    subject: principal?.subject ?? request.ip,
    roles: principal?.roles ?? [],
    rule: request.routeOptions.config.access ?? 'none',
    // Whoever is unknown may ask for anything: what, is not worth a row each.
    path: principal === undefined ? '' : (request.url.split('?')[0] ?? '').slice(0, 200),
    code,
    trace: request.id,
  } as const;
}

/** Roles are given elsewhere, by the identity provider; here they are noticed. */
function rolesChanged({ subject, roles, credential }: Principal, before: string | null, after: string) {
  const detail = { before: before ?? 'unknown', after, credential };
  const done = { action: 'role.changed', result: 'done', count: 1 } as const;
  return { at: Date.now(), subject, roles, target: subject, detail, trace: '', ...done };
}

function changesListener(log: Logger) {
  return {
    unreadable: (stream: string, sequence: number, error: unknown) =>
      log.error({ stream, sequence, error: String(error) }, 'a change that cannot be read is not in the audit'),
    failed: (stream: string, error: unknown) =>
      log.warn({ stream, error: String(error) }, 'changes could not be audited; it is tried again'),
  };
}
