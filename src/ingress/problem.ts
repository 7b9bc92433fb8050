import type { FastifyReply, FastifyRequest } from 'fastify';
import { CorridorError, ERRORS, type ErrorCode, isRefusal, type RequestFault } from '../errors.ts';
import type { ServerDeps } from './server-deps.ts';

/** RFC 9457 problem details. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** This occurrence: the request, as the logs name it. */
  readonly instance: string;
  readonly faults: readonly RequestFault[];
}

export const PROBLEM_TYPE = 'application/problem+json';
const RETRY_AFTER_S = 1;

export function problemOf(error: CorridorError, requestId: string): Problem {
  const { status, title } = ERRORS[error.code];
  return {
    type: `urn:corridor:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    instance: `urn:corridor:request:${requestId}`,
    faults: error.faults,
  };
}

/** Codes of Fastify and of Node's HTTP parser, in ours. What is not here is by its status, or internal. */
const FOREIGN_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_body',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_body',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_body',
  FST_ERR_BAD_URL: 'invalid_request',
  FST_ERR_VALIDATION: 'invalid_request',
  FST_ERR_NOT_FOUND: 'not_found',
};

interface ForeignError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly message?: unknown;
}

/** Any error as one of ours. What we do not know is `internal`, and its message stays inside. */
export function asCorridorError(error: unknown): CorridorError {
  if (error instanceof CorridorError) return error;
  const { code, statusCode, message } = (error ?? {}) as ForeignError;
  const known = typeof code === 'string' ? FOREIGN_CODES[code] : undefined;
  const detail = typeof message === 'string' ? message : 'The request cannot be read';
  if (known !== undefined) return new CorridorError(known, detail, { cause: error });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new CorridorError('invalid_request', detail, { cause: error });
  }
  return new CorridorError('internal', 'The request could not be completed', { cause: error });
}

/** Answers with a problem; a refusal is passed on to be audited. */
export function answerProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { metrics, log, refused }: Pick<ServerDeps, 'metrics' | 'log' | 'refused'>,
): FastifyReply {
  const known = asCorridorError(error);
  const { status, retry } = ERRORS[known.code];
  metrics.countProblem(known.code);
  if (known.withheld || isRefusal(known.code)) refused(request, known.code);
  if (known.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer');
  if (known.code === 'internal') log.error({ trace: request.id, err: error }, 'unexpected error');
  if (retry && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER_S);
  return reply
    .code(status)
    .header('x-request-id', request.id)
    .type(PROBLEM_TYPE)
    .serializer(JSON.stringify)
    .send(problemOf(known, request.id));
}
