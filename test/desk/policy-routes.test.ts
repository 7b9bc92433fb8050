import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import type { Role } from '../../src/access/roles.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { type Started, startWith } from '../helpers/started.ts';

let started: Started;
let first = '';

beforeAll(async () => {
  started = await startWith(join(import.meta.dirname, '../helpers/policy'));
  first = (await as('auditor', 'GET /v1/policies')).body.active as string;
});
afterAll(() => started.close());

async function as(role: Role, line: string, body?: unknown, more: Readonly<Record<string, string>> = {}) {
  const [method = '', path = ''] = line.split(' ');
  const token = await started.service.devIssuer?.sign(devUser(role), 3_600_000);
  const answer = await fetch(`${started.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: answer.status,
    body: JSON.parse((await answer.text()) || '{}') as Readonly<Record<string, unknown>>,
  };
}

it('a version says who made it, what it holds and when it decided', async () => {
  const { body } = await as('auditor', `GET /v1/policies/${first}`);
  expect(body).toMatchObject({ version: first, active: true, source: 'folder', parent: null, emergency: false });
  expect(body.files).toContain('profiles/UV-001.yaml');
  expect(body.activations).toHaveLength(1);
  const files = (await as('auditor', `GET /v1/policies/${first}/files`)).body.files;
  expect(files).toEqual(fixtureBundle().files);
  expect((await as('auditor', 'GET /v1/policies/none-1')).status).toBe(404);
});

it('a version of before decides again where somebody says why', async () => {
  const rows = { rows: [{ words: 'misc goods' }], reason: 'seen often' };
  const { version } = (await as('analyst', 'POST /v1/lists/vague_words/rows', rows)).body;
  const diff = (await as('auditor', `GET /v1/policies/${version}/diff`)).body;
  expect(diff).toMatchObject({ before: first, after: version, changes: [{ file: 'lists/vague_words.csv' }] });
  const back = (await as('auditor', `GET /v1/policies/${first}/diff?against=${version}`)).body;
  expect(JSON.stringify(back.changes)).toContain('misc goods');
  expect((await as('approver', `POST /v1/policies/${first}/activate`, {})).status).toBe(400);
  const done = await as('approver', `POST /v1/policies/${first}/activate`, { reason: 'too wide' });
  expect(done.body).toMatchObject({ activated: true, version: first });
  const { active, activations } = (await as('auditor', 'GET /v1/policies')).body;
  expect([active, (activations as object[])[0]]).toEqual([
    first,
    expect.objectContaining({ version: first, by: 'dev-approver', reason: 'too wide' }),
  ]);
  expect((await as('approver', 'POST /v1/policies/none-1/activate', { reason: 'x' })).status).toBe(404);
});

it('a version that was kept, then refused, is not made the policy by whoever only publishes', async () => {
  const rows = { rows: [{ words: 'other goods' }], reason: 'seen often' };
  await as('analyst', 'POST /v1/lists/vague_words/rows', rows);
  await as('approver', `POST /v1/policies/${first}/share`, { percent: 5, reason: 'is it better?' });
  const text = fixtureBundle().files['profiles/UV-001.yaml']?.replace(/^weight:.*$/m, 'weight: 0.9') ?? '';
  const changes = { 'profiles/UV-001.yaml': text };
  const { id } = (await as('expert', 'POST /v1/drafts', { title: 'at once', changes })).body;
  await as('expert', `PUT /v1/drafts/${id}`, { launch: { percent: 10 } }, { 'if-match': '1' });
  // Another version has a share: the emergency comes to nothing, and its version stays behind.
  expect((await as('head', `POST /v1/drafts/${id}/emergency`, { reason: 'now' })).status).toBe(409);
  await as('approver', 'DELETE /v1/share');
  const versions = (await as('auditor', 'GET /v1/policies')).body.versions as { version: string; source: string }[];
  const left = versions.find(({ source }) => source === 'emergency')?.version;
  expect(left).toBeDefined();
  const activated = await as('approver', `POST /v1/policies/${left}/activate`, { reason: 'why not' });
  expect([activated.status, activated.body.detail]).toEqual([409, expect.stringContaining('Nobody has approved')]);
  expect((await as('approver', `POST /v1/policies/${left}/share`, { percent: 5, reason: 'why not' })).status).toBe(409);
});
