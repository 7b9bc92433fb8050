import fastify, { type FastifyInstance } from 'fastify';
import { registerAccess } from '../access/hook.ts';
import { registerEdges } from './edges.ts';
import { listenerOptions } from './listener.ts';
import { registerOperationRoutes } from './operation-routes.ts';
import { answerProblem } from './problem.ts';
import type { ServerDeps } from './server-deps.ts';

/** What a process without an ingress serves: health, readiness and metrics. */
export async function createOperationsServer(
  deps: Pick<ServerDeps, 'health' | 'metrics' | 'access' | 'refused' | 'log' | 'edges'>,
): Promise<FastifyInstance> {
  const server = fastify({ logger: false, ...listenerOptions(deps.edges ?? {}) });
  server.setSerializerCompiler(() => JSON.stringify);
  const edges = await registerEdges(server, deps.edges ?? {});
  server.setErrorHandler(async (error, request, reply) =>
    answerProblem(await edges.errorOf(error, request, reply), request, reply, deps),
  );
  registerAccess(server, deps.access);
  registerOperationRoutes(server, deps);
  await server.ready();
  return server;
}
