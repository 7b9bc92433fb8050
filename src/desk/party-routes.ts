import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { eventOf, onRecord } from '../access/audit-event.ts';
import { mustAccess } from '../access/hook.ts';
import { viewOf } from '../access/rules.ts';
import { CorridorError } from '../errors.ts';
import { send } from '../ingress/request.ts';
import { overrideAt } from '../state/party-rows.ts';
import type { CategoryOverride } from '../wire/envelope.ts';
import type { DeskDeps } from './desk-deps.ts';
import { indicatorsDocs, overrideDocs, partyDocs, undoDocs } from './openapi.ts';
import { acceptOverride, acceptUndo } from './party-bodies.ts';
import { indicatorsView, overrideView, type PartyModels, partyView } from './party-views.ts';

/** As the submit routes take it. */
const PARTY_ID = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/;
/** How long the answer to a change waits for the read model. */
const PROJECTED_WITHIN_MS = 1000;
const PROJECTED_POLL_MS = 5;

export function registerPartyRoutes(server: FastifyInstance, deps: DeskDeps): void {
  const { models, audit, now } = deps;

  server.get('/v1/parties/:id', { schema: partyDocs, config: { access: 'party' } }, async (request, reply) => {
    const id = partyOf(request);
    await audit.append(eventOf(request, 'party.read', id));
    return send(request, reply, partyView(models, id, now()));
  });

  server.get(
    '/v1/parties/:id/indicators',
    { schema: indicatorsDocs, config: { access: 'indicators' } },
    async (request, reply) => {
      const id = partyOf(request);
      await audit.append(eventOf(request, 'party.read', id, { part: 'indicators' }));
      return send(request, reply, indicatorsView(models, id, now()));
    },
  );

  server.put(
    '/v1/parties/:id/category',
    { schema: overrideDocs, config: { access: 'categorise' } },
    (request, reply) => {
      const id = partyOf(request);
      const from = now();
      const accepted = acceptOverride(request.body, from);
      const { subject: by } = mustAccess(request).principal;
      return change(deps, request, { kind: 'override', id, ...accepted, from, by }).then((done) =>
        send(request, reply, done),
      );
    },
  );

  server.delete(
    '/v1/parties/:id/category',
    { schema: undoDocs, config: { access: 'categorise' } },
    (request, reply) => {
      const id = partyOf(request);
      const from = now();
      const { role, reason } = acceptUndo(request.body);
      models.refresh();
      const party = models.party(role, id);
      if (party === null || overrideAt(party, from) === null)
        throw new CorridorError('not_found', 'No category of this party in this role is overridden');
      const { subject: by } = mustAccess(request).principal;
      const undo: CategoryOverride = { kind: 'override', id, role, category: null, reason, from, until: from, by };
      return change(deps, request, undo).then((done) => send(request, reply, done));
    },
  );
}

/** Answered when what is decided here next knows it. @returns the answer. */
async function change(
  { audit, models, publishOverride }: DeskDeps,
  request: FastifyRequest,
  override: CategoryOverride,
): Promise<object> {
  const { role, category, until, id } = override;
  const detail = { role, change: category === null ? 'undone' : 'set', until: new Date(until).toISOString() };
  await onRecord(audit, eventOf(request, 'category.overridden', id, detail), async () =>
    projected(models, await publishOverride(override)),
  );
  return overrideView(override);
}

async function projected(models: PartyModels, sequence: number): Promise<void> {
  const until = Date.now() + PROJECTED_WITHIN_MS;
  while (Date.now() < until) {
    models.refresh();
    if ((models.position('PARTIES')?.sequence ?? 0) >= sequence) return;
    await delay(PROJECTED_POLL_MS);
  }
}

/**
 * The party that is asked about. Whether anybody knows it is not looked at before it is clear that who asks may know.
 * @throws CorridorError `not_found`, the same for every party of others and for what is no party.
 */
function partyOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string };
  const { rights, principal } = mustAccess(request);
  const mayAsk = viewOf(rights, principal, { submitter: id, office: null }) !== null;
  if (mayAsk && PARTY_ID.test(id)) return id;
  throw new CorridorError('not_found', 'There is no such party', { withheld: !mayAsk });
}
