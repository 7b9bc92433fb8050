import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import { type Started, startWith } from '../helpers/started.ts';

interface Answer {
  readonly version?: string;
  readonly profiles?: { readonly id: string }[];
  readonly text?: string;
  readonly variables?: { readonly name: string }[];
  readonly problems?: object[];
}

let started: Started;
let expert: Record<string, string>;

beforeAll(async () => {
  started = await startWith(resolve('rules'));
  const issuer = started.service.devIssuer;
  expert = {
    authorization: `Bearer ${await issuer?.sign(devUser('expert'), 3_600_000)}`,
    'content-type': 'application/json',
  };
});
afterAll(() => started.close());

async function ask(path: string, body?: object): Promise<{ status: number; body: Answer }> {
  const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`${started.service.url}${path}`, { headers: expert, ...sent });
  return { status: answer.status, body: (await answer.json()) as Answer };
}

it('lists the profiles of the active policy and shows each as form, file and tree', async () => {
  const { body } = await ask('/v1/profiles');
  expect(body.profiles?.length).toBeGreaterThanOrEqual(40);
  const { body: one } = await ask('/v1/profiles/UV-001');
  expect(one).toMatchObject({
    version: body.version,
    profile: { id: 'UV-001', level: 'item', unless: 'trader.authorisedOperator' },
    criteria: { when: { kind: 'group', of: 'all' }, unless: { kind: 'flag' } },
  });
  expect(one.text).toContain('id: UV-001');
  expect((await ask('/v1/profiles/UV-999')).status).toBe(404);
});

it('gives the dictionary of each level', async () => {
  const { body } = await ask('/v1/dictionary?level=declaration');
  expect(body.variables?.map(({ name }) => name)).toEqual(['declaration', 'trader', 'parties', 'now']);
  expect((await ask('/v1/dictionary?level=none')).status).toBe(400);
  expect((await ask('/v1/dictionary?draft=none')).status).toBe(404);
});

it('checks an expression, in place', async () => {
  expect(await ask('/v1/profiles/check', { level: 'item', text: 'item.netMassKg > 1.0' })).toEqual({
    status: 200,
    body: { problems: [], criteria: expect.objectContaining({ kind: 'compare', operator: '>' }) },
  });
  const { body } = await ask('/v1/profiles/check', { level: 'item', text: 'item.no > 1 &&\n  item.netMass > 1.0' });
  expect(body.problems).toMatchObject([{ line: 2, message: expect.stringContaining('netMassKg') }]);
  expect((await ask('/v1/profiles/check', { level: 'item', text: 'item.no >' })).body).toMatchObject({
    criteria: null,
  });
  expect((await ask('/v1/profiles/check', { level: 'both', text: '' })).status).toBe(400);
});

it('checks a form that leaves out what it may', async () => {
  const { status, body } = await ask('/v1/profiles/check-form', { profile: { id: 'ZZ-001', when: 'item.no > 1' } });
  expect(status).toBe(200);
  expect(body.problems).toContainEqual(expect.objectContaining({ message: expect.stringContaining('title') }));
});
