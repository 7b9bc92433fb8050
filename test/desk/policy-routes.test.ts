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

async function as(role: Role, line: string, body?: unknown) {
  const [method = '', path = ''] = line.split(' ');
  const token = await started.service.devIssuer?.sign(devUser(role), 3_600_000);
  const answer = await fetch(`${started.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
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
