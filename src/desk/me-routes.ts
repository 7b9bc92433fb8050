import type { FastifyInstance } from 'fastify';
import { mustAccess } from '../access/hook.ts';
import { permitted } from '../access/rules.ts';
import { send } from '../ingress/request.ts';
import { meDocs } from './openapi.ts';

export function registerMeRoutes(server: FastifyInstance): void {
  server.get('/v1/me', { schema: meDocs, config: { access: 'me' } }, (request, reply) => {
    const { principal } = mustAccess(request);
    const { subject, name, roles, offices, party, expiresAt } = principal;
    const may = permitted(principal);
    return send(request, reply, {
      subject,
      name,
      roles,
      offices,
      party,
      expiresAt: new Date(expiresAt).toISOString(),
      may,
    });
  });
}
