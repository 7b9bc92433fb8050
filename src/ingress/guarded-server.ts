import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { registerAccess } from '../access/hook.ts';
import { CorridorError } from '../errors.ts';
import { BODIES_MAX, BODY_BYTES_MAX, HEADERS_MAX, HTTP_TIMEOUT_MS, IN_FLIGHT_BYTES_MAX } from '../limits.ts';
import { FORMATS, NDJSON_TYPES, readJson, readMessagePack } from './body.ts';
import { registerEdges } from './edges.ts';
import { Gate } from './gate.ts';
import { listenerOptions } from './listener.ts';
import { answerProblem, PROBLEM_TYPE, problemOf } from './problem.ts';
import { isNdjson } from './request.ts';
import type { ServerDeps } from './server-deps.ts';

export type GuardDeps = Pick<ServerDeps, 'access' | 'metrics' | 'log' | 'refused' | 'edges'>;

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,64}$/;

/** A server without routes yet: it bounds and admits what comes, and every error leaves as problem+json. */
export async function openServer(deps: GuardDeps): Promise<FastifyInstance> {
  const server = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    ...listenerOptions(deps.edges ?? {}),
    genReqId: requestIdOf,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, deps),
    frameworkErrors: (error, request, reply) => void answerProblem(error, request, reply, deps),
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
  });
  // Bodies are checked by validate.ts, which says everything at once and changes nothing.
  server.setValidatorCompiler(() => () => true);
  server.setSerializerCompiler(() => JSON.stringify);
  acceptBodies(server);
  guard(server);
  const edges = await registerEdges(server, deps.edges ?? {});
  server.setErrorHandler(async (error, request, reply) =>
    answerProblem(await edges.errorOf(error, request, reply), request, reply, deps),
  );
  server.setNotFoundHandler((request, reply) =>
    answerProblem(new CorridorError('not_found', 'There is nothing at this address'), request, reply, deps),
  );

  registerAccess(server, deps.access);
  admitBodies(server);
  return server;
}

/** The client's id where it is one, else a new one. It follows the declaration through messages and logs. */
function requestIdOf({ headers }: { headers: IncomingMessage['headers'] }): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

function acceptBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const reader = (read: (bytes: Uint8Array) => unknown) => (_request: FastifyRequest, body: string | Buffer) =>
    Promise.resolve().then(() => read(body as Buffer));
  server.addContentTypeParser([...FORMATS.json], { parseAs: 'buffer' }, reader(readJson));
  server.addContentTypeParser([...FORMATS.msgpack], { parseAs: 'buffer' }, reader(readMessagePack));
  // A batch is read line by line by its route.
  server.addContentTypeParser([...NDJSON_TYPES], (_request, payload, done) => done(null, payload));
}

const BODYLESS = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];

/** What every request passes first: its id, and its headers. */
function guard(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    const isTooMany = request.raw.rawHeaders.length > 2 * HEADERS_MAX;
    done(isTooMany ? new CorridorError('invalid_request', `There are more than ${HEADERS_MAX} headers`) : undefined);
  });
}

/**
 * What a request with a body passes once it is admitted: its encoding, room for as much as its route takes, and time to
 * send it. Where there is no route nothing is read: nobody without a credential may fill the room.
 */
function admitBodies(server: FastifyInstance): void {
  const bodies = new Gate(BODIES_MAX, IN_FLIGHT_BYTES_MAX);
  server.addHook('onRequest', (request, reply, done) => {
    if (BODYLESS.includes(request.method)) return done();
    if (request.is404) return done(new CorridorError('not_found', 'There is nothing at this address'));
    if (isNdjson(request)) return done();
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') return done(new CorridorError('unsupported_media_type', 'Send the body unencoded'));
    const { bodyLimit } = request.routeOptions;
    const bytes = Math.min(Number(request.headers['content-length'] ?? bodyLimit) || 0, bodyLimit);
    if (!bodies.tryEnter(bytes)) return done(new CorridorError('overloaded', 'Too many requests at once'));
    const timer = setTimeout(() => request.raw.destroy(), HTTP_TIMEOUT_MS);
    request.raw.once('end', () => clearTimeout(timer));
    reply.raw.once('close', () => {
      clearTimeout(timer);
      bodies.leave(bytes);
    });
    done();
  });
}

/** What Node's HTTP parser refuses never becomes a request: answered on the socket. */
function answerClientError(error: Error & { code?: string }, socket: Socket, { metrics }: GuardDeps): void {
  // With a handler of our own, Node leaves it to us to end the socket, also where nobody is there any more.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW';
  const known = new CorridorError('invalid_request', tooLarge ? 'The headers are too large' : 'This is not HTTP');
  metrics.countProblem(known.code);
  const body = JSON.stringify(problemOf(known, randomUUID()));
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`);
}
