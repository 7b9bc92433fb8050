import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import { generate } from '../../src/generate/generate.ts';
import { type Started, startWith } from '../helpers/started.ts';
import { until } from '../helpers/until.ts';

/** Of many routes: each test says what it expects. */
// biome-ignore lint/suspicious/noExplicitAny: bodies of many routes, each checked where it is used
type Body = any;

let started: Started;
let token = '';
let ids: string[];

beforeAll(async () => {
  started = await startWith(resolve('rules'));
  token = `Bearer ${await started.service.devIssuer?.sign(devUser('expert'), 3_600_000)}`;
  const declarations = [...generate({ declarations: 300, seed: 8 })].map(({ declaration }) => declaration);
  ids = declarations.map(({ id }) => id);
  const answer = await fetch(`${started.url}/v1/declarations/batch`, {
    method: 'POST',
    headers: { ...(await headersOf('ingest')), 'content-type': 'application/x-ndjson' },
    body: declarations.map((each) => JSON.stringify(each)).join('\n'),
  });
  expect(answer.status).toBe(200);
  expect((await answer.text()).trim().split('\n')).toHaveLength(300);
});
afterAll(() => started.close());

async function headersOf(role: 'ingest'): Promise<Record<string, string>> {
  const user = { ...devUser(role), submitters: ['*'] };
  return { authorization: `Bearer ${await started.service.devIssuer?.sign(user, 3_600_000)}` };
}

/** As a file for a spreadsheet, line by line. */
async function csv(path: string): Promise<string[]> {
  const answer = await fetch(`${started.url}${path}`, { headers: { authorization: token, accept: 'text/csv' } });
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="[\w-]+\.csv"$/);
  return (await answer.text()).trim().split('\r\n');
}

async function ask(line: string, body?: object | string): Promise<{ status: number; body: Body; text: string }> {
  const [method = '', path = ''] = line.split(' ');
  const type = typeof body === 'string' ? 'text/csv' : 'application/json';
  const answer = await fetch(`${started.url}${path}`, {
    method,
    headers: { authorization: token, ...(body === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /^application\/(problem\+)?json/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, text, body: isJson ? JSON.parse(text) : null };
}

const ALL = `id: ZZ-001
title: Everything
target: untruthful_declaration
corridor: red
measures: [{ code: physical_examination, instructions: Look. }]
weight: 0.5
level: declaration
when: declaration.version >= 1
tests:
  - { name: any, hits: true }
  - { name: none, declaration: { version: 0 }, hits: false }
`;

it('tries a policy on the newest declarations, part by part', async () => {
  const { status, text } = await ask('POST /v1/backtests/live', {
    files: { 'profiles/ZZ-001.yaml': ALL },
    profiles: ['ZZ-001'],
  });
  expect(status).toBe(200);
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Body);
  const last = lines.at(-1);
  expect(last).toMatchObject({ done: 1, of: 1, declarations: 300, after: { red: 300, green: 0 } });
  expect(last.profiles).toMatchObject([{ id: 'ZZ-001', hits: 300 }]);
  expect(last.profiles[0].samples[0].values).toEqual({ 'declaration.version': 1 });
});

it('says what is wrong with what it is to try', async () => {
  const wrong = ALL.replace('declaration.version', 'declaration.versoin');
  const { text } = await ask('POST /v1/backtests/live', { files: { 'profiles/ZZ-001.yaml': wrong } });
  expect(JSON.parse(text)).toMatchObject({
    problem: { code: 'invalid_policy', faults: [{ file: 'profiles/ZZ-001.yaml' }] },
  });
  expect((await ask('POST /v1/backtests/live', { draft: 'none' })).status).toBe(404);
  expect((await ask('POST /v1/backtests/live', { files: { 'other.txt': '' } })).status).toBe(400);
});

it('imports outcomes, and a profile is measured by them', async () => {
  const found = ids.slice(0, 120).map((id, i) => `${id},,2026-01-02,${i % 2},${i % 2 === 0 ? '' : '1000'}`);
  const file = ['declarationId,submitter,controlledAt,finding,amountRecovered', ...found, 'X-404,,2026-01-02,1,'].join(
    '\n',
  );
  expect((await ask('POST /v1/outcomes?dryRun=1', file)).body).toMatchObject({
    read: 120,
    findings: 60,
    refused: 1,
    dryRun: true,
  });
  expect((await ask('GET /v1/outcomes')).body).toMatchObject({ total: 0 });
  expect((await ask('POST /v1/outcomes', file)).body).toMatchObject({
    read: 120,
    faults: [{ line: 122, column: 'declarationId' }],
  });
  expect((await ask('POST /v1/outcomes', file)).status).toBe(200);
  expect((await ask('GET /v1/outcomes')).body).toMatchObject({ total: 120, findings: 60 });

  const { text } = await ask('POST /v1/backtests/live', { files: { 'profiles/ZZ-001.yaml': ALL } });
  const { hitRate } = JSON.parse(text.trim().split('\n').at(-1) ?? '') as Body;
  expect(hitRate.after).toMatchObject({ of: 120, findings: 60, rate: 0.5 });
  expect(hitRate.after.interval.low).toBeLessThan(0.5);
});

it('decides all history again as a job, whose result stays', async () => {
  const { status, body } = await ask('POST /v1/backtests', {
    title: 'All red',
    files: { 'profiles/ZZ-001.yaml': ALL },
  });
  expect(status).toBe(202);
  await until(async () => (await ask(`GET /v1/backtests/${body.id}`)).body.state === 'done');
  const { body: done } = await ask(`GET /v1/applications/${body.id}`);
  expect(done).toMatchObject({
    kind: 'backtest',
    title: 'All red',
    result: { declarations: 300, after: { red: 300 } },
  });
  expect((await ask('GET /v1/backtests')).body.backtests).toMatchObject([{ id: body.id, state: 'done' }]);
  expect(await csv('/v1/applications')).toEqual([
    'id,kind,title,candidate,base,by,startedAt,endedAt,state',
    expect.stringMatching(new RegExp(`^${body.id},backtest,All red,.*,done$`)),
  ]);
  expect(await csv(`/v1/applications/${body.id}`)).toContainEqual(
    expect.stringMatching(/^ZZ-001,300,\d+,0,120,60,0.5,/),
  );
  expect((await ask(`DELETE /v1/backtests/${body.id}`)).body).toMatchObject({ code: 'wrong_state' });
  expect((await ask(`GET /v1/applications/compare?a=${body.id}&b=${body.id}`)).body.b.id).toBe(body.id);
});

it('reviews profiles, and retires one by a draft', async () => {
  const { body } = await ask('GET /v1/effectiveness?days=3660');
  expect(body.declarations).toBe(300);
  const hit = body.profiles.find((each: Body) => each.hits > 0);
  expect(hit).toMatchObject({ proposal: 'keep' });
  expect(hit.costUs).toBeGreaterThanOrEqual(0);
  expect(await csv('/v1/effectiveness?days=3660')).toContainEqual(
    expect.stringMatching(new RegExp(`^${hit.id},.*keep$`)),
  );
  expect((await ask('GET /v1/effectiveness?days=0')).status).toBe(400);
  const { status, body: made } = await ask(`POST /v1/effectiveness/${hit.id}/retire`, { reason: 'nobody needs it' });
  expect(status).toBe(201);
  const { body: draft } = await ask(`GET /v1/drafts/${made.draft}`);
  expect(JSON.stringify(draft)).toContain(`profiles/${hit.id}.yaml`);
  expect((await ask('POST /v1/effectiveness/ZZ-404/retire', { reason: 'x' })).status).toBe(404);
});

it('previews a derived field on what was decided', async () => {
  const { body } = await ask('POST /v1/fields/preview', { level: 'item', text: 'derived.unitValue(item)' });
  expect(body).toMatchObject({ problems: [], type: 'double' });
  expect(body.values.length).toBeGreaterThan(20);
  expect(body.values.every((each: Body) => each.value > 0 || each.fault !== null)).toBe(true);
  const { body: money } = await ask('POST /v1/fields/preview', {
    level: 'declaration',
    text: 'declaration.customsValueTotal',
  });
  expect(money.type).toBe('money');
  expect(money.values.map((each: Body) => each.id)).toContain(ids.at(-1));
  const { body: wrong } = await ask('POST /v1/fields/preview', { level: 'item', text: 'item.netMas' });
  expect(wrong).toMatchObject({ type: null, problems: [{ line: 1 }] });
});
