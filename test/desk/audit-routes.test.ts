import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type Audit, LOOK_SLICE, openAudit } from '../../src/access/audit.ts';
import { verifyAudit } from '../../src/access/audit-verify.ts';
import { registerAccess } from '../../src/access/hook.ts';
import type { Principal } from '../../src/access/principal.ts';
import type { Role } from '../../src/access/roles.ts';
import { registerAuditRoutes } from '../../src/desk/audit-routes.ts';
import { ERRORS } from '../../src/errors.ts';
import { asCorridorError, problemOf } from '../../src/ingress/problem.ts';
import { AT, auditEvent } from '../access/events.ts';
import { temporaryFolder } from '../helpers/folder.ts';

const MINUTE_MS = 60_000;

let dir: string;
let audit: Audit;
let server: FastifyInstance;

beforeEach(async () => {
  dir = join(await temporaryFolder(), 'audit');
  audit = openAudit(dir);
  server = fastify();
  server.setValidatorCompiler(() => () => true);
  server.setSerializerCompiler(() => JSON.stringify);
  server.setErrorHandler((error, request, reply) => {
    const known = asCorridorError(error);
    return reply.code(ERRORS[known.code].status).send(problemOf(known, request.id));
  });
  registerAccess(server, { identify: (credential) => somebody(credential as Role) });
  registerAuditRoutes(server, { audit });
  await server.ready();
  onTestFinished(async () => {
    await server.close();
    await audit.close();
  });
});

/** Whoever shows the name of a role has it. */
function somebody(role: Role): Principal {
  return {
    ...{ subject: `a-${role}`, name: role, kind: 'person', roles: [role], scopes: null, offices: 'all', party: null },
    ...{ submitters: [], credential: role, issuedAt: 0, expiresAt: Number.MAX_SAFE_INTEGER },
  };
}

const get = (url: string, role: Role = 'auditor') =>
  server.inject({ method: 'GET', url, headers: { authorization: `Bearer ${role}` } });

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

it('answers auditors page by page, the newest first, and records that they read', async () => {
  for (let n = 0; n < 7; n++) await audit.append(auditEvent(`T${n % 2}`, { at: AT + n * MINUTE_MS }));
  const first = (await get('/v1/audit?target=T0&limit=3')).json();
  expect(first.events.map(({ number }: { number: number }) => number)).toEqual([7, 5, 3]);
  expect(first.events[0]).toEqual({ number: 7, ...auditEvent('T0'), at: new Date(AT + 6 * MINUTE_MS).toISOString() });
  const second = (await get(`/v1/audit?target=T0&limit=3&before=${first.before}`)).json();
  expect(second.events.map(({ number }: { number: number }) => number)).toEqual([1]);
  expect(second.before).toBeNull();

  const reads = (await get('/v1/audit?action=audit.read')).json();
  expect(reads.events).toHaveLength(2);
  expect(reads.events[0]).toMatchObject({ subject: 'a-auditor', roles: ['auditor'], detail: { target: 'T0' } });
});

it('narrows by time, subject and action', async () => {
  for (let n = 0; n < 6; n++) {
    const [subject, action] = [`S${n % 2}`, n < 3 ? 'party.read' : 'status.read'] as const;
    await audit.append(auditEvent('x', { at: AT + n * MINUTE_MS, subject, action }));
  }
  const [from, to] = [1, 5].map((n) => new Date(AT + n * MINUTE_MS).toISOString());
  const numbers = async (query: string) =>
    (await get(`/v1/audit?${query}`)).json().events.map(({ number }: { number: number }) => number);
  expect(await numbers(`from=${from}&to=${to}`)).toEqual([5, 4, 3, 2]);
  expect(await numbers(`from=${from}&to=${to}&subject=S0`)).toEqual([5, 3]);
  expect(await numbers(`from=${from}&to=${to}&subject=S0&action=status.read`)).toEqual([5]);
});

it('exports a line for each entry, as the chain has it', async () => {
  for (let n = 0; n < 1000; n += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => audit.append(auditEvent(`T${n + i}`, { at: AT + n + i }))));
  }
  const all = await get('/v1/audit/export');
  expect(all.headers['content-type']).toContain('application/x-ndjson');
  const exported = lines(all.body);
  expect(exported.map(({ number }) => number)).toEqual(Array.from({ length: 1001 }, (_, n) => n + 1));
  expect(exported.at(-1)).toMatchObject({ action: 'audit.exported', subject: 'a-auditor' });
  const held = [...audit.entries()].flat().map(({ commit, hash }) => [commit, Buffer.from(hash).toString('hex')]);
  expect(exported.map(({ commit, hash }) => [commit, hash])).toEqual(held.slice(0, 1001));
  const [from, to] = [10, 20].map((ms) => new Date(AT + ms).toISOString());
  expect(lines((await get(`/v1/audit/export?from=${from}&to=${to}`)).body)).toHaveLength(10);
  expect(verifyAudit(dir)).toMatchObject({ ok: true });
});

it('lets others have their turn while an export looks at what it does not tell', async () => {
  await audit.append(...Array.from({ length: LOOK_SLICE * 3 }, (_, n) => auditEvent(`T${n}`, { at: AT + n })));
  let turns = 0;
  let counted = setImmediate(function count() {
    turns += 1;
    counted = setImmediate(count);
  });
  const walk = audit.entries.bind(audit);
  const seen: number[] = [];
  vi.spyOn(audit, 'entries').mockImplementation(function* (from, to) {
    for (const slice of walk(from, to)) {
      seen.push(turns);
      yield slice;
    }
  });
  const from = new Date(AT + LOOK_SLICE * 3).toISOString();
  const to = new Date(AT + LOOK_SLICE * 3 + 1).toISOString();
  expect((await get(`/v1/audit/export?from=${from}&to=${to}`)).body).toBe('');
  clearImmediate(counted);
  expect(seen).toHaveLength(4);
  expect(new Set(seen).size).toBe(4);
});

it('refuses others, and queries that it cannot read', async () => {
  for (const role of ['head', 'administrator', 'declarant', 'ingest'] as const) {
    for (const url of ['/v1/audit', '/v1/audit/export']) expect((await get(url, role)).statusCode).toBe(403);
  }
  const wrong = [
    'action=nothing',
    'from=yesterday',
    'from=2026-13-45',
    'to=1969-01-01',
    'before=0',
    'limit=0',
    'who=me',
  ];
  for (const query of wrong) {
    const answer = await get(`/v1/audit?${query}`);
    expect([query, answer.statusCode]).toEqual([query, 400]);
    expect(answer.json().code).toBe('invalid_request');
  }
  expect([...audit.entries()].flat()).toEqual([]);
});
