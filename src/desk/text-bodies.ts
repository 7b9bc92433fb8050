import type { FastifyInstance } from 'fastify';
import { CorridorError } from '../errors.ts';
import { BUNDLE_FILE_BYTES_MAX } from '../limits.ts';

/** What a file of a policy may be sent as. */
const TEXT_TYPES = ['text/csv', 'text/plain', 'text/yaml', 'application/yaml', 'application/x-yaml'];

/** Options of a route that takes a file. */
export const FILE_BODY = { bodyLimit: BUNDLE_FILE_BYTES_MAX } as const;

/** Registers routes of which some take files as texts. */
export function withTextBodies(server: FastifyInstance, register: (scope: FastifyInstance) => void): void {
  void server.register(async (scope) => {
    scope.addContentTypeParser(TEXT_TYPES, { parseAs: 'buffer' }, (_request, body, done) => {
      try {
        done(null, new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer));
      } catch (cause) {
        done(new CorridorError('malformed_body', 'The body is not UTF-8', { cause }));
      }
    });
    register(scope);
  });
}

/** @throws CorridorError `unsupported_media_type` where the body is no text. */
export function mustBeText(body: unknown): string {
  if (typeof body === 'string') return body;
  throw new CorridorError('unsupported_media_type', `Send the file as ${TEXT_TYPES.slice(0, 3).join(', ')}`);
}
