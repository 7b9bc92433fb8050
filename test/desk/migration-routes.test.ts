import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import type { Role } from '../../src/access/roles.ts';
import type { MigrationReport } from '../../src/policies/migration.ts';
import { type Started, startWith } from '../helpers/started.ts';
import { workbook } from '../helpers/workbook.ts';

let started: Started;

beforeAll(async () => {
  started = await startWith(join(import.meta.dirname, '../helpers/policy'));
});
afterAll(() => started.close());

const HEAD = ['id', 'title', 'target', 'corridor', 'measures', 'instructions', 'weight', 'hsCode'];
const TABLE = workbook([
  HEAD,
  ['T-1', 'A rule', 'undervaluation', 'yellow', 'documentary_check', 'Look.', 0.4, 'startsWith("61")'],
  ['T-2', 'Another', 'undervaluation', 'yellow', 'documentary_check', 'Look.', 0.4, 'near("61")'],
]);
const CRITERIA = 'If ComCod = "080810" Then RedLane IS 100; GreenLane IS 1; Endif;';

async function fetchAs(role: Role, path: string, body?: unknown): Promise<Response> {
  const token = await started.service.devIssuer?.sign(devUser(role), 3_600_000);
  return fetch(`${started.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

interface Answer {
  readonly draft: string | null;
  readonly report: MigrationReport;
  readonly detail?: string;
}

async function send(
  body: Readonly<Record<string, unknown>>,
  role: Role = 'expert',
): Promise<{ status: number; body: Answer; location: string | null }> {
  const answer = await fetchAs(role, '/v1/migrations', { title: 'taken over', ...body });
  return { status: answer.status, body: (await answer.json()) as Answer, location: answer.headers.get('location') };
}

const base64 = (content: string | Buffer) => Buffer.from(content).toString('base64');

describe('rules of another system', () => {
  it('of a workbook become a draft, with a report', async () => {
    const { status, body, location } = await send({ kind: 'table-xlsx', content: base64(TABLE) });
    expect(status).toBe(201);
    expect(location).toBe(`/v1/drafts/${body.draft}`);
    expect(body.report.read).toEqual([{ id: 'T-1', title: 'A rule', line: 2, tests: 2 }]);
    expect(body.report.remarks).toMatchObject([{ kind: 'refused', line: 3, column: 8 }]);
    const draft = await (await fetchAs('expert', location ?? '')).text();
    expect(draft).toContain('profiles/T-1.yaml');
    expect(draft).not.toContain('T-2');
  });

  it('of ASYCUDA as well; a dry run makes no draft', async () => {
    const dry = await send({ kind: 'asycuda', content: base64(CRITERIA), dryRun: true });
    expect(dry).toMatchObject({ status: 200, body: { draft: null, report: { read: [{ line: 1 }] } } });
    const real = await send({ kind: 'asycuda', content: base64(CRITERIA), target: 'bans_and_restrictions' });
    expect(real.status).toBe(201);
    expect(real.body.report.remarks).toContainEqual(
      expect.objectContaining({
        kind: 'refused',
        line: 1,
        message: expect.stringContaining('never releases') as string,
      }),
    );
  });

  it('make no draft where nothing could be read, and none for whoever may not write', async () => {
    expect(await send({ kind: 'asycuda', content: base64('???') })).toMatchObject({
      status: 200,
      body: { draft: null },
    });
    expect(await send({ kind: 'table-xlsx', content: base64('no archive') })).toMatchObject({
      status: 400,
      body: { detail: 'The file is no archive' },
    });
    expect((await send({ kind: 'asycuda', content: base64(CRITERIA) }, 'analyst')).status).toBe(403);
  });
});
