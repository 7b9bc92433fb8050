import type { FastifyReply, FastifyRequest } from 'fastify';
import { CorridorError } from '../errors.ts';
import { VERSION_MAX } from '../limits.ts';
import { answerFormat, type Format, NDJSON_TYPES } from './body.ts';
import { DECLARATION_ID, SUBMITTER_PATTERN } from './schema.ts';
import { contentType, serialise } from './views.ts';

const DEFAULT_SUBMITTER = 'local';

/** Who submits: the header, until access control says it. @throws CorridorError */
export function submitterOf({ headers }: FastifyRequest): string {
  const given = headers['corridor-submitter'];
  if (given === undefined) return DEFAULT_SUBMITTER;
  if (typeof given === 'string' && SUBMITTER_PATTERN.test(given)) return given;
  throw new CorridorError('invalid_request', 'Header corridor-submitter must be 1 to 64 letters, digits or . _ -');
}

/** @throws CorridorError `not_found`: no declaration has an id of another form. */
export function declarationIdOf({ params }: FastifyRequest): string {
  const { id } = params as { id: string };
  if (DECLARATION_ID.test(id)) return id;
  throw new CorridorError('not_found', 'No declaration has an id of this form');
}

/** `?version=`, or null. @throws CorridorError */
export function versionOf({ query }: FastifyRequest): number | null {
  const { version } = query as { version?: unknown };
  if (version === undefined) return null;
  const value = typeof version === 'string' && /^\d{1,5}$/.test(version) ? Number(version) : 0;
  if (value >= 1 && value <= VERSION_MAX) return value;
  throw new CorridorError('invalid_request', `version must be a whole number from 1 to ${VERSION_MAX}`);
}

function formatOf({ headers }: FastifyRequest): Format {
  return answerFormat(headers.accept);
}

export function isNdjson({ headers }: FastifyRequest): boolean {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  return (NDJSON_TYPES as readonly string[]).includes(type);
}

/** Sends a view in the format that the client asked for. */
export function send(request: FastifyRequest, reply: FastifyReply, view: object): FastifyReply {
  const format = formatOf(request);
  return reply.type(contentType(format)).header('vary', 'accept').send(serialise(view, format));
}
