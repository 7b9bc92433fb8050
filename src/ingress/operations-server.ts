import fastify, { type FastifyInstance } from 'fastify';
import { registerAccess } from '../access/hook.ts';
import { registerOperationRoutes } from './operation-routes.ts';
import { answerProblem } from './problem.ts';
import type { ServerDeps } from './server-deps.ts';

/** What a process without an ingress serves: health, readiness and metrics. */
export async function createOperationsServer(
  deps: Pick<ServerDeps, 'health' | 'metrics' | 'access' | 'refused' | 'log'>,
): Promise<FastifyInstance> {
  const server = fastify({ logger: false, forceCloseConnections: 'idle' });
  server.setSerializerCompiler(() => JSON.stringify);
  server.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, deps));
  registerAccess(server, deps.access);
  registerOperationRoutes(server, deps);
  await server.ready();
  return server;
}
