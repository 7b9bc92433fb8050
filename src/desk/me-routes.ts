import type { FastifyInstance } from 'fastify';
import { mustAccess } from '../access/hook.ts';
import { principalView } from '../access/rules.ts';
import { send } from '../ingress/request.ts';
import { meDocs } from './openapi.ts';

export function registerMeRoutes(server: FastifyInstance): void {
  server.get('/v1/me', { schema: meDocs, config: { access: 'me' } }, (request, reply) =>
    send(request, reply, principalView(mustAccess(request).principal)),
  );
}
