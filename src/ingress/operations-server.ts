import type { FastifyInstance } from 'fastify';
import { type GuardDeps, openServer } from './guarded-server.ts';
import { registerOperationRoutes } from './operation-routes.ts';
import type { ServerDeps } from './server-deps.ts';

/** What a process without an ingress serves: health, readiness and metrics. */
export async function createOperationsServer(deps: GuardDeps & Pick<ServerDeps, 'health'>): Promise<FastifyInstance> {
  const server = await openServer(deps);
  registerOperationRoutes(server, deps);
  await server.ready();
  return server;
}
