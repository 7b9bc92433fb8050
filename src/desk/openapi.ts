import type { FastifySchema } from 'fastify';
import { Type } from 'typebox';
import { ROLES } from '../access/roles.ts';
import { RULES } from '../access/rules.ts';
import { CORRIDORS } from '../core/corridor.ts';
import { PARTY_ROLES } from '../core/declaration.ts';
import { CATEGORIES } from '../core/facts.ts';
import {
  answer,
  corridor,
  either,
  instant,
  listOf,
  nullable,
  object,
  problems,
  type Schema,
  text,
} from '../ingress/openapi-parts.ts';
import { LATEST_KEPT, LATEST_SHOWN, OVERVIEW_OFFICES_MAX, OVERVIEW_SERIES_S } from '../limits.ts';
import { OverrideSchema, UndoSchema } from './party-bodies.ts';

const integer: Schema = { type: 'integer' };
const number: Schema = { type: 'number' };
const boolean: Schema = { type: 'boolean' };
const category: Schema = { type: 'string', enum: [...CATEGORIES] };
const categoryOrNull: Schema = { type: ['string', 'null'], enum: [...CATEGORIES, null] };
const kzt: Schema = { type: 'string', description: 'KZT, decimal' };
const shares: Schema = {
  ...object(Object.fromEntries(CORRIDORS.map((name) => [name, { type: 'number', minimum: 0, maximum: 100 }]))),
  description: 'Percent',
};

const overview = object({
  at: instant,
  decisions: object({
    total: { ...integer, description: 'Since this process started' },
    perSecond: { ...number, description: 'In the last whole second' },
  }),
  shares: { ...shares, description: 'Percent of the last hour' },
  plan: nullable(shares),
  latencyMs: { ...object({ p50: number, p99: number }), description: 'Of the latest answers of this process' },
  offices: { ...listOf(object({ office: text, decisions: integer, shares })), maxItems: OVERVIEW_OFFICES_MAX },
  alerts: listOf(
    object(
      {
        name: text,
        severity: { type: 'string', enum: ['warning', 'critical'] },
        since: instant,
        text,
        values: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
      },
      ['values'],
    ),
  ),
  series: {
    ...listOf({ type: 'array', items: number, minItems: 4, maxItems: 4 }),
    maxItems: OVERVIEW_SERIES_S,
    description: 'A second each, ascending: seconds since 1970, decisions, p50 and p99 in milliseconds',
  },
});
const tags = ['desk'];

export const meDocs: FastifySchema = {
  summary: 'Who you are and what you may do',
  tags,
  response: {
    200: answer(
      'As the token or key says',
      object({
        subject: text,
        name: text,
        roles: listOf({ type: 'string', enum: [...ROLES] }),
        offices: { anyOf: [listOf(text), { const: 'all' }] },
        party: nullable(text),
        expiresAt: instant,
        may: listOf({ type: 'string', enum: Object.keys(RULES) }),
      }),
    ),
    ...problems(401),
  },
};

export const overviewDocs: FastifySchema = {
  summary: 'Decisions of the last hour, shares against plan, latency, offices, alerts',
  description: 'A head of office sees the shares of its own offices.',
  tags,
  response: { 200: answer('The overview', overview), ...problems(401, 403) },
};

export const eventsDocs: FastifySchema = {
  summary: 'The same each second, as server-sent events',
  description: 'Events `overview`, whose series holds the newest point only. Ends when the token does.',
  tags,
  response: {
    200: { description: 'The stream', content: { 'text/event-stream': { schema: text } } },
    ...problems(401, 403, 503),
  },
};

const anyCorridor = CORRIDORS.join('|');

export const LatestQuery = Type.Object(
  {
    corridor: Type.Optional(
      Type.String({
        pattern: `^(${anyCorridor})(,(${anyCorridor})){0,${CORRIDORS.length - 1}}$`,
        description: 'one or more, with commas: `yellow,red`',
      }),
    ),
    office: Type.Optional(
      Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,15}$', description: 'code of the customs office' }),
    ),
  },
  { additionalProperties: false, title: 'LatestQuery' },
);

export const latestDocs: FastifySchema = {
  summary: 'The newest decisions',
  description: `Of the newest ${LATEST_KEPT} since the start of this process, and the newest ${LATEST_KEPT} that are yellow or red.`,
  tags,
  querystring: LatestQuery,
  response: {
    200: answer(
      `At most ${LATEST_SHOWN}, the newest first`,
      object({
        decisions: listOf(
          object({
            declarationId: text,
            version: integer,
            submitter: text,
            office: text,
            corridor,
            decidedAt: instant,
          }),
        ),
      }),
    ),
    ...problems(400, 401, 403),
  },
};

const idParam: Schema = { type: 'object', properties: { id: text }, required: ['id'] };
const override = object({ category, from: instant, until: instant });
const change = object({
  at: instant,
  by: text,
  category: categoryOrNull,
  reason: nullable(text),
  until: nullable(instant),
});
const role: Schema = { type: 'string', enum: [...PARTY_ROLES] };
const roleOfParty = object({
  role,
  category,
  known: boolean,
  importedCategory: categoryOrNull,
  authorisedOperator: boolean,
  openViolations: integer,
  arrears: kzt,
  override: nullable(override),
  history: listOf(change),
});

export const partyDocs: FastifySchema = {
  summary: 'What is known of a party, by role',
  tags,
  params: idParam,
  response: {
    200: answer('As a decision would take it now', object({ partyId: text, roles: listOf(roleOfParty) })),
    ...problems(401, 403, 404),
  },
};

export const indicatorsDocs: FastifySchema = {
  summary: 'The two indicators that a party may know of itself',
  tags,
  params: idParam,
  response: {
    200: answer(
      'Liability for customs violations, and arrears',
      object({ partyId: text, liability: boolean, arrears: boolean, asOf: instant }),
    ),
    ...problems(401, 403, 404),
  },
};

const overridden = answer(
  'In force',
  object({
    partyId: text,
    role,
    category: categoryOrNull,
    reason: text,
    from: instant,
    until: instant,
    by: text,
  }),
);

export const overrideDocs: FastifySchema = {
  summary: 'Set a category in place of the imported one, for a time',
  description: 'For declarations received from now on and before `until`; then what was imported meanwhile holds.',
  tags,
  params: idParam,
  body: { content: either(OverrideSchema) },
  response: { 200: overridden, ...problems(400, 401, 403, 404, 415, 503) },
};

export const undoDocs: FastifySchema = {
  summary: 'Undo an override',
  tags,
  params: idParam,
  body: { content: either(UndoSchema) },
  response: { 200: overridden, ...problems(400, 401, 403, 404, 415, 503) },
};
