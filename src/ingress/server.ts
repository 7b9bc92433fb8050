import type { FastifyInstance } from 'fastify';
import { CorridorError } from '../errors.ts';
import { registerBatchRoute } from './batch.ts';
import { registerBeat } from './beat.ts';
import { registerDeclarationRoutes } from './declaration-routes.ts';
import { openServer } from './guarded-server.ts';
import { registerDocumentation } from './openapi.ts';
import { registerOperationRoutes } from './operation-routes.ts';
import type { ServerDeps } from './server-deps.ts';
import { registerTransitRoutes } from './transit-routes.ts';

/** The HTTP side of the ingress. Call `listen` on it, or `inject`. */
export async function createServer(deps: ServerDeps): Promise<FastifyInstance> {
  const server = await openServer(deps);
  registerBeat(server);
  const methods = collectMethods(server);
  await registerDocumentation(server, deps.version);
  registerDeclarationRoutes(server, deps);
  registerBatchRoute(server, deps);
  registerTransitRoutes(server, deps);
  registerOperationRoutes(server, deps);
  for (const register of deps.extensions ?? []) await register(server);
  refuseOtherMethods(server, methods);
  await server.ready();
  return server;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;
type Method = (typeof METHODS)[number];

/** Path → methods that have a route. */
function collectMethods(server: FastifyInstance): Map<string, Set<string>> {
  const methods = new Map<string, Set<string>>();
  server.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set<string>();
    for (const each of Array.isArray(method) ? method : [method]) known.add(each);
    methods.set(url, known);
  });
  return methods;
}

/** A path that exists answers 405 to the methods it has not. */
function refuseOtherMethods(server: FastifyInstance, methods: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, known] of [...methods]) {
    if (!url.startsWith('/v1') && !['/healthz', '/readyz', '/metrics', '/openapi.json'].includes(url)) continue;
    const others = METHODS.filter((method): method is Method => !known.has(method));
    const allow = [...known].join(', ');
    server.route({
      method: others,
      url,
      schema: { hide: true },
      config: { access: 'open' },
      onRequest: (_request, reply, done) => {
        reply.header('allow', allow);
        done(new CorridorError('method_not_allowed', `Use ${allow}`));
      },
      handler: () => Promise.resolve(null),
    });
  }
}
