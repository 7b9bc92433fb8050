import type { FastifyInstance } from 'fastify';
import { CorridorError } from '../errors.ts';
import { askCheckpoint } from '../transit/checkpoint.ts';
import { transitDocs } from './openapi.ts';
import { send } from './request.ts';
import { MRN_PATTERN } from './schema.ts';
import type { ServerDeps } from './server-deps.ts';

export function registerTransitRoutes(server: FastifyInstance, { models, now = Date.now }: ServerDeps): void {
  server.get('/v1/transit/:mrn/risk', { schema: transitDocs, config: { access: 'transit' } }, (request, reply) => {
    const { mrn } = request.params as { mrn: string };
    const answer = MRN_PATTERN.test(mrn) ? askCheckpoint(models, mrn, now()) : null;
    if (answer === null) throw new CorridorError('not_found', 'No transit declaration with this MRN has been decided');
    return send(request, reply, answer);
  });
}
