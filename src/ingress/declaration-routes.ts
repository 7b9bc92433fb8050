import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CorridorError } from '../errors.ts';
import { identityKey } from '../wire/identity.ts';
import { historyView } from './history-view.ts';
import { decisionDocs, declarationDocs, historyDocs, withdrawalDocs } from './openapi.ts';
import { declarationIdOf, isNdjson, send, submitterOf, versionOf } from './request.ts';
import type { ServerDeps } from './server-deps.ts';
import { Stages } from './stages.ts';
import { answerView, decisionPath, outcomeOf } from './views.ts';
import type { Answer } from './waiting.ts';

export function registerDeclarationRoutes(server: FastifyInstance, deps: ServerDeps): void {
  const { declarations } = deps;

  server.post('/v1/declarations', { schema: declarationDocs, config: { access: 'submit' } }, async (request, reply) => {
    mustBeSingle(request);
    const stages = new Stages();
    const answer = await declarations.submit(
      {
        submitter: submitterOf(request),
        value: request.body,
        bytes: bodyBytes(request),
        trace: request.id,
        patient: false,
      },
      stages,
    );
    return sendAnswer(request, reply, answer, stages, deps);
  });

  server.post(
    '/v1/declarations/:id/withdrawal',
    { schema: withdrawalDocs, config: { access: 'withdraw' } },
    async (request, reply) => {
      mustBeSingle(request);
      const stages = new Stages('withdrawal');
      const id = declarationIdOf(request);
      const answer = await declarations.withdraw(submitterOf(request), id, request.body, request.id, stages);
      return sendAnswer(request, reply, answer, stages, deps);
    },
  );

  server.get('/v1/declarations/:id', { schema: historyDocs, config: { access: 'status' } }, (request, reply) => {
    const [submitter, id] = [submitterOf(request), declarationIdOf(request)];
    const versions = deps.known.versions(submitter, id);
    const next = (versions.at(-1)?.version ?? 0) + 1;
    const pending = isUnderWay(deps, submitter, id, next) ? next : null;
    if (versions.length === 0 && pending === null) throw noSuchDeclaration();
    return send(request, reply, historyView(id, versions, pending, 'full'));
  });

  server.get(
    '/v1/declarations/:id/decision',
    { schema: decisionDocs, config: { access: 'decision' } },
    async (request, reply) => {
      const stages = new Stages('read');
      const [submitter, id] = [submitterOf(request), declarationIdOf(request)];
      const answer = await decisionOn(deps, submitter, id, versionOf(request));
      return sendAnswer(request, reply, answer, stages, deps);
    },
  );
}

function mustBeSingle(request: FastifyRequest): void {
  if (isNdjson(request)) throw new CorridorError('unsupported_media_type', 'NDJSON goes to /v1/declarations/batch');
  if (request.body === undefined || request.headers['content-type'] === undefined) {
    throw new CorridorError('malformed_body', 'The request has no body');
  }
}

function bodyBytes({ headers }: FastifyRequest): number {
  return Number(headers['content-length']) || 4096;
}

function isUnderWay({ replies }: ServerDeps, submitter: string, id: string, version: number): boolean {
  const key = identityKey({ submitter, id, version });
  return replies.flight(key) !== undefined || replies.pendingHash(key) !== undefined;
}

function noSuchDeclaration(): CorridorError {
  return new CorridorError('not_found', 'No declaration of this submitter has this id');
}

/** The decision on one version, by default the latest; pending where it is under way. @throws CorridorError */
async function decisionOn(deps: ServerDeps, submitter: string, id: string, asked: number | null): Promise<Answer> {
  const latest = deps.known.versions(submitter, id).at(-1)?.version ?? 0;
  const newest = isUnderWay(deps, submitter, id, latest + 1) ? latest + 1 : latest;
  const identity = { submitter, id, version: asked ?? newest };
  const entry = await deps.declarations.find(identity);
  if (entry !== null) return { kind: 'kept', entry };
  if (isUnderWay(deps, submitter, id, identity.version)) return { kind: 'pending', identity };
  throw newest === 0
    ? noSuchDeclaration()
    : new CorridorError('not_found', `There is no decision on version ${identity.version}`);
}

function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  stages: Stages,
  { metrics }: ServerDeps,
): FastifyReply {
  const startedMs = performance.now();
  const view = answerView(answer, 'full');
  if (answer.kind === 'pending') {
    reply.code(202).header('location', decisionPath(answer.identity)).header('retry-after', 1);
  }
  send(request, reply.header('server-timing', stages.header()), view);
  metrics.stageSeconds.observe({ stage: 'answer' }, (performance.now() - startedMs) / 1000);
  metrics.observeAnswer(outcomeOf(answer), stages.elapsedMs, stages.route);
  return reply;
}
