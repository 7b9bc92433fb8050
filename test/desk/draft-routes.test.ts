import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import type { Role } from '../../src/access/roles.ts';
import { formOf } from '../../src/profiles/profile-form.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { type Started, startWith } from '../helpers/started.ts';
import { until } from '../helpers/until.ts';

let started: Started;
const tokens = new Map<string, string>();
const PROFILE = fixtureBundle().files['profiles/UV-001.yaml'] ?? '';

beforeAll(async () => {
  started = await startWith(join(import.meta.dirname, '../helpers/policy'));
});
afterAll(() => started.close());

async function tokenOf(person: string, role: Role): Promise<string> {
  const key = `${person} ${role}`;
  const known = tokens.get(key);
  if (known !== undefined) return known;
  const user = { ...devUser(role), subject: person };
  const token = await (started.service.devIssuer as NonNullable<typeof started.service.devIssuer>).sign(
    user,
    3_600_000,
  );
  tokens.set(key, token);
  return token;
}

interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly text: string;
  // The bodies of many routes: each test says what it expects.
  readonly body: Readonly<Record<string, unknown>>;
}

interface Sent {
  readonly body?: unknown;
  readonly type?: string;
  readonly ifMatch?: string;
}

async function as(who: string, line: string, { body, type = 'application/json', ifMatch }: Sent = {}): Promise<Answer> {
  const [person = '', role = person] = who.split(' ');
  const [method = '', path = ''] = line.split(' ');
  const answer = await fetch(`${started.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await tokenOf(person, role as Role)}`,
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    },
    ...(body === undefined ? {} : { body: type === 'application/json' ? JSON.stringify(body) : (body as string) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: answer.status,
    etag: answer.headers.get('etag') ?? '',
    text,
    body: isJson ? (JSON.parse(text) as Answer['body']) : {},
  };
}

async function newDraft(title = 'prices fell'): Promise<{ path: string; etag: string }> {
  const made = await as('ana expert', 'POST /v1/drafts', { body: { title } });
  expect(made.status, made.text).toBe(201);
  return { path: `/v1/drafts/${made.body.id}`, etag: made.etag };
}

const heavier = (weight: number) => ({ ...formOf(PROFILE), weight });

async function draftWith(weight: number): Promise<string> {
  const { path, etag } = await newDraft();
  const saved = await as('ana expert', `PUT ${path}/profiles/UV-001`, { body: heavier(weight), ifMatch: etag });
  expect(saved.status, saved.text).toBe(200);
  return path;
}

describe('a draft', () => {
  it('goes from an expert over an approver into the policy that decides', async () => {
    const path = await draftWith(0.41);
    expect((await as('ana expert', `POST ${path}/submit`)).body.state).toBe('in_review');
    const approved = await as('boris approver', `POST ${path}/approve`, { body: { comment: 'as discussed' } });
    expect(approved.body.state, approved.text).toBe('approved');
    const published = await as('boris approver', `POST ${path}/publish`, { body: {} });
    expect(published.body.state, published.text).toBe('active');
    const version = (published.body.publication as { version: string }).version;
    const policies = await as('olga auditor', 'GET /v1/policies');
    expect(policies.body.active).toBe(version);
    const [newest] = policies.body.versions as Record<string, unknown>[];
    expect(newest).toMatchObject({ version, authors: ['ana'], approver: 'boris', source: 'draft', active: true });
    const active = await as('ana expert', 'GET /v1/profiles/UV-001');
    expect(active.text).toContain('0.41');
  });

  it('does not save a text that does not parse, and says where it fails', async () => {
    const { path, etag } = await newDraft();
    const body = { ...heavier(0.5), when: 'item.netMassKg >' };
    const refused = await as('ana expert', `PUT ${path}/profiles/UV-001`, { body, ifMatch: etag });
    expect(refused.status).toBe(422);
    expect(refused.body.code).toBe('invalid_policy');
    expect((refused.body.faults as object[])[0]).toMatchObject({ file: 'profiles/UV-001.yaml' });
    expect((await as('ana expert', `GET ${path}`)).body.changes).toEqual([]);
  });

  it('that fails a test is kept, and is not submitted', async () => {
    const { path, etag } = await newDraft();
    const body = { ...heavier(0.5), when: 'item.netMassKg < 0.0' };
    const saved = await as('ana expert', `PUT ${path}/profiles/UV-001`, { body, ifMatch: etag });
    expect(saved.status).toBe(200);
    expect((saved.body.failures as object[]).length).toBeGreaterThan(0);
    const refused = await as('ana expert', `POST ${path}/submit`);
    expect([refused.status, refused.body.code]).toEqual([422, 'invalid_policy']);
  });

  it('is not approved by anybody who worked on it', async () => {
    const path = await draftWith(0.42);
    const { etag } = await as('eve expert', `GET ${path}`);
    const edited = await as('eve expert', `PUT ${path}`, { body: { reason: 'too many hits' }, ifMatch: etag });
    expect(edited.body.authors).toEqual(['ana', 'eve']);
    await as('ana expert', `POST ${path}/submit`);
    for (const author of ['ana', 'eve']) {
      const refused = await as(`${author} approver`, `POST ${path}/approve`, { body: {} });
      expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    }
    expect((await as('boris approver', `POST ${path}/publish`, { body: {} })).body.code).toBe('wrong_state');
    expect((await as('boris approver', `POST ${path}/approve`, { body: {} })).status).toBe(200);
  });

  it('names who changed it meanwhile', async () => {
    const { path, etag } = await newDraft();
    await as('eve expert', `PUT ${path}`, { body: { title: 'another' }, ifMatch: etag });
    const late = await as('ana expert', `PUT ${path}/profiles/UV-001`, { body: heavier(0.3), ifMatch: etag });
    expect([late.status, late.body.code]).toEqual([409, 'changed_meanwhile']);
    expect(late.body.detail).toContain('eve');
    const without = await as('ana expert', `PUT ${path}`, { body: { title: 'x' } });
    expect([without.status, without.body.code]).toEqual([400, 'invalid_request']);
  });

  it('comes back to an earlier revision, and loses its approval by it', async () => {
    const path = await draftWith(0.43);
    await as('ana expert', `POST ${path}/submit`);
    const approved = await as('boris approver', `POST ${path}/approve`, { body: {} });
    const undone = await as('ana expert', `POST ${path}/undo`, { body: { revision: 1 }, ifMatch: approved.etag });
    expect([undone.body.state, undone.body.changes, undone.body.review]).toEqual(['draft', [], null]);
  });

  it('shows what it changes in words, and gives its files away', async () => {
    const { path, etag } = await newDraft();
    const body = { ...heavier(0.5), when: `${formOf(PROFILE).when} && item.netMassKg > 1.0` };
    await as('ana expert', `PUT ${path}/profiles/UV-001`, { body, ifMatch: etag });
    const diff = await as('boris approver', `GET ${path}/diff`);
    const [change] = diff.body.changes as {
      file: string;
      settings: { name: string; outline?: unknown }[];
    }[];
    expect(change?.file).toBe('profiles/UV-001.yaml');
    const when = change?.settings.find(({ name }) => name === 'when');
    expect(JSON.stringify(when?.outline)).toContain('item.netMassKg > 1.0');
    const files = (await as('ana expert', `GET ${path}/files`)).body.files as Record<string, string>;
    expect(files['profiles/UV-001.yaml']).toContain('item.netMassKg > 1.0');
  });

  it('has a profile once more under another id, and takes profiles and files out', async () => {
    const { path, etag } = await newDraft();
    const body = { profile: 'UV-001', as: 'UV-900', title: 'the same, for others' };
    const copied = await as('ana expert', `POST ${path}/duplicate`, { body, ifMatch: etag });
    expect(copied.status, copied.text).toBe(200);
    const gone = await as('ana expert', `DELETE ${path}/profiles/UV-001`, { ifMatch: copied.etag });
    expect((gone.body.changes as object[]).map((each) => JSON.stringify(each))).toEqual([
      expect.stringContaining('"removed"'),
      expect.stringContaining('"added"'),
    ]);
    const file = `${path}/files/profiles/UV-001.yaml?revert=1`;
    const back = await as('ana expert', `DELETE ${file}`, { ifMatch: gone.etag });
    expect((back.body.changes as object[]).length).toBe(1);
    const sent = { body: '*code:string\nA1\n', type: 'text/csv', ifMatch: back.etag };
    const list = await as('ana expert', `PUT ${path}/files/lists/mine.csv`, sent);
    expect(list.status, list.text).toBe(200);
    expect((await as('ana expert', `DELETE ${path}`, { ifMatch: list.etag })).status).toBe(204);
    expect((await as('ana expert', `GET ${path}`)).status).toBe(404);
  });
});

describe('in an emergency', () => {
  it('a head of office publishes without approval, and it stays marked until another has looked at it', async () => {
    const path = await draftWith(0.44);
    const before = (await as('olga auditor', 'GET /v1/policies')).body.active;
    expect((await as('hans head', `POST ${path}/emergency`, { body: {} })).status).toBe(400);
    const done = await as('hans head', `POST ${path}/emergency`, { body: { reason: 'a wave of false invoices' } });
    expect([done.body.state, done.body.awaitsReview], done.text).toEqual(['active', true]);
    expect((await as('ana approver', `POST ${path}/approve`, { body: {} })).status).toBe(403);
    expect((await as('hans approver', `POST ${path}/approve`, { body: {} })).status).toBe(403);
    const rejected = await as('boris approver', `POST ${path}/reject`, { body: { comment: 'too wide' } });
    expect([rejected.body.awaitsReview, rejected.body.proposedRollback]).toEqual([false, before]);
    const body = { reason: 'the emergency was rejected' };
    const back = await as('boris approver', `POST /v1/policies/${before}/activate`, { body });
    expect(back.status, back.text).toBe(200);
    expect((await as('ana expert', `GET ${path}`)).body.state).toBe('retired');
  });
});

describe('two drafts of one version', () => {
  it('both come into the policy where they change different files', async () => {
    const one = await draftWith(0.45);
    const { path: two, etag } = await newDraft('other');
    const other = formOf(fixtureBundle().files['profiles/AD-001.yaml'] ?? '');
    await as('ana expert', `PUT ${two}/profiles/AD-001`, { body: { ...other, weight: 0.22 }, ifMatch: etag });
    for (const path of [one, two]) {
      await as('ana expert', `POST ${path}/submit`);
      await as('boris approver', `POST ${path}/approve`, { body: {} });
      expect((await as('boris approver', `POST ${path}/publish`, { body: {} })).status).toBe(200);
    }
    expect((await as('ana expert', 'GET /v1/profiles/UV-001')).text).toContain('0.45');
    expect((await as('ana expert', 'GET /v1/profiles/AD-001')).text).toContain('0.22');
  });

  it('stand in conflict over one file until somebody chooses', async () => {
    const [one, two] = [await draftWith(0.46), await draftWith(0.47)];
    for (const path of [one, two]) {
      await as('ana expert', `POST ${path}/submit`);
      await as('boris approver', `POST ${path}/approve`, { body: {} });
    }
    expect((await as('boris approver', `POST ${one}/publish`, { body: {} })).status).toBe(200);
    const refused = await as('boris approver', `POST ${two}/publish`, { body: {} });
    expect([refused.status, refused.body.code]).toEqual([409, 'changed_meanwhile']);
    expect((refused.body.faults as object[])[0]).toMatchObject({ file: 'profiles/UV-001.yaml', by: 'ana' });
    const shown = await as('ana expert', `GET ${two}`);
    expect([shown.body.behind, shown.body.conflicts]).toEqual([true, ['profiles/UV-001.yaml']]);
    expect(shown.text).toContain('"trouble":{');
    const choices = { 'profiles/UV-001.yaml': 'mine' };
    expect((await as('ana expert', `POST ${two}/rebase`, { body: {}, ifMatch: shown.etag })).status).toBe(409);
    const rebased = await as('ana expert', `POST ${two}/rebase`, { body: { choices }, ifMatch: shown.etag });
    expect([rebased.body.behind, rebased.body.conflicts, rebased.body.state]).toEqual([false, [], 'draft']);
  });
});

it('a schedule is kept to, and what it brought is taken back at its end', async () => {
  const path = await draftWith(0.48);
  await as('ana expert', `POST ${path}/submit`);
  await as('boris approver', `POST ${path}/approve`, { body: {} });
  const [activateAt, expireAt] = [1500, 6000].map((ms) => new Date(Date.now() + ms).toISOString());
  const scheduled = await as('boris approver', `POST ${path}/schedule`, { body: { activateAt, expireAt } });
  expect(scheduled.body.state, scheduled.text).toBe('scheduled');
  await until(async () => (await as('ana expert', `GET ${path}`)).body.state === 'active', 15_000);
  expect((await as('ana expert', 'GET /v1/profiles/UV-001')).text).toContain('0.48');
  await until(async () => (await as('ana expert', `GET ${path}`)).body.state === 'retired', 20_000);
  expect((await as('ana expert', 'GET /v1/profiles/UV-001')).text).not.toContain('0.48');
});
