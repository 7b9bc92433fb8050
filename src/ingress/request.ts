import type { FastifyReply, FastifyRequest } from 'fastify';
import { mustAccess } from '../access/hook.ts';
import { CorridorError } from '../errors.ts';
import { VERSION_MAX } from '../limits.ts';
import { SUBMITTER_PATTERN } from '../wire/identity.ts';
import { encode } from '../wire/messagepack.ts';
import { answerFormat, FORMATS, type Format, NDJSON_TYPES } from './body.ts';
import { DECLARATION_ID } from './schema.ts';

/** What machines that may submit for anybody submit for where they name nobody. */
const DEFAULT_SUBMITTER = 'local';

/**
 * Whose declarations a request is about. A trader's are its own, whatever it names; a machine names one of those it
 * submits for in the header `corridor-submitter`; an official names any in the query.
 * @throws CorridorError
 */
export function submitterOf(request: FastifyRequest): string {
  const { principal } = mustAccess(request);
  const { party, submitters } = principal;
  if (party !== null) return party;
  const given = namedSubmitter(request, principal.kind === 'machine');
  if (principal.kind === 'person') return given ?? mustName();
  const submitter = given ?? (submitters === 'all' ? DEFAULT_SUBMITTER : submitters[0]) ?? mustName();
  if (submitters === 'all' || submitters.includes(submitter)) return submitter;
  throw new CorridorError('forbidden', 'You do not submit for this submitter');
}

function namedSubmitter({ headers, query }: FastifyRequest, machine: boolean): string | null {
  const given = machine ? headers['corridor-submitter'] : (query as { submitter?: unknown }).submitter;
  if (given === undefined) return null;
  if (typeof given === 'string' && SUBMITTER_PATTERN.test(given)) return given;
  const where = machine ? 'Header corridor-submitter' : 'submitter';
  throw new CorridorError('invalid_request', `${where} must be 1 to 64 letters, digits or . _ -`);
}

function mustName(): never {
  throw new CorridorError('invalid_request', 'Say whose declaration it is: ?submitter=');
}

/** Whether its submitter is a trader, for itself. */
export function isTrader(request: FastifyRequest): boolean {
  return mustAccess(request).principal.party !== null;
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

function contentType(format: Format): string {
  return format === 'json' ? 'application/json; charset=utf-8' : FORMATS.msgpack[0];
}

function serialise(view: object, format: Format): string | Buffer {
  if (format === 'json') return JSON.stringify(view);
  const bytes = encode(view);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
