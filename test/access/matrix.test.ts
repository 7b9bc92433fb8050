import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevUser, devUser } from '../../src/access/dev-users.ts';
import { ROLES, type Role } from '../../src/access/roles.ts';
import { declarationInput } from '../helpers/declaration.ts';
import { type Started, startWith } from '../helpers/started.ts';
import { until } from '../helpers/until.ts';

/**
 * Every route with every role, over HTTP, against what is written here by hand. What each may reach is found by asking
 * for a declaration of its own, one of its office, and one of neither. The table goes into docs/access.md:
 *
 *   UPDATE_DOCS=1 npx vitest run test/access/matrix.test.ts
 */
const DOCUMENT = join(import.meta.dirname, '../../docs/access.md');
const [MINE, OTHERS, HERE, ELSEWHERE] = ['111111111111', '222222222222', '55401', '50430'];

/** Whose declaration at which office: a trader owns the first, an inspector's office has the second. */
const OBJECTS = {
  own: { submitter: MINE, office: ELSEWHERE, id: 'M-OWN', mrn: '26KZM00000000000001' },
  office: { submitter: OTHERS, office: HERE, id: 'M-OFFICE', mrn: '26KZM00000000000002' },
  all: { submitter: OTHERS, office: ELSEWHERE, id: 'M-OTHER', mrn: '26KZM00000000000003' },
} as const;
type Reach = keyof typeof OBJECTS;
type Cell = Reach | 'yes' | '–';

const READERS = 'inspector office, head office, expert all, approver all, analyst all, auditor all';
const PROFILES = 'head yes, expert yes, approver yes, analyst yes, auditor yes';
const EXPECTED: Readonly<Record<string, string>> = {
  'POST /v1/declarations': 'declarant own, carrier own, ingest own',
  'POST /v1/declarations/batch': 'declarant own, carrier own, ingest own',
  'POST /v1/declarations/:id/withdrawal': 'declarant own, carrier own, ingest own',
  'GET /v1/declarations/:id': `declarant own, carrier own, ingest own, ${READERS}`,
  'GET /v1/declarations/:id/decision': `declarant own, carrier own, ingest own, ${READERS}`,
  'GET /v1/decisions/latest': READERS.replace(/ (office|all)/g, ' yes'),
  'GET /v1/transit/:mrn/risk': 'checkpoint all, inspector all, head all, analyst all, auditor all',
  'GET /v1/parties/:id': 'head all, expert all, approver all, analyst all, auditor all',
  'GET /v1/parties/:id/indicators':
    'declarant own, carrier own, head all, expert all, approver all, analyst all, auditor all',
  'PUT /v1/parties/:id/category': 'analyst yes',
  'DELETE /v1/parties/:id/category': 'analyst yes',
  'GET /v1/overview': 'head yes, expert yes, approver yes, analyst yes, auditor yes, administrator yes',
  'GET /v1/overview/events': 'head yes, expert yes, approver yes, analyst yes, auditor yes, administrator yes',
  'POST /v1/backtests': PROFILES,
  'GET /v1/backtests': PROFILES,
  'GET /v1/backtests/:id': PROFILES,
  'DELETE /v1/backtests/:id': PROFILES,
  'POST /v1/backtests/live': PROFILES,
  'POST /v1/shadows': PROFILES,
  'GET /v1/shadows': PROFILES,
  'DELETE /v1/shadows/:id': PROFILES,
  'GET /v1/applications': PROFILES,
  'GET /v1/applications/:id': PROFILES,
  'GET /v1/applications/compare': PROFILES,
  'GET /v1/effectiveness': PROFILES,
  'GET /v1/share/comparison': PROFILES,
  'POST /v1/effectiveness/:profile/retire': 'expert yes',
  'GET /v1/outcomes': 'expert yes, analyst yes',
  'POST /v1/outcomes': 'expert yes, analyst yes',
  'GET /v1/profiles': PROFILES,
  'GET /v1/profiles/:id': PROFILES,
  'GET /v1/dictionary': PROFILES,
  'POST /v1/profiles/check': PROFILES,
  'POST /v1/fields/preview': PROFILES,
  'POST /v1/profiles/check-form': PROFILES,
  'GET /v1/drafts/:id/profiles/:pid': PROFILES,
  'GET /v1/drafts': PROFILES,
  'GET /v1/drafts/:id': PROFILES,
  'GET /v1/drafts/:id/check': PROFILES,
  'GET /v1/drafts/:id/diff': PROFILES,
  'GET /v1/drafts/:id/files': PROFILES,
  'POST /v1/drafts/:id/comments': PROFILES,
  'GET /v1/policies': PROFILES,
  'GET /v1/policies/:v': PROFILES,
  'GET /v1/policies/:v/files': PROFILES,
  'GET /v1/policies/:v/diff': PROFILES,
  'GET /v1/lists': PROFILES,
  'GET /v1/lists/:name': PROFILES,
  'POST /v1/drafts': 'expert yes',
  'POST /v1/migrations': 'expert yes',
  'PUT /v1/drafts/:id': 'expert yes',
  'DELETE /v1/drafts/:id': 'expert yes',
  'POST /v1/drafts/:id/undo': 'expert yes',
  'PUT /v1/drafts/:id/profiles/:pid': 'expert yes',
  'DELETE /v1/drafts/:id/profiles/:pid': 'expert yes',
  'POST /v1/drafts/:id/duplicate': 'expert yes',
  'PUT /v1/drafts/:id/files/*': 'expert yes',
  'DELETE /v1/drafts/:id/files/*': 'expert yes',
  'POST /v1/drafts/:id/submit': 'expert yes',
  'POST /v1/drafts/:id/withdraw': 'expert yes',
  'POST /v1/drafts/:id/rebase': 'expert yes',
  'POST /v1/drafts/:id/approve': 'approver yes',
  'POST /v1/drafts/:id/reject': 'approver yes',
  'POST /v1/drafts/:id/schedule': 'approver yes',
  'POST /v1/drafts/:id/publish': 'approver yes',
  'POST /v1/policies/:v/activate': 'approver yes',
  'POST /v1/drafts/:id/emergency': 'head yes',
  'PUT /v1/lists/:name': 'expert yes, analyst yes',
  'POST /v1/lists/:name/rows': 'expert yes, analyst yes',
  'DELETE /v1/lists/:name/rows': 'expert yes, analyst yes',
  'GET /v1/nodes': PROFILES,
  'POST /v1/policies/:v/share': 'approver yes',
  'DELETE /v1/share': 'approver yes',
  'GET /v1/audit': 'auditor yes',
  'GET /v1/audit/export': 'auditor yes',
  'GET /v1/keys': 'administrator yes',
  'POST /v1/keys': 'administrator yes',
  'DELETE /v1/keys/:id': 'administrator yes',
  'GET /v1/revocations': 'administrator yes',
  'POST /v1/revocations': 'administrator yes',
  'GET /v1/me': ROLES.map((role) => `${role} yes`).join(', '),
  'GET /metrics': 'administrator yes, ingest yes',
};

let started: Started;
const tokens = new Map<Role, string>();
let keyId = '';
let draftId = '';
let version = '';
const found = new Map<string, Map<Role, Cell>>();

beforeAll(async () => {
  started = await startWith(join(import.meta.dirname, '../helpers/policy'));
  for (const role of ROLES) tokens.set(role, await tokenOf(role));
  const everything = await tokenOf('ingest', { submitters: ['*'] });
  for (const { submitter, office, id, mrn } of Object.values(OBJECTS)) {
    const answer = await ask('POST /v1/declarations', everything, {
      path: '/v1/declarations',
      headers: { 'corridor-submitter': submitter },
      body: transit(id, office, mrn),
    });
    expect(answer.status, answer.text).toBe(200);
  }
  await until(
    async () =>
      (await ask('GET', tokens.get('auditor') ?? '', { path: `/v1/transit/${OBJECTS.all.mrn}/risk` })).status === 200,
  );
  const wish = { name: 'matrix', role: 'ingest', scopes: ['submit'], submitters: ['*'], days: 1 };
  const key = await ask('POST', tokens.get('administrator') ?? '', { path: '/v1/keys', body: wish });
  keyId = (JSON.parse(key.text) as { id: string }).id;
  const draft = await ask('POST', tokens.get('expert') ?? '', { path: '/v1/drafts', body: { title: 'matrix' } });
  draftId = (JSON.parse(draft.text) as { id: string }).id;
  const policies = await ask('GET', tokens.get('expert') ?? '', { path: '/v1/policies' });
  version = (JSON.parse(policies.text) as { active: string }).active;
});
afterAll(() => started.close());

function tokenOf(role: Role, patch: Partial<DevUser> = {}): Promise<string> {
  const person: Partial<DevUser> = {
    ...(role === 'declarant' || role === 'carrier' ? { party: MINE } : {}),
    ...(role === 'inspector' || role === 'head' ? { offices: [HERE] } : {}),
    ...(role === 'ingest' ? { submitters: [MINE] } : {}),
  };
  return (started.service.devIssuer as NonNullable<typeof started.service.devIssuer>).sign(
    { ...devUser(role), ...person, ...patch },
    3_600_000,
  );
}

function transit(id: string, office: string, mrn: string) {
  const parties = [{ role: 'principal' as const, id: MINE, country: 'KZ' }];
  const movement = {
    mrn,
    officeOfDeparture: office,
    officeOfDestination: '55302',
    timeLimit: new Date(Date.now() + 86_400_000).toISOString(),
    guarantee: { type: '1', reference: 'G-1', amount: '100', currency: 'USD' },
    documentType: 'TIR',
  };
  return declarationInput({ id, office, regime: 'transit', procedure: '80', transit: movement, parties });
}

interface Request {
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

interface Answered {
  readonly status: number;
  readonly text: string;
}

async function ask(route: string, token: string | null, { path, headers = {}, body }: Request): Promise<Answered> {
  const [method = 'GET'] = route.split(' ');
  const gone = new AbortController();
  const answer = await fetch(`${started.url}${path}`, {
    method,
    signal: gone.signal,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined
        ? {}
        : { 'content-type': path.endsWith('/batch') ? 'application/x-ndjson' : 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const endless = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const text = endless ? '' : await answer.text();
  if (endless) gone.abort();
  return { status: answer.status, text };
}

/** How a route is asked about an object. */
function requestFor(route: string, reach: Reach, role: string): Request {
  const { submitter, office, id, mrn } = OBJECTS[reach];
  const named = { 'corridor-submitter': submitter };
  const [method = '', url = ''] = route.split(' ');
  const query = url.startsWith('/v1/declarations/:id') ? `?submitter=${submitter}` : '';
  const party = url.startsWith('/v1/parties') ? submitter : id;
  const objects = Object.entries({ '/v1/keys': keyId, '/v1/drafts': draftId, '/v1/profiles': 'UV-001' });
  const object = objects.find(([prefix]) => url.startsWith(prefix))?.[1] ?? party;
  const parameters = { ':id': object, ':mrn': mrn, ':pid': 'UV-001', ':name': 'licence', ':v': version, '*': 'x' };
  const path = Object.entries(parameters).reduce((sofar, [name, value]) => sofar.replace(name, value), url) + query;
  const submitted = transit(
    `${role}-${reach}-${url.length}`,
    office,
    `26KZ${role.slice(0, 4).toUpperCase()}${reach}${url.length}`,
  );
  const body = url.includes('withdrawal')
    ? { reason: 'lodged twice' }
    : url.endsWith('declarations') || url.endsWith('batch')
      ? submitted
      : {};
  return { path, headers: named, ...(method === 'POST' || method === 'PUT' ? { body } : {}) };
}

const REFUSED = [401, 403, 404];

/** Whether it reached the object: what a trader submits for another is its own all the same. */
async function reaches(route: string, role: Role, reach: Reach): Promise<boolean> {
  const request = requestFor(route, reach, role);
  const { status, text } = await ask(route, tokens.get(role) ?? '', request);
  expect(status, `${route} as ${role}: ${text}`).toBeLessThan(500);
  if (REFUSED.includes(status)) return false;
  if (!/^POST \/v1\/declarations(\/batch)?$/.test(route)) return true;
  if (text.includes('"problem"')) return false;
  const { id } = request.body as { id: string };
  const path = `/v1/declarations/${id}?submitter=${OBJECTS[reach].submitter}`;
  return (await ask('GET', tokens.get('auditor') ?? '', { path })).status === 200;
}

async function cellOf(route: string, role: Role): Promise<Cell> {
  const cells = EXPECTED[route] ?? '';
  if (!/ (own|office|all)\b/.test(cells)) {
    const { status } = await ask(route, tokens.get(role) ?? '', requestFor(route, 'own', role));
    expect(status).toBeLessThan(500);
    // There need not be such a thing: who is told so may ask.
    return status === 401 || status === 403 ? '–' : 'yes';
  }
  const reached: Reach[] = [];
  for (const reach of Object.keys(OBJECTS) as Reach[]) if (await reaches(route, role, reach)) reached.push(reach);
  if (reached.length === 0) return '–';
  if (reached.length === 3) return 'all';
  expect(reached, `${route} as ${role}`).toHaveLength(1);
  return reached[0] ?? '–';
}

describe('every route', () => {
  it('has a row here, or is for anyone', () => {
    const ruled = started.service.routes.filter(({ rule, method }) => rule !== 'open' && method !== 'HEAD');
    expect(ruled.map(({ method, url }) => `${method} ${url}`).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  for (const [route, cells] of Object.entries(EXPECTED)) {
    it(`${route} is for nobody without a credential, and for each role as far as it says`, async () => {
      expect((await ask(route, null, requestFor(route, 'own', 'anonymous'))).status).toBe(401);
      const expected = new Map(cells.split(', ').map((cell) => cell.split(' ') as [Role, Cell]));
      const row = new Map<Role, Cell>();
      for (const role of ROLES) row.set(role, await cellOf(route, role));
      expect(Object.fromEntries(row)).toEqual(
        Object.fromEntries(ROLES.map((role) => [role, expected.get(role) ?? '–'])),
      );
      found.set(route, row);
    });
  }

  it('that is for anyone asks nobody who they are', async () => {
    const open = started.service.routes.filter(({ rule, method }) => rule === 'open' && method === 'GET');
    for (const { url } of open.filter((route) => !/[:*]/.test(route.url))) {
      expect([401, 403], url).not.toContain((await ask('GET', null, { path: url })).status);
    }
  });
});

it('the table in docs/access.md is what was found', async () => {
  expect(found.size).toBe(Object.keys(EXPECTED).length);
  const table = [
    `| route | ${ROLES.join(' | ')} |`,
    `|---|${ROLES.map(() => ':-:').join('|')}|`,
    ...[...found].map(([route, row]) => `| \`${route}\` | ${ROLES.map((role) => row.get(role)).join(' | ')} |`),
  ].join('\n');
  const shown = [];
  for (const role of ROLES) shown.push(`| ${role} | ${await shownTo(role)} |`);
  const fields = ['| role | of a decision that it reaches |', '|---|---|', ...shown].join('\n');
  const text = await readFile(DOCUMENT, 'utf8');
  const written = replaced(replaced(text, 'matrix', table), 'fields', fields);
  if (process.env.UPDATE_DOCS === '1') await writeFile(DOCUMENT, written);
  else expect(text).toBe(written);
});

/** Names of the fields of a decision that a role is shown. */
async function shownTo(role: Role): Promise<string> {
  for (const reach of Object.keys(OBJECTS) as Reach[]) {
    const route = 'GET /v1/declarations/:id/decision';
    const { status, text } = await ask(route, tokens.get(role) ?? '', requestFor(route, reach, role));
    if (status !== 200) continue;
    const decision = JSON.parse(text) as Record<string, unknown>;
    const [reason] = (decision.reasons ?? []) as object[];
    const within = reason === undefined ? '' : `; of a reason: ${Object.keys(reason).join(', ')}`;
    return Object.keys(decision).join(', ') + within;
  }
  return 'nothing';
}

function replaced(text: string, name: string, part: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  expect(text).toContain(start);
  return `${text.slice(0, text.indexOf(start) + start.length)}\n\n${part}\n\n${text.slice(text.indexOf(end))}`;
}
