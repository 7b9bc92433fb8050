import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import type { Role } from '../../src/access/roles.ts';
import { declarationInput } from '../helpers/declaration.ts';
import { type Started, startWith } from '../helpers/started.ts';
import { until } from '../helpers/until.ts';

/** The audit of a whole service: what each of these does is there, by whom and to what, before it is answered. */
let rules: string;
let started: Started;

interface AuditedEvent {
  readonly number: number;
  readonly action: string;
  readonly subject: string;
  readonly target: string;
  readonly result: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

beforeAll(async () => {
  rules = await mkdtemp(join(tmpdir(), 'corridor-rules-'));
  await cp(join(import.meta.dirname, '../helpers/policy'), rules, { recursive: true });
  started = await startWith(rules);
  const answer = await ask('ingest', 'POST', '/v1/declarations', declarationInput({ id: 'AUD-1', office: '55401' }));
  expect(answer.status).toBe(200);
});
afterAll(async () => {
  await started.close();
  await rm(rules, { recursive: true, force: true });
});

async function ask(role: Role | null, method: string, path: string, body?: unknown) {
  const token = role === null ? null : await started.service.devIssuer?.sign(devUser(role), 3_600_000);
  const answer = await fetch(`${started.url}${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** What the auditor finds, the newest first. */
async function audited(query: string): Promise<AuditedEvent[]> {
  const { status, text } = await ask('auditor', 'GET', `/v1/audit?${query}`);
  expect(status, text).toBe(200);
  return (JSON.parse(text) as { events: AuditedEvent[] }).events;
}

const DECISION = '/v1/declarations/AUD-1/decision?submitter=local';

it('tells who read a decision, its status, and the answer that showed it to a machine', async () => {
  expect((await ask('inspector', 'GET', DECISION)).status).toBe(200);
  expect((await ask('head', 'GET', '/v1/declarations/AUD-1?submitter=local')).status).toBe(200);
  const target = 'local/AUD-1/1';
  const reads = () => audited(`action=decision.read&target=${encodeURIComponent(target)}`);
  await until(async () => (await reads()).length >= 2);
  expect((await reads()).sort((a, b) => (a.subject < b.subject ? 1 : -1))).toMatchObject([
    { subject: 'dev-inspector', target, result: 'done', detail: { view: 'inspection' } },
    { subject: 'dev-ingest', target, result: 'done', detail: { view: 'full' } },
  ]);
  expect(await audited('action=status.read')).toMatchObject([{ subject: 'dev-head' }]);
});

it('does not grow by what a declarant asks of its own', async () => {
  const { number: before = 0 } = (await audited('limit=1'))[0] ?? {};
  expect((await ask('declarant', 'GET', '/v1/declarations/none')).status).toBe(404);
  const { number: after = 0 } = (await audited('limit=1'))[0] ?? {};
  // Its roles, seen for the first time, and the question before.
  expect(after - before).toBeLessThanOrEqual(2);
});

it('tells every refusal: of a role, of another office, of nobody', async () => {
  expect((await ask('administrator', 'GET', DECISION)).status).toBe(403);
  const elsewhere = declarationInput({ id: 'AUD-2', office: '50430' });
  expect((await ask('ingest', 'POST', '/v1/declarations', elsewhere)).status).toBe(200);
  expect((await ask('inspector', 'GET', '/v1/declarations/AUD-2/decision?submitter=local')).status).toBe(404);
  expect((await ask(null, 'GET', DECISION)).status).toBe(401);
  await until(async () => (await audited('action=request.refused')).length >= 3);
  const refused = await audited('action=request.refused');
  expect(refused.map(({ subject, target, detail }) => [subject, target, detail.code, detail.path])).toEqual(
    expect.arrayContaining([
      ['dev-administrator', 'decision', 'forbidden', '/v1/declarations/AUD-1/decision'],
      ['dev-inspector', 'decision', 'not_found', '/v1/declarations/AUD-2/decision'],
      ['127.0.0.1', 'decision', 'unauthenticated', undefined],
    ]),
  );
});

it('tells who made and revoked keys, refused tokens, overrode a category', async () => {
  const wish = { name: 'audited', role: 'checkpoint', scopes: ['transit'], days: 1 };
  const { id } = JSON.parse((await ask('administrator', 'POST', '/v1/keys', wish)).text) as { id: string };
  expect((await ask('administrator', 'DELETE', `/v1/keys/${id}`)).status).toBe(200);
  const revocation = { kind: 'token', value: 'stolen', reason: 'lost' };
  expect((await ask('administrator', 'POST', '/v1/revocations', revocation)).status).toBe(201);
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const override = { role: 'importer', category: 'high', reason: 'found twice', until };
  expect((await ask('analyst', 'PUT', '/v1/parties/123456789012/category', override)).status).toBeLessThan(300);
  const by = async (action: string) =>
    (await audited(`action=${action}`)).map(({ subject, target }) => [subject, target]);
  expect(await by('key.created')).toEqual([['dev-administrator', `key:${id}`]]);
  expect(await by('key.revoked')).toEqual([['dev-administrator', `key:${id}`]]);
  expect(await by('credential.revoked')).toEqual([['dev-administrator', 'stolen']]);
  expect((await by('category.overridden'))[0]?.[0]).toBe('dev-analyst');
  expect(JSON.stringify(await audited('action=category.overridden'))).not.toMatch(/high|found twice/);
});

it('tells that the policy and a list changed, and who came with which roles', async () => {
  await appendFile(join(rules, 'lists', 'vague_words.csv'), 'thingummy\n');
  await started.service.reloadPolicy();
  await until(async () => (await audited('action=policy.activated')).length === 2);
  expect((await audited('action=policy.activated'))[0]).toMatchObject({ detail: { files: 1, lists: 1 } });
  expect((await audited('action=list.changed'))[0]).toMatchObject({ target: 'vague_words.csv' });
  expect((await audited('action=role.changed')).map(({ subject }) => subject)).toEqual(
    expect.arrayContaining(['dev-inspector', 'dev-auditor', 'dev-ingest']),
  );
});

it('is itself audited, and leaves as NDJSON that names commit and hash', async () => {
  const { status, text } = await ask('auditor', 'GET', '/v1/audit/export');
  expect(status).toBe(200);
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { number: number; commit: number; hash: string });
  expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 1));
  expect(lines.every(({ commit, hash }) => commit >= 1 && /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  expect((await audited('action=audit.exported')).length).toBe(1);
  expect((await audited('action=audit.read')).length).toBeGreaterThan(3);
});
