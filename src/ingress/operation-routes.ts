import type { FastifyInstance } from 'fastify';
import { healthDocs, metricsDocs, readinessDocs } from './openapi.ts';
import type { ServerDeps } from './server-deps.ts';

/** For those who run the service, and for their probes. */
export function registerOperationRoutes(
  server: FastifyInstance,
  { health, metrics }: Pick<ServerDeps, 'health' | 'metrics'>,
): void {
  server.get('/healthz', { schema: healthDocs, config: { access: 'open', unlimited: true } }, (_request, reply) =>
    reply.type('application/json').send('{"ok":true}'),
  );

  server.get(
    '/readyz',
    { schema: readinessDocs, config: { access: 'open', unlimited: true } },
    async (_request, reply) => {
      const readiness = await health.readiness();
      return reply
        .code(readiness.ready ? 200 : 503)
        .type('application/json')
        .send(JSON.stringify(readiness));
    },
  );

  server.get('/metrics', { schema: metricsDocs, config: { access: 'metrics' } }, async (_request, reply) => {
    const { checks } = await health.readiness();
    for (const { name, ok } of checks) metrics.ready.set({ check: name }, ok ? 1 : 0);
    const text = await metrics.registry.metrics();
    return reply.type(metrics.registry.contentType).send(text);
  });
}
