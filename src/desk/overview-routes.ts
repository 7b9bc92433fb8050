import type { FastifyInstance, FastifyRequest } from 'fastify';
import { eventOf } from '../access/audit-event.ts';
import { mustAccess } from '../access/hook.ts';
import { viewOf } from '../access/rules.ts';
import { acceptor } from '../ingress/accept.ts';
import { send } from '../ingress/request.ts';
import type { DeskDeps } from './desk-deps.ts';
import { EVENT_STREAM_TYPE, textOf } from './event-streams.ts';
import type { Decided } from './feed.ts';
import { eventsDocs, LatestQuery, latestDocs, overviewDocs } from './openapi.ts';
import type { Offices, Overview } from './overview.ts';

const acceptLatest = acceptor(LatestQuery, 'The query');

export function registerOverviewRoutes(server: FastifyInstance, deps: DeskDeps): void {
  const { overview, latest, streams, audit } = deps;

  server.get('/v1/overview', { schema: overviewDocs, config: { access: 'overview' } }, async (request, reply) => {
    await audit.append(eventOf(request, 'overview.read', 'overview'));
    return send(request, reply, overview.view(officesOf(request), 'all'));
  });

  const events = eventsOf(overview);
  server.get(
    '/v1/overview/events',
    { schema: eventsDocs, config: { access: 'overview' }, exposeHeadRoute: false },
    async (request, reply) => {
      await audit.append(eventOf(request, 'overview.read', 'overview', { stream: 'events' }));
      const offices = officesOf(request);
      const stream = streams.open(mustAccess(request).principal, () => events(offices));
      return reply.type(EVENT_STREAM_TYPE).header('cache-control', 'no-store').send(stream);
    },
  );

  server.get('/v1/decisions/latest', { schema: latestDocs, config: { access: 'latest' } }, async (request, reply) => {
    const query = acceptLatest(request.query);
    await audit.append(eventOf(request, 'latest.read', 'decisions', { ...query }));
    const { rights, principal } = mustAccess(request);
    const { corridor, office } = query;
    const filter = { ...(corridor && { corridors: corridor.split(',') }), ...(office && { office }) };
    const seen = latest.newest(filter, (decided) => viewOf(rights, principal, decided) !== null);
    return send(request, reply, { decisions: seen.map(latestView) });
  });
}

/** Whose decisions this request may see. */
function officesOf(request: FastifyRequest): Offices {
  const { rights, principal } = mustAccess(request);
  return rights.some(({ reach }) => reach === 'all') ? 'all' : principal.offices;
}

function latestView({ submitter, id, version, office, corridor, decidedAt }: Decided): object {
  const at = new Date(decidedAt).toISOString();
  return { declarationId: id, version, submitter, office, corridor, decidedAt: at };
}

/** The event of this second, made once for all who see the same offices. */
function eventsOf(overview: Overview): (offices: Offices) => string {
  let second = 0;
  const made = new Map<string, string>();
  return (offices) => {
    if (second !== overview.newest) made.clear();
    second = overview.newest;
    const key = offices === 'all' ? offices : JSON.stringify(offices);
    const known = made.get(key);
    if (known !== undefined) return known;
    const event = textOf({ id: second, name: 'overview', data: overview.view(offices, 'newest') });
    made.set(key, event);
    return event;
  };
}
