import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/access/audit-event.ts';
import { Directory } from '../../src/access/directory.ts';
import { DirectoryStore } from '../../src/access/directory-store.ts';
import { registerAccess } from '../../src/access/hook.ts';
import type { Principal } from '../../src/access/principal.ts';
import { registerKeyRoutes } from '../../src/desk/key-routes.ts';
import { CorridorError } from '../../src/errors.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';

const ADMINISTRATOR: Principal = {
  ...{ subject: 'admin', name: 'admin', kind: 'person', roles: ['administrator'], scopes: null, offices: [] },
  ...{ party: null, submitters: [], credential: 'c', issuedAt: 0, expiresAt: 4_000_000_000_000 },
};
const holder = (credential: string) => ({ ...ADMINISTRATOR, credential });
const wish = { name: 'gateway', role: 'ingest', scopes: ['submit'], submitters: ['*'], days: 30 };

let nats: NatsServer;
let conn: StreamConnection;
let directory: Directory;
let server: FastifyInstance;
/** What is done when something is put on record. */
let onAppend: (event: AuditEvent) => void;
let audited: [string, string][];

beforeAll(async () => {
  nats = await startNats();
  conn = await connectStream({ url: nats.url, name: 'test' });
  await ensureTopology(conn);
});
afterAll(async () => {
  await conn.close();
  await nats.close();
});
beforeEach(async () => {
  audited = [];
  onAppend = () => undefined;
  directory = await Directory.start({
    ...{ conn, tells: true, store: new DirectoryStore(join(await temporaryFolder(), 'access')) },
    onRolesChanged: () => Promise.resolve(),
    onError: () => undefined,
  });
  server = fastify();
  server.setErrorHandler((error, _request, reply) => {
    const known = error instanceof CorridorError ? error : new CorridorError('internal', 'unexpected');
    return reply.code(known.code === 'internal' ? 500 : 400).send({ code: known.code, faults: known.faults });
  });
  registerAccess(server, { identify: () => ADMINISTRATOR });
  const append = async (...events: readonly AuditEvent[]) => {
    for (const event of events) {
      onAppend(event);
      audited.push([event.action, event.result]);
    }
  };
  registerKeyRoutes(server, { directory, audit: { append } });
});
afterEach(async () => {
  await server.close();
  await directory.stop();
});

async function ask(method: 'POST' | 'DELETE', url: string, payload?: object) {
  const headers = { authorization: 'Bearer x' };
  const answer = await server.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: answer.statusCode, body: answer.json() as Record<string, unknown> };
}

it('creates no key that submits and reads the counters, but is not shown decisions', async () => {
  const { status, body } = await ask('POST', '/v1/keys', { ...wish, scopes: ['submit', 'metrics'] });
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 'invalid_request', faults: [{ pointer: '/scopes' }] });
  for (const scopes of [['metrics'], ['submit', 'decisions', 'metrics']]) {
    expect(await ask('POST', '/v1/keys', { ...wish, scopes })).toMatchObject({ status: 201, body: { scopes } });
  }
});

it('revokes a key, a token and a subject when that is on record, not before', async () => {
  const { entry } = await directory.createKey(wish, 'admin');
  const before: boolean[] = [];
  onAppend = () => {
    const revoked = directory.key(entry.id)?.entry.revokedAt !== null;
    before.push(revoked || directory.isRevoked(holder('lost')) || directory.isRevoked(holder('other')));
  };
  const revocation = { kind: 'token', value: 'lost', reason: 'stolen' };
  expect(await ask('POST', '/v1/revocations', revocation)).toMatchObject({ status: 201 });
  expect(directory.isRevoked(holder('lost'))).toBe(true);
  expect(before).toEqual([false]);
  expect(await ask('DELETE', `/v1/keys/${entry.id}`)).toMatchObject({ status: 200, body: { revokedBy: 'admin' } });
  expect(audited).toEqual([
    ['credential.revoked', 'done'],
    ['key.revoked', 'done'],
  ]);
});

it('revokes nothing that cannot be put on record', async () => {
  const { entry } = await directory.createKey(wish, 'admin');
  onAppend = () => {
    throw new CorridorError('not_ready', 'The audit cannot be written');
  };
  expect(await ask('DELETE', `/v1/keys/${entry.id}`)).toMatchObject({ body: { code: 'not_ready' } });
  const revocation = { kind: 'subject', value: 'admin', reason: 'left' };
  expect(await ask('POST', '/v1/revocations', revocation)).toMatchObject({ body: { code: 'not_ready' } });
  expect(directory.key(entry.id)?.entry.revokedAt).toBeNull();
  expect(directory.isRevoked(ADMINISTRATOR)).toBe(false);
});

it('has nothing on record of a key that there is not', async () => {
  expect(await ask('DELETE', '/v1/keys/none')).toMatchObject({ body: { code: 'not_found' } });
  expect(audited).toEqual([]);
});
