import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { type AuditPort, eventOf, onRecord } from '../access/audit-event.ts';
import { CorridorError } from '../errors.ts';
import { acceptor } from '../ingress/accept.ts';
import { send } from '../ingress/request.ts';
import { COMMENT_LENGTH_MAX, LIST_UPLOAD_SHOWN_MAX, LISTED_ROWS_MAX } from '../limits.ts';
import type { Cells } from '../policies/list-text.ts';
import { ListText } from '../policies/list-text.ts';
import type { Lists } from '../policies/lists.ts';
import { parseInstant } from '../profiles/yaml-reader.ts';
import { subjectOf } from './draft-routes.ts';
import { FILE_BODY, mustBeText, withTextBodies } from './text-bodies.ts';

export interface ListRoutesDeps {
  readonly lists: Lists;
  readonly audit: AuditPort;
}

const CLOSED = { additionalProperties: false };
const cell = Type.Union([Type.String({ maxLength: 1000 }), Type.Number(), Type.Boolean(), Type.Null()]);
const reason = Type.String({ minLength: 1, maxLength: COMMENT_LENGTH_MAX, pattern: '\\S', description: 'why' });
const day = Type.String({ maxLength: 40, description: 'a date like 2026-01-31, or an instant' });

const RowsSchema = Type.Object(
  {
    rows: Type.Array(Type.Record(Type.String(), cell, { description: 'column → cell' }), {
      minItems: 1,
      maxItems: LISTED_ROWS_MAX,
    }),
    reason,
    validFrom: Type.Optional(day),
    validUntil: Type.Optional(day),
    replace: Type.Optional(Type.Boolean({ description: 'in place of the rows of the same keys' })),
  },
  { ...CLOSED, title: 'ListRows' },
);
const RemovalSchema = Type.Object(
  {
    rows: Type.Array(
      Type.Record(Type.String(), cell, { minProperties: 1, description: 'cells that a row must have' }),
      {
        minItems: 1,
        maxItems: LISTED_ROWS_MAX,
      },
    ),
    reason,
  },
  { ...CLOSED, title: 'ListRowsRemoved' },
);
const acceptRows = acceptor(RowsSchema, 'The rows');
const acceptRemoval = acceptor(RemovalSchema, 'The request');

/** Lists of the policy, which change on their own. */
export function registerListRoutes(server: FastifyInstance, { lists, audit }: ListRoutesDeps): void {
  const read = { access: 'profiles' } as const;
  const write = { access: 'lists' } as const;
  const docs = (summary: string, body?: object) => ({
    summary,
    tags: ['lists'],
    ...(body === undefined ? {} : { body }),
  });

  server.get('/v1/lists', { config: read, schema: docs('Lists of the active policy') }, async (request, reply) =>
    send(request, reply, { lists: await lists.all() }),
  );

  server.get(
    '/v1/lists/:name',
    { config: read, schema: docs('A list with its rows, ?q= those with a text; Accept: text/csv gives its file') },
    async (request, reply) => {
      const { text, digest, ...list } = await lists.read(nameOf(request));
      reply.header('etag', `"${digest}"`).header('vary', 'accept');
      if (request.headers.accept?.includes('text/csv') === true) {
        const disposition = `attachment; filename="${nameOf(request)}.csv"`;
        return reply.type('text/csv; charset=utf-8').header('content-disposition', disposition).send(text);
      }
      const { skip, take } = pageOf(request);
      const found = foundIn(list.rows, textOfQuery(request, 'q'));
      const rows = found.slice(skip, skip + take).map((row) => ({ cells: row, state: stateOf(row, Date.now()) }));
      return send(request, reply, { name: nameOf(request), ...list, digest, total: found.length, skip, rows });
    },
  );

  withTextBodies(server, (scope) => {
    scope.put(
      '/v1/lists/:name',
      { config: write, schema: docs('Upload a list as CSV, with ?reason=; ?dryRun=1 only compares'), ...FILE_BODY },
      async (request, reply) => {
        const [dryRun, why] = [textOfQuery(request, 'dryRun'), textOfQuery(request, 'reason')];
        const text = mustBeText(request.body);
        const preview = await lists.preview(nameOf(request), text);
        const view = {
          added: { rows: preview.added.slice(0, LIST_UPLOAD_SHOWN_MAX), total: preview.added.length },
          removed: { rows: preview.removed.slice(0, LIST_UPLOAD_SHOWN_MAX), total: preview.removed.length },
          same: preview.same,
          problems: preview.problems,
        };
        if (dryRun === '1') return send(request, reply, view);
        if (why.trim() === '') throw new CorridorError('invalid_request', 'Say why: ?reason=');
        const version = await change(request, { did: 'uploaded' }, why, () => text);
        return send(request, reply, { version, ...view });
      },
    );
  });

  server.post(
    '/v1/lists/:name/rows',
    { config: write, schema: docs('Add rows, with reason and validity', RowsSchema) },
    (request, reply) => {
      const { rows, replace = false, reason: why, ...life } = acceptRows(request.body);
      const cells = rows.map((row) => ({ ...life, reason: why, ...textsOf(row) }));
      return edit(request, reply, { did: 'rows added', rows: rows.length }, why, (text) => added(text, cells, replace));
    },
  );

  server.delete(
    '/v1/lists/:name/rows',
    { config: write, schema: docs('Remove the rows that have these cells', RemovalSchema) },
    (request, reply) => {
      const { rows, reason: why } = acceptRemoval(request.body);
      const cells = rows.map(textsOf);
      return edit(request, reply, { did: 'rows removed', rows: rows.length }, why, (text) => removed(text, cells));
    },
  );

  async function edit(
    request: FastifyRequest,
    reply: FastifyReply,
    detail: Record<string, string | number>,
    why: string,
    change_: (text: string) => string,
  ): Promise<FastifyReply> {
    const version = await change(request, detail, why, (text) => {
      if (text === null) throw new CorridorError('not_found', 'There is no such list');
      return change_(text);
    });
    return send(request, reply, { version });
  }

  function change(
    request: FastifyRequest,
    detail: Record<string, string | number>,
    why: string,
    act: (text: string | null) => string,
  ): Promise<string> {
    const event = eventOf(request, 'list.changed', nameOf(request), { ...detail, reason: why });
    const expected = digestIn(request);
    return onRecord(audit, event, () => lists.change(nameOf(request), expected, act, subjectOf(request), why));
  }
}

function nameOf(request: FastifyRequest): string {
  return (request.params as { name: string }).name;
}

/** Of the content that was edited; null: whichever there is. @throws CorridorError `invalid_request` */
function digestIn({ headers }: FastifyRequest): string | null {
  const given = headers['if-match'] ?? '*';
  if (given === '*') return null;
  const [, digest] = /^"?([0-9a-f]{16})"?$/.exec(given) ?? [];
  if (digest === undefined) throw new CorridorError('invalid_request', 'If-Match must be the digest of the list');
  return digest;
}

/** One that is there twice is refused. */
function textOfQuery({ query }: FastifyRequest, name: string): string {
  const value = (query as Readonly<Record<string, unknown>>)[name] ?? '';
  if (typeof value === 'string') return value;
  throw new CorridorError('invalid_request', `${name} must be there once`);
}

function textsOf(row: Static<typeof RowsSchema>['rows'][number]): Cells {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [column, value === null ? '' : String(value)]),
  );
}

function added(text: string, rows: readonly Cells[], replace: boolean): string {
  const list = new ListText('rows', text);
  const keys = list.columns.filter(({ key }) => key).map(({ name }) => name);
  if (replace && keys.length === 0) throw new CorridorError('invalid_request', 'The rows of this list have no keys');
  if (!replace) return list.with(rows);
  const same = rows.map((row): Cells => Object.fromEntries(keys.map((key) => [key, row[key] ?? ''])));
  return new ListText('rows', list.without(same).text).with(rows);
}

function removed(text: string, rows: readonly Cells[]): string {
  const { text: left, missing } = new ListText('rows', text).without(rows);
  const [first] = missing;
  if (first === undefined) return left;
  throw new CorridorError('not_found', `No row of this list has ${Object.values(first).join(', ')}`);
}

/** Rows that have the text in one of their cells, however it is spelt. */
function foundIn(rows: readonly Cells[], wanted: string): readonly Cells[] {
  const text = wanted.trim().toLowerCase();
  if (text === '') return rows;
  return rows.filter((row) => Object.values(row).some((cell) => cell.toLowerCase().includes(text)));
}

/** Whether a row holds now. */
function stateOf({ validFrom = '', validUntil = '' }: Cells, now: number): 'holds' | 'ahead' | 'over' {
  if (validFrom !== '' && (parseInstant(validFrom) ?? 0) > now) return 'ahead';
  return validUntil !== '' && (parseInstant(validUntil) ?? 0) <= now ? 'over' : 'holds';
}

function pageOf({ query }: FastifyRequest): { skip: number; take: number } {
  const { skip = '0', take = String(LISTED_ROWS_MAX) } = query as { skip?: string; take?: string };
  if (!/^\d{1,7}$/.test(skip) || !/^\d{1,7}$/.test(take)) {
    throw new CorridorError('invalid_request', 'skip and take must be whole numbers');
  }
  return { skip: Number(skip), take: Math.min(Number(take), LISTED_ROWS_MAX) };
}
