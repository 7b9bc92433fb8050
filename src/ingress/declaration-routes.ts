import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { View } from '../access/rules.ts';
import { CorridorError } from '../errors.ts';
import { type Identity, identityKey } from '../wire/identity.ts';
import { disclose, mustSee, noSuchDeclaration, officeAt, targetOf } from './audience.ts';
import { historyView } from './history-view.ts';
import { decisionDocs, declarationDocs, historyDocs, withdrawalDocs } from './openapi.ts';
import { declarationIdOf, isNdjson, isTrader, send, submitterOf, versionOf } from './request.ts';
import type { ServerDeps } from './server-deps.ts';
import { Stages } from './stages.ts';
import { standingOf } from './standing.ts';
import { answerView, decisionPath, outcomeOf } from './views.ts';
import type { Answer } from './waiting.ts';

export function registerDeclarationRoutes(server: FastifyInstance, deps: ServerDeps): void {
  const { declarations } = deps;

  server.post('/v1/declarations', { schema: declarationDocs, config: { access: 'submit' } }, async (request, reply) => {
    mustBeSingle(request);
    const stages = new Stages();
    const submitter = submitterOf(request);
    const view = mustSee(request, { submitter, office: null });
    const answer = await declarations.submit(
      {
        submitter,
        isTrader: isTrader(request),
        value: request.body,
        bytes: bodyBytes(request),
        trace: request.id,
        patient: false,
        disclose: ({ id, version }) => disclose(request, view, targetOf(submitter, id, version), deps),
      },
      stages,
    );
    return sendAnswer(request, reply, { answer, view, stages }, deps);
  });

  server.post(
    '/v1/declarations/:id/withdrawal',
    { schema: withdrawalDocs, config: { access: 'withdraw' } },
    async (request, reply) => {
      mustBeSingle(request);
      const stages = new Stages('withdrawal');
      const [submitter, id] = [submitterOf(request), declarationIdOf(request)];
      const view = mustSee(request, { submitter, office: null });
      // Its answer shows the sender's own reason, and nothing to put on record.
      const answer = await declarations.withdraw(submitter, id, request.body, request.id, stages);
      return sendAnswer(request, reply, { answer, view, stages }, deps);
    },
  );

  server.get('/v1/declarations/:id', { schema: historyDocs, config: { access: 'status' } }, async (request, reply) => {
    const [submitter, id] = [submitterOf(request), declarationIdOf(request)];
    const versions = deps.known.versions(submitter, id);
    const latest = versions.at(-1)?.version ?? 0;
    const pending = isUnderWay(deps, submitter, id, latest + 1) ? latest + 1 : null;
    if (versions.length === 0 && pending === null) throw noSuchDeclaration();
    const view = mustSee(request, { submitter, office: officeAt(versions, latest) });
    await disclose(request, view, targetOf(submitter, id, pending ?? latest), deps);
    return send(request, reply, historyView(id, versions, pending, view));
  });

  server.get(
    '/v1/declarations/:id/decision',
    { schema: decisionDocs, config: { access: 'decision' } },
    async (request, reply) => {
      const stages = new Stages('read');
      const [submitter, id] = [submitterOf(request), declarationIdOf(request)];
      const versions = deps.known.versions(submitter, id);
      const latest = versions.at(-1)?.version ?? 0;
      const newest = isUnderWay(deps, submitter, id, latest + 1) ? latest + 1 : latest;
      const asked = versionOf(request) ?? newest;
      const answer = await decisionOn(deps, { submitter, id, version: asked });
      if (answer === null) {
        if (newest > 0) mustSee(request, { submitter, office: officeAt(versions, latest) });
        throw newest === 0 ? noSuchDeclaration() : noSuchVersion(asked);
      }
      const { version } = answer.kind === 'kept' ? answer.entry.identity : answer.identity;
      const office = (answer.kind === 'kept' ? standingOf(answer.entry).office : null) ?? officeAt(versions, version);
      const view = mustSee(request, { submitter, office });
      await disclose(request, view, targetOf(submitter, id, version), deps);
      return sendAnswer(request, reply, { answer, view, stages }, deps);
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

/** The decision on one version; pending where it is under way, null where there is none. */
async function decisionOn(deps: ServerDeps, identity: Identity): Promise<Answer | null> {
  const entry = await deps.declarations.find(identity);
  if (entry !== null) return { kind: 'kept', entry };
  const { submitter, id, version } = identity;
  return isUnderWay(deps, submitter, id, version) ? { kind: 'pending', identity } : null;
}

function noSuchVersion(version: number): CorridorError {
  return new CorridorError('not_found', `There is no decision on version ${version}`);
}

interface Answered {
  readonly answer: Answer;
  readonly view: View;
  readonly stages: Stages;
}

function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { answer, view, stages }: Answered,
  { metrics }: ServerDeps,
): FastifyReply {
  const startedMs = performance.now();
  const shown = answerView(answer, view);
  if (answer.kind === 'pending') {
    reply.code(202).header('location', decisionPath(answer.identity)).header('retry-after', 1);
  }
  if (view !== 'outcome') reply.header('server-timing', stages.header());
  send(request, reply, shown);
  metrics.stageSeconds.observe({ stage: 'answer' }, (performance.now() - startedMs) / 1000);
  metrics.observeAnswer(outcomeOf(answer), stages.elapsedMs, stages.route);
  return reply;
}
