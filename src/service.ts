import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { DevIssuer } from './access/dev-issuer.ts';
import type { RuledRoute } from './access/hook.ts';
import { type OpenAccess, openAccess } from './access/open.ts';
import type { Principal } from './access/principal.ts';
import { type Config, exposedSecrets, packageVersion } from './config.ts';
import { registerAuditRoutes } from './desk/audit-routes.ts';
import { registerConsole } from './desk/console-routes.ts';
import { type Desk, startDesk } from './desk/desk.ts';
import { registerKeyRoutes } from './desk/key-routes.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import { startSampling } from './engine/sampling.ts';
import { type Counts, engineSignals } from './engine/signals.ts';
import { createIngress, type Ingress } from './ingress/ingress.ts';
import { keepHeads, keepPolicies, keepTerm } from './ingress/keeping.ts';
import { edgesOf } from './ingress/listener.ts';
import { createOperationsServer } from './ingress/operations-server.ts';
import { Retention } from './ingress/retention.ts';
import { createHealth, diskProbe, type Health } from './observe/health.ts';
import { createLog, type Logger } from './observe/log.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { type ServiceStats, statsOf } from './observe/stats.ts';
import { PolicyNode, type PolicyNodeDeps } from './policies/node.ts';
import { decideByFolder } from './policies/rules-folder.ts';
import { textForLog } from './profiles/problems.ts';
import { type Projected, projectedState } from './projections/projected.ts';
import { type Projection, startProjection } from './projections/projection.ts';
import { type Ledger, openLedger } from './state/ledger.ts';
import { type Models, openModels } from './state/models.ts';
import { connectStream, type StreamConnection } from './stream/connection.ts';
import { type Broker, namedBroker } from './stream/login.ts';
import { ensureTopology } from './stream/topology.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

/** A running service: the parts that its role asks for, in this process. */
export interface Service {
  readonly url: string;
  readonly broker: Broker;
  /** Signs tokens where no other issuer is configured. */
  readonly devIssuer: DevIssuer | null;
  /** What the server answers, and the rule of each. */
  readonly routes: readonly RuledRoute[];
  stats(): ServiceStats;
  /** Reads the rules again and decides under them, here and in every other engine. @throws PolicyError */
  reloadPolicy(): Promise<void>;
  /** Drains and ends everything but the broker. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** Clock of event time. Default: the system's; generated history brings its own. */
  readonly now?: () => number;
  /** Default: what the settings name. */
  readonly broker?: Broker;
}

/** Keeps the sources of a version before anything is decided by it, so that it can be repeated. */
type KeepPolicy = PolicyNodeDeps['keep'];

/** What every part of the service shares. */
interface Base {
  readonly now: () => number;
  readonly config: Config;
  readonly conn: StreamConnection;
  readonly models: Models;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly log: Logger;
  readonly access: OpenAccess;
}

/**
 * Starts broker connection, ledger, projections, engine and ingress, in this order, and stops them in the other.
 * @throws ConfigError, PolicyError, or what the ledger or the disk says; nothing is left running then.
 */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const { now = Date.now, broker = namedBroker(config) } = options;
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const close of closers.splice(0).reverse()) {
      // One part that does not end well must not keep the others, the ledger above all, from closing.
      await Promise.resolve()
        .then(close)
        .catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    return await assemble(config, broker, now, closers, stop);
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

async function assemble(
  config: Config,
  broker: Broker,
  now: () => number,
  closers: (() => Promise<unknown> | unknown)[],
  stop: () => Promise<void>,
): Promise<Service> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const log = createLog(config.logLevel);
  const metrics = createMetrics();
  const health = createHealth();
  const counts: Counts = { green: 0, blue: 0, yellow: 0, red: 0 };

  for (const file of exposedSecrets(config)) log.warn({ file }, 'everybody on this machine may read this secret');
  log.info({ nats: broker.url, role: config.role }, 'connecting to the broker');
  const name = `${config.ingress}@${hostname()}:${process.pid}`;
  const conn = await connectStream({ ...broker, name, role: config.role });
  closers.push(() => conn.close());
  await ensureTopology(conn);

  const address = { url: '' };
  const access = await openAccess({
    ...{ config, conn, log, url: () => address.url },
    onFault: (error) => log.fatal({ error: error.message }, 'the audit failed: nothing that it has to tell of is done'),
  });
  closers.push(() => access.stop());

  const ledger = config.role === 'engine' ? null : openOwnLedger(config, metrics, log);
  if (ledger !== null) closers.push(() => ledger.close());
  const projected = projectedState();
  const projection = await startProjectionOf(config, broker, conn, projected, log);
  closers.push(() => projection.stop());
  const models = openModels(join(config.dataDir, 'models'));
  closers.push(() => models.close());

  const base: Base = { config, conn, models, metrics, health, log, now, access };
  addProbes(base, projected);
  const engine = config.role === 'ingress' ? null : engineOf(base, counts);
  if (engine !== null) closers.push(() => engine.stop());
  const desk = ledger === null ? null : await deskOf(base);
  if (desk !== null) closers.push(() => desk.stop());
  const workbench = ledger === null ? null : await openWorkbench({ ...base, ledger, engine, audit: access.audit });
  if (workbench !== null) closers.push(() => workbench.stop());
  const parts = ledger === null || desk === null || workbench === null ? null : { ledger, desk, workbench };
  const ingress = parts === null ? null : await ingressOf(base, engine, parts);
  const server =
    ingress?.server ??
    (await createOperationsServer({ ...{ health, metrics, log, edges: edgesOf(config) }, ...admission(access) }));
  // Ended after the ingress, so that the head of its last commit leaves too.
  if (ledger !== null) closers.push(...keepWithLedger(base, ledger));
  closers.push(() => (ingress === null ? server.close() : ingress.stop()));
  closers.push(await retain(base, ledger, ingress));

  const url = await server.listen({ host: config.host, port: config.port });
  address.url = url;
  const keep: KeepPolicy = async (version, bundle) => ledger?.putPolicy(version, bundle);
  const reloadPolicy = async () => {
    if (engine !== null) await decideByFolder({ conn, engine, rulesDir: config.rulesDir, keep, log });
  };
  if (engine !== null) closers.push(await decideByRules(base, engine, keep, reloadPolicy));
  // What is active is known to whoever asks the console first.
  await workbench?.versions.caughtUp();
  // Nothing is decided by read models that lag behind what was known before: parties would pass as unknown.
  await Promise.race([projection.caughtUp(), projected.died]);
  projected.onDied = () => {
    engine?.pause('read_models');
    if (ingress !== null) ingress.declarations.accepting = false;
  };
  await ingress?.start();
  if (projected.alive) engine?.resume('read_models');
  const sampling = startSampling({ metrics, conn, models, engine, ingress });
  closers.push(() => sampling.stop());
  log.info({ url }, 'listening');
  const { ruledRoutes: routes } = server;
  return { url, broker, devIssuer: access.devIssuer, routes, stats: statsOf(counts, metrics), reloadPolicy, stop };
}

function admission({ authenticator, refused, disclosed }: OpenAccess) {
  return { access: authenticator, refused, disclosed };
}

function openOwnLedger({ dataDir }: Config, metrics: Metrics, log: Logger): Ledger {
  metrics.ledgerFault.set(0);
  return openLedger(join(dataDir, 'ledger'), {
    onFault(error) {
      metrics.ledgerFault.set(1);
      log.fatal({ error: error.message }, 'the ledger failed: nothing is accepted any more');
    },
    onCommit(entries, tookMs) {
      metrics.ledgerCommitEntries.observe(entries);
      metrics.ledgerCommitSeconds.observe(tookMs / 1000);
    },
  });
}

function startProjectionOf(
  { dataDir, role }: Config,
  broker: Broker,
  conn: StreamConnection,
  projected: Projected,
  log: Logger,
): Promise<Projection> {
  const data = {
    modelsDir: join(dataDir, 'models'),
    ledgerDir: role === 'engine' ? null : join(dataDir, 'ledger'),
    broker,
    // Elsewhere a process is one user, whatever it does.
    brokerRole: broker.login?.keysDir === undefined ? role : ('projection' as const),
    name: `${conn.name} projection`,
  };
  return startProjection(data, {
    applied: () => undefined,
    fault: (message) => log.warn({ message }, 'projection'),
    died(error) {
      log.fatal({ error: error.message }, 'the read models stand still: nothing is decided any more');
      projected.die(error);
    },
  });
}

function addProbes({ config, conn, metrics, health, access }: Base, projected: Pick<Projected, 'alive'>): void {
  health.add({
    name: 'broker',
    check: () => ({ ok: conn.connected(), detail: conn.connected() ? 'connected' : 'not connected' }),
  });
  health.add(diskProbe(config.dataDir, (freeBytes) => metrics.diskFreeBytes.set(freeBytes)));
  health.add({
    name: 'audit',
    check: () => ({
      ok: access.audit.fault() === null,
      detail: access.audit.fault() === null ? 'writable' : 'cannot be written',
    }),
  });
  health.add({
    name: 'projection',
    check: () => ({ ok: projected.alive, detail: projected.alive ? 'follows the streams' : 'its thread ended' }),
  });
}

function engineOf({ config, conn, metrics, health, log }: Base, counts: Counts): Engine {
  const engine = createEngine({
    conn,
    modelsDir: join(config.dataDir, 'models'),
    keysFile: config.drawKeysFile,
    threads: config.threads,
    observer: engineSignals(metrics, log, counts),
  });
  // Until the read models have caught up. Beside an ingress, its repair holds the engine as well, for the streams.
  engine.pause('read_models');
  health.add({
    name: 'policy',
    // Anyone may ask: which one it is, and when it changes, is for official use.
    check: () => ({ ok: engine.policyVersion() !== null && !engine.isHeld('policy'), detail: policyDetail(engine) }),
  });
  health.add({
    name: 'engine',
    check: () => ({ ok: engine.state().consuming, detail: engine.state().consuming ? 'takes declarations' : 'waits' }),
  });
  return engine;
}

function policyDetail(engine: Engine): string {
  if (engine.policyVersion() === null) return 'none is active';
  return engine.isHeld('policy') ? 'whether it is still the one is not known' : 'one is active';
}

function deskOf({ conn, models, health, metrics, log, now, access }: Base): Promise<Desk> {
  const onError = (error: unknown) => log.warn({ error: textForLog(error) }, 'the desk: tried again');
  const stands = (principal: Principal) => access.authenticator.stands(principal);
  return startDesk({ ...{ conn, models, health, metrics, now, onError, stands }, audit: access.audit });
}

function ingressOf(
  base: Base,
  engine: Engine | null,
  { ledger, desk, workbench }: { readonly ledger: Ledger; readonly desk: Desk; readonly workbench: Workbench },
): Promise<Ingress> {
  const { config, conn, models, health, metrics, log, now, access } = base;
  return createIngress({
    ...{ conn, name: config.ingress, ledger, models, health, metrics, log, engine, now },
    version: packageVersion(),
    ...admission(access),
    seen: desk.seen,
    extensions: [
      access.registerSignIn,
      desk.register,
      workbench.register,
      (server) => registerKeyRoutes(server, access),
      (server) => registerAuditRoutes(server, access),
      registerConsole,
    ],
    edges: edgesOf(config),
    deadlineMs: config.decisionDeadlineMs,
  });
}

function keepWithLedger({ conn, config, log, access }: Base, ledger: Ledger): (() => Promise<unknown>)[] {
  const policies = keepPolicies(conn, ledger, log);
  const heads = keepHeads(conn, config.ingress, 'ledger', ledger, log);
  const audited = keepHeads(conn, config.ingress, 'audit', access.audit, log);
  const term = keepTerm(ledger, join(config.dataDir, 'ledger'), config.ledgerDays, config.archiveDir, log);
  return [() => policies.stop(), () => heads.stop(), () => audited.stop(), () => term.stop()];
}

/** From here on no stream lets go of what this node has not taken in. */
async function retain(base: Base, ledger: Ledger | null, ingress: Ingress | null): Promise<() => Promise<void>> {
  const { config, conn, models, metrics, log } = base;
  const retention = await Retention.start({
    ...{ conn, ledger, metrics, log },
    node: ledger === null ? `models.${modelsNode(config.dataDir)}` : `ledger.${config.ingress}`,
    projected: () => models.position('DECISIONS'),
    settled: () => ingress?.settled() ?? false,
    ageMs: config.decisionsMinutes * 60_000,
  });
  return () => retention.stop();
}

/** The same for the same data folder on the same machine. */
function modelsNode(dataDir: string): string {
  return createHash('sha256').update(`${hostname()}\n${dataDir}`).digest('hex').slice(0, 16);
}

/** Decides by the rules of this machine, and by every policy that is activated later, here or elsewhere. */
async function decideByRules(
  { config, conn, log, metrics }: Base,
  engine: Engine,
  keep: KeepPolicy,
  reloadPolicy: () => Promise<void>,
): Promise<() => Promise<void>> {
  await reloadPolicy();
  // Of a policy from the console nothing is known here before.
  const node = await PolicyNode.start({
    ...{ conn, engine, keep, awayMs: config.policyMinutes * 60_000 },
    onRefused(error) {
      metrics.policySwaps.inc({ result: 'refused' });
      log.error({ error: textForLog(error) }, 'a policy was refused; the one of before goes on');
    },
    onError: (error) => log.warn({ error: textForLog(error) }, 'the policy: tried again'),
  });
  return () => node.stop();
}
