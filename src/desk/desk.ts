import type { FastifyInstance } from 'fastify';
import type { Principal } from '../access/principal.ts';
import { followPolicies } from '../engine/policies.ts';
import { publishOverride } from '../parties/publish.ts';
import { plannedShares } from '../profiles/policy-file.ts';
import type { StreamConnection } from '../stream/connection.ts';
import type { DecisionEntry } from '../wire/envelope.ts';
import type { DeskDeps } from './desk-deps.ts';
import { EventStreams } from './event-streams.ts';
import { DecisionFeed } from './feed.ts';
import { Latest } from './latest.ts';
import { registerMeRoutes } from './me-routes.ts';
import { Overview, type OverviewDeps } from './overview.ts';
import { registerOverviewRoutes } from './overview-routes.ts';
import { registerPartyRoutes } from './party-routes.ts';

export interface DeskParts extends Pick<DeskDeps, 'models' | 'audit'> {
  readonly conn: StreamConnection;
  readonly health: OverviewDeps['health'];
  readonly metrics: OverviewDeps['metrics'];
  /** Whether a credential still holds. */
  readonly stands: (principal: Principal) => boolean;
  readonly onError: (error: unknown) => void;
  readonly now?: () => number;
}

/** What is behind the console, in this process. */
export interface Desk {
  /** For the ingress: it sees every message of DECISIONS. */
  seen(entries: readonly DecisionEntry[], storedAt: string): void;
  /** For the server, before it listens. */
  register(server: FastifyInstance): void;
  stop(): Promise<void>;
}

const BEAT_MS = 1000;

/** Resolves when it is ready to be told of decisions; the plan comes with the policy that is active. */
export async function startDesk(parts: DeskParts): Promise<Desk> {
  const { conn, models, audit, health, metrics, stands, onError, now = Date.now } = parts;
  const overview = new Overview({ health, metrics });
  const latest = new Latest();
  const streams = new EventStreams({ stands, now: Date.now });
  const feed = new DecisionFeed((decided) => {
    overview.decided(decided);
    latest.add(decided);
  });
  const policies = await followPolicies(
    conn,
    (bundle) => {
      overview.plan = plannedShares(bundle);
    },
    onError,
  );
  const beat = async (): Promise<void> => {
    await overview.sample();
    streams.beat();
  };
  let beating = Promise.resolve();
  // A beat that is late makes those after it late, never many at once.
  const timer = setInterval(() => {
    beating = beating.then(beat).catch(onError);
  }, BEAT_MS);
  const deps = { overview, latest, streams, models, audit, now };
  return {
    seen: (entries, storedAt) => feed.take(entries, storedAt),
    register: (server) =>
      registerDesk(server, { ...deps, publishOverride: (override) => publishOverride(conn, override) }),
    async stop() {
      clearInterval(timer);
      streams.close();
      await beating;
      await policies.stop();
    },
  };
}

/** Streams of events end before the server waits for its connections. */
export function registerDesk(server: FastifyInstance, deps: DeskDeps): void {
  server.addHook('preClose', (done) => {
    deps.streams.close();
    done();
  });
  registerMeRoutes(server);
  registerOverviewRoutes(server, deps);
  registerPartyRoutes(server, deps);
}
