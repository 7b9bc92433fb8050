import type { FastifyInstance } from 'fastify';
import { mustAccess } from '../access/hook.ts';
import { viewOf } from '../access/rules.ts';
import { CorridorError } from '../errors.ts';
import { askCheckpoint } from '../transit/checkpoint.ts';
import { disclose } from './audience.ts';
import { transitDocs } from './openapi.ts';
import { send } from './request.ts';
import { MRN_PATTERN } from './schema.ts';
import type { ServerDeps } from './server-deps.ts';

export function registerTransitRoutes(server: FastifyInstance, deps: ServerDeps): void {
  const { models, now = Date.now } = deps;
  server.get(
    '/v1/transit/:mrn/risk',
    { schema: transitDocs, config: { access: 'transit' } },
    async (request, reply) => {
      const { mrn } = request.params as { mrn: string };
      const { principal, rights } = mustAccess(request);
      const view = viewOf(rights, principal, { submitter: '', office: null });
      if (view === null || !MRN_PATTERN.test(mrn)) throw noSuchMovement();
      const answer = askCheckpoint(models, mrn, now());
      if (answer === null) throw noSuchMovement();
      await disclose(request, view, mrn, deps);
      return send(request, reply, answer);
    },
  );
}

function noSuchMovement(): CorridorError {
  return new CorridorError('not_found', 'No transit declaration with this MRN has been decided');
}
