import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { ruled } from '../access/hook.ts';
import { REASON_KINDS } from '../core/decide.ts';
import { TARGETS } from '../core/profile.ts';
import { NEXT_STEPS, PUBLIC_OUTCOMES } from '../core/public-outcome.ts';
import { VERSION_MAX } from '../limits.ts';
import { OUTCOMES } from '../wire/envelope.ts';
import { NDJSON_TYPES } from './body.ts';
import { unlimited } from './edges.ts';
import {
  answer,
  corridor,
  either,
  instant,
  listOf,
  nullable,
  object,
  problem,
  problems,
  type Schema,
  text,
} from './openapi-parts.ts';
import { DeclarationSchema, WithdrawalSchema } from './schema.ts';

/** OpenAPI 3.1 at /openapi.json, to be read at /docs; made from the schemas that the routes check against. */
export async function registerDocumentation(server: FastifyInstance, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Corridor',
        version,
        description: 'Real-time customs risk engine: every declaration down a corridor, with its reasons.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'declarations', description: 'Submit, amend, withdraw; decisions and history' },
        { name: 'transit', description: 'What a checkpoint asks' },
        { name: 'desk', description: 'What officials look at and decide on; what a trader may know of itself' },
        { name: 'operations', description: 'Health, readiness, metrics' },
      ],
    },
  });
  await server.register(
    ruled(
      'open',
      unlimited(async (scope) => void (await scope.register(swaggerUi, { routePrefix: '/docs', uiConfig: PLAIN }))),
    ),
  );
  server.get('/openapi.json', { schema: { hide: true }, config: { access: 'open' } }, (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(server.swagger())),
  );
}

/** Without the bar at the top, whose logo brings styles that the policy of pages forbids. */
const PLAIN = { layout: 'BaseLayout' };

const measure = object({ code: text, instructions: text });
const partOfReason = {
  kind: { type: 'string', enum: [...REASON_KINDS] },
  text,
  target: { type: ['string', 'null'], enum: [...TARGETS, null] },
  corridor,
  settled: corridor,
  items: listOf({ type: 'integer' }),
  values: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
  measures: listOf(measure),
};
const reason = object({ ...partOfReason, code: text, weight: { type: 'number' } });
const decision = object({
  declarationId: text,
  version: { type: 'integer' },
  corridor,
  released: { type: 'boolean' },
  score: { type: 'number', minimum: 0, maximum: 1 },
  expectedDamage: { type: 'string', description: 'KZT, decimal' },
  reasons: listOf(reason),
  measures: listOf(measure),
  policyVersion: text,
  decidedAt: instant,
});
const inspection = object({
  declarationId: text,
  version: { type: 'integer' },
  corridor,
  released: { type: 'boolean' },
  reasons: listOf(object(partOfReason)),
  measures: listOf(measure),
  decidedAt: instant,
});
const publicOutcome: Schema = { type: 'string', enum: [...PUBLIC_OUTCOMES] };
const nextStep: Schema = { type: 'string', enum: [...new Set(Object.values(NEXT_STEPS))] };
const traderOutcome = object({ declarationId: text, version: { type: 'integer' }, outcome: publicOutcome, nextStep });
const pending = object({ declarationId: text, version: { type: 'integer' }, outcome: { const: 'pending' } });
const withdrawal = object({
  declarationId: text,
  version: { type: 'integer' },
  outcome: { const: 'withdrawn' },
  reason: text,
  at: instant,
});
const outcome: Schema = { type: 'string', enum: [...OUTCOMES, 'pending'] };
const standing = { corridor: nullable(corridor), released: { type: ['boolean', 'null'] } };
const history = object({
  declarationId: text,
  version: { type: 'integer' },
  outcome,
  ...standing,
  versions: listOf(
    object({
      version: { type: 'integer' },
      outcome,
      ...standing,
      receivedAt: nullable(instant),
      decidedAt: nullable(instant),
    }),
  ),
});
const traderHistory = object({
  declarationId: text,
  version: { type: 'integer' },
  outcome: publicOutcome,
  nextStep,
  versions: listOf(object({ version: { type: 'integer' }, outcome: publicOutcome, receivedAt: nullable(instant) })),
});
const checkpoint = object({
  mrn: text,
  declarationId: text,
  version: { type: 'integer' },
  corridor,
  proceed: { type: 'boolean', description: 'Whether the movement may go on without a control here' },
  checks: listOf(measure),
  seals: listOf(text),
  officeOfDeparture: text,
  officesOfTransit: listOf(text),
  officeOfDestination: text,
  documentType: text,
  guarantee: nullable(object({ type: text, reference: text, amount: text, currency: text })),
  timeLimit: instant,
  timeLeftMinutes: { type: 'integer' },
  overdue: { type: 'boolean' },
  decidedAt: instant,
});
const line: Schema = {
  type: 'object',
  properties: { line: { type: 'integer' } },
  required: ['line'],
  anyOf: [decision, traderOutcome, object({ pending }), object({ problem })],
};

const submitterHeader: Schema = {
  type: 'object',
  properties: {
    'corridor-submitter': { type: 'string', description: 'Of machines: for whom; a trader submits for itself' },
    'x-request-id': { type: 'string', description: 'Follows the declaration through messages and logs' },
  },
};
const submitterQuery: Record<string, Schema> = {
  submitter: { type: 'string', description: 'Of officials: whose declaration it is. Nobody else need say' },
};
const idParam: Schema = { type: 'object', properties: { id: text }, required: ['id'] };

export const declarationDocs: FastifySchema = {
  summary: 'Submit a declaration, or its next version',
  description:
    'Same identity (submitter, id, version) and content: the same decision, byte for byte. Other content: 409. ' +
    'The next version is an amendment. Not decided in time: 202, and the decision is at Location.',
  tags: ['declarations'],
  headers: submitterHeader,
  body: { content: either(DeclarationSchema) },
  response: {
    200: answer('The decision; to a trader, its outcome', { anyOf: [decision, traderOutcome] }),
    202: answer('The declaration is kept and will be decided', pending),
    ...problems(400, 409, 413, 415, 422, 500, 503),
  },
};

export const batchDocs: FastifySchema = {
  summary: 'Submit declarations as NDJSON, streamed both ways',
  description: 'One declaration per line. Answers come in order, each with the number of its line.',
  tags: ['declarations'],
  headers: submitterHeader,
  body: { content: { [NDJSON_TYPES[0]]: { schema: { type: 'string' } } } },
  response: {
    200: { description: 'One answer per line', content: { [NDJSON_TYPES[0]]: { schema: line } } },
    ...problems(400, 415, 503),
  },
};

export const withdrawalDocs: FastifySchema = {
  summary: 'Withdraw a declaration that was not released',
  description: 'Takes the next version. Like goods of the same trader inherit its control.',
  tags: ['declarations'],
  headers: submitterHeader,
  params: idParam,
  body: { content: either(WithdrawalSchema) },
  response: {
    200: answer('The withdrawal', withdrawal),
    202: answer('The withdrawal is on its way', pending),
    ...problems(400, 404, 409, 413, 415, 500, 503),
  },
};

export const historyDocs: FastifySchema = {
  summary: 'Where a declaration stands, and its versions',
  tags: ['declarations'],
  headers: submitterHeader,
  params: idParam,
  querystring: { type: 'object', properties: submitterQuery },
  response: { 200: answer('Status and history', { anyOf: [history, traderHistory] }), ...problems(400, 404) },
};

export const decisionDocs: FastifySchema = {
  summary: 'The decision on one version, by default the latest',
  tags: ['declarations'],
  headers: submitterHeader,
  params: idParam,
  querystring: {
    type: 'object',
    properties: { ...submitterQuery, version: { type: 'integer', minimum: 1, maximum: VERSION_MAX } },
  },
  response: {
    200: answer('The decision, or the withdrawal', { anyOf: [decision, inspection, traderOutcome, withdrawal] }),
    202: answer('Not decided yet', pending),
    ...problems(400, 404, 500, 503),
  },
};

export const transitDocs: FastifySchema = {
  summary: 'What a checkpoint has to know of a transit movement',
  description: 'Answered from the read model, also while the message broker is away.',
  tags: ['transit'],
  params: { type: 'object', properties: { mrn: text }, required: ['mrn'] },
  response: {
    200: answer('Corridor, checks, guarantee, time left', checkpoint),
    ...problems(404),
  },
};

export const healthDocs: FastifySchema = {
  summary: 'Whether the process lives',
  tags: ['operations'],
  response: {
    200: { description: 'It does', content: { 'application/json': { schema: object({ ok: { type: 'boolean' } }) } } },
  },
};

const readiness = object({
  ready: { type: 'boolean' },
  checks: listOf(object({ name: text, ok: { type: 'boolean' }, detail: text })),
});
export const readinessDocs: FastifySchema = {
  summary: 'Whether declarations can be decided now, check by check',
  tags: ['operations'],
  response: {
    200: { description: 'Ready', content: { 'application/json': { schema: readiness } } },
    503: { description: 'Not ready', content: { 'application/json': { schema: readiness } } },
  },
};

export const metricsDocs: FastifySchema = {
  summary: 'Metrics for Prometheus',
  tags: ['operations'],
  response: { 200: { description: 'Metrics', content: { 'text/plain': { schema: text } } } },
};
