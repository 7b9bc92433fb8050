import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Audit, AuditFilter, CommittedEvent, NumberedEvent } from '../access/audit.ts';
import { AUDIT_ACTIONS, type AuditAction, type AuditEvent, eventOf } from '../access/audit-event.ts';
import { CorridorError } from '../errors.ts';
import { acceptor, Instant } from '../ingress/accept.ts';
import { send } from '../ingress/request.ts';
import { AUDIT_PAGE_MAX, AUDIT_TEXT_LENGTH_MAX } from '../limits.ts';

export interface AuditRoutesDeps {
  readonly audit: Audit;
}

const CLOSED = { additionalProperties: false };
const DEFAULT_PAGE = '100';

const instant = Type.Optional(Instant);
const identifier = Type.Optional(Type.String({ minLength: 1, maxLength: AUDIT_TEXT_LENGTH_MAX }));
const times = { from: instant, to: instant };

const QuerySchema = Type.Object(
  {
    subject: identifier,
    action: Type.Optional(Type.Enum([...AUDIT_ACTIONS])),
    target: Type.Optional(
      Type.String({
        ...{ minLength: 1, maxLength: AUDIT_TEXT_LENGTH_MAX },
        description:
          'the whole target of an event, or parts between its slashes: of a declaration `SUBMITTER/ID/VERSION`, `SUBMITTER/ID` or `ID`; an id also finds refusals that name it in `detail.path`',
      }),
    ),
    ...times,
    before: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,14}$', description: 'the cursor of the page before' })),
    limit: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,2}$', description: `1 to ${AUDIT_PAGE_MAX}` })),
  },
  { ...CLOSED, title: 'AuditQuery' },
);
const ExportSchema = Type.Object(times, { ...CLOSED, title: 'AuditExport' });

const EventSchema = Type.Object({
  number: Type.Integer({ description: 'its place in the audit, from 1' }),
  at: Type.String({ format: 'date-time' }),
  action: Type.Enum([...AUDIT_ACTIONS]),
  subject: Type.String(),
  roles: Type.Array(Type.String()),
  target: Type.String(),
  result: Type.Enum(['done', 'refused']),
  detail: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  trace: Type.String(),
  count: Type.Integer({ description: 'how many equal events it stands for' }),
});
const PageSchema = Type.Object({
  events: Type.Array(EventSchema),
  before: Type.Union([Type.Integer(), Type.Null()], {
    description: 'where to go on, also where nothing was found yet; null at the end',
  }),
});
const LineSchema = Type.Object({
  ...EventSchema.properties,
  commit: Type.Integer(),
  hash: Type.String({ description: 'SHA-256 of the entry, as its commit covers it, in hex' }),
});

const acceptQuery = acceptor(QuerySchema, 'The query');
const acceptExport = acceptor(ExportSchema, 'The query');

/** What was done, seen and refused. For auditors, whose reading is recorded like any other. */
export function registerAuditRoutes(server: FastifyInstance, { audit }: AuditRoutesDeps): void {
  const config = { access: 'audit' } as const;
  const tags = ['audit'];
  const answer = (type: string, description: string, schema: object) => ({
    response: { 200: { description, content: { [type]: { schema } } } },
  });

  server.get(
    '/v1/audit',
    {
      config,
      schema: {
        ...{ summary: 'Events of the audit, the newest first', tags, querystring: QuerySchema },
        description: 'A request looks at a bounded number of entries: `before` of the answer says where to go on.',
        ...answer('application/json', 'A page', PageSchema),
      },
    },
    async (request, reply) => {
      const { before, limit = DEFAULT_PAGE, ...query } = acceptQuery(request.query);
      const cursor = before === undefined ? null : Number(before);
      const page = await audit.query(filterOf(query), cursor, Math.min(Number(limit), AUDIT_PAGE_MAX));
      await audit.append(readingOf(request, 'audit.read', query));
      return send(request, reply, { events: page.events.map(eventView), before: page.before });
    },
  );

  server.get(
    '/v1/audit/export',
    {
      config,
      schema: {
        ...{ summary: 'The audit as NDJSON, the oldest first', tags, querystring: ExportSchema },
        ...answer('application/x-ndjson', 'A line for each entry', LineSchema),
      },
    },
    async (request, reply) => {
      const query = acceptExport(request.query);
      const { from, to } = filterOf(query);
      await audit.append(readingOf(request, 'audit.exported', query));
      const lines = Readable.from(exported(audit, from, to), { objectMode: false });
      return reply.type('application/x-ndjson; charset=utf-8').send(lines);
    },
  );
}

/** Others get their turn also where there is nothing to send for long. */
async function* exported(audit: Audit, from?: number, to?: number): AsyncGenerator<string> {
  for (const entries of audit.entries(from, to)) {
    await turn();
    if (entries.length > 0) yield entries.map(lineOf).join('');
  }
}

function lineOf({ commit, hash, ...numbered }: CommittedEvent): string {
  return `${JSON.stringify({ ...eventView(numbered), commit, hash: Buffer.from(hash).toString('hex') })}\n`;
}

type Query = Omit<Static<typeof QuerySchema>, 'before' | 'limit'>;

function filterOf({ from, to, ...rest }: Query): AuditFilter {
  return { ...rest, from: timeOf('from', from), to: timeOf('to', to) };
}

/** Epoch milliseconds. @throws CorridorError where the calendar has no such time, or nothing was recorded yet. */
function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  if (at >= 0) return at;
  throw new CorridorError('invalid_request', `${name} is no time since 1970`);
}

function readingOf(request: FastifyRequest, action: AuditAction, query: Query): AuditEvent {
  const asked = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return eventOf(request, action, 'audit', Object.fromEntries(asked));
}

function eventView({ number, event }: NumberedEvent): object {
  const { at, ...rest } = event;
  return { number, at: new Date(at).toISOString(), ...rest };
}
