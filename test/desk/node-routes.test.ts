import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import type { Role } from '../../src/access/roles.ts';
import { type Started, startWith } from '../helpers/started.ts';
import { until } from '../helpers/until.ts';

let started: Started;

beforeAll(async () => {
  started = await startWith(join(import.meta.dirname, '../helpers/policy'));
});
afterAll(() => started.close());

interface Nodes {
  readonly active: string;
  readonly share: { readonly version: string; readonly percent: number; readonly launch: string } | null;
  readonly nodes: readonly {
    readonly active: string;
    readonly challenger: string | null;
    readonly contactAt: string;
  }[];
}

async function as(role: Role, line: string, body?: unknown): Promise<{ status: number; body: Nodes }> {
  const [method = '', path = ''] = line.split(' ');
  const token = await started.service.devIssuer?.sign(devUser(role), 3_600_000);
  const answer = await fetch(`${started.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: JSON.parse(await answer.text()) as Nodes };
}

const nodes = async (): Promise<Nodes> => (await as('auditor', 'GET /v1/nodes')).body;

it('shows who decides by what; a version gets a share, which grows and ends, on record', async () => {
  const { active: first } = await nodes();
  expect(await nodes()).toMatchObject({ share: null, nodes: [{ active: first, challenger: null }] });
  const unknown = await as('approver', 'POST /v1/policies/none-000000000000/share', { percent: 5, reason: 'try' });
  expect(unknown.status).toBe(404);
  const itself = await as('approver', `POST /v1/policies/${first}/share`, { percent: 5, reason: 'try' });
  expect(itself.status).toBe(409);
  const none = await as('approver', 'DELETE /v1/share');
  expect(none.status).toBe(404);

  const version = await otherVersion();
  const share = (percent: number) =>
    as('approver', `POST /v1/policies/${first}/share`, { percent, reason: 'is it better?' });
  expect((await share(5)).body).toMatchObject({ activated: true, share: { version: first, percent: 5 } });
  await until(async () => (await nodes()).nodes[0]?.challenger === first);
  const { launch } = (await nodes()).share ?? {};
  expect((await share(2)).status).toBe(409);
  expect((await share(40)).body).toMatchObject({ share: { percent: 40, launch } });
  expect((await as('approver', 'DELETE /v1/share')).body).toMatchObject({ activated: true, share: null });
  await until(async () => (await nodes()).nodes[0]?.challenger === null);
  expect((await share(100)).status).toBe(200);
  expect(version).not.toBe(first);
  expect((await nodes()).active).toBe(first);
  const audited = await as('auditor', `GET /v1/audit?action=share.changed`);
  expect(JSON.stringify(audited.body)).toContain('is it better?');
});

/** Active from then on: the first one with another row in a list. */
async function otherVersion(): Promise<string> {
  const rows = { rows: [{ words: 'odds and ends' }], reason: 'vague' };
  expect((await as('analyst', 'POST /v1/lists/vague_words/rows', rows)).status).toBe(200);
  return (await nodes()).active;
}
