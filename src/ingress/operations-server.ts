import fastify, { type FastifyInstance } from 'fastify';
import { registerOperationRoutes } from './operation-routes.ts';
import type { ServerDeps } from './server-deps.ts';

/** What a process without an ingress serves: health, readiness and metrics. */
export async function createOperationsServer(deps: Pick<ServerDeps, 'health' | 'metrics'>): Promise<FastifyInstance> {
  const server = fastify({ logger: false, forceCloseConnections: 'idle' });
  server.setSerializerCompiler(() => JSON.stringify);
  registerOperationRoutes(server, deps);
  await server.ready();
  return server;
}
