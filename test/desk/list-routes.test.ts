import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import type { Role } from '../../src/access/roles.ts';
import { declarationInput } from '../helpers/declaration.ts';
import { type Started, startWith } from '../helpers/started.ts';
import { until } from '../helpers/until.ts';

let started: Started;

beforeAll(async () => {
  started = await startWith(join(import.meta.dirname, '../helpers/policy'));
});
afterAll(() => started.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

async function as(role: Role, line: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const [method = '', path = ''] = line.split(' ');
  const token = await started.service.devIssuer?.sign(devUser(role), 3_600_000);
  const type = typeof body === 'string' ? 'text/csv' : 'application/json';
  const answer = await fetch(`${started.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': type }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  const parsed = isJson ? (JSON.parse(text) as Answer['body']) : {};
  return { status: answer.status, headers: answer.headers, text, body: parsed };
}

let count = 0;
/** The profiles that a declaration of these goods hits. */
async function hitsOf(description: string): Promise<string[]> {
  const [item] = declarationInput().items;
  const input = declarationInput({ id: `L-${++count}`, items: [{ ...item, description } as never] });
  const { body } = await as('ingest', 'POST /v1/declarations', input);
  return (body.reasons as { profile?: string; id?: string }[]).map((reason) => JSON.stringify(reason));
}

const WORD = 'zzgadget';

describe('a row of a list', () => {
  it('decides in a moment, with its reason, until it is removed', async () => {
    const hits = async () => (await hitsOf(`${WORD} parts`)).join();
    const before = await hits();
    const added = await as('analyst', 'POST /v1/lists/vague_words/rows', {
      rows: [{ words: WORD }],
      reason: 'seen often',
    });
    expect(added.status, added.text).toBe(200);
    await until(async () => (await hits()) !== before);
    const list = await as('auditor', 'GET /v1/lists/vague_words');
    expect(list.body.version).toBe(added.body.version);
    expect((list.body.rows as object[]).at(-1)).toEqual({
      cells: { words: WORD, reason: 'seen often' },
      state: 'holds',
    });
    const removal = { rows: [{ words: WORD }], reason: 'no longer' };
    expect((await as('expert', 'DELETE /v1/lists/vague_words/rows', removal)).status).toBe(200);
    await until(async () => (await hits()) === before);
    expect((await as('expert', 'DELETE /v1/lists/vague_words/rows', removal)).status).toBe(404);
  });

  it('may hold from a day on, and until another', async () => {
    const body = { rows: [{ words: 'later' }, { words: 'gone' }], reason: 'law', validFrom: '2020-01-01' };
    const rows = [
      { words: 'later', validFrom: '2099-01-01' },
      { words: 'gone', validUntil: '2021-01-01' },
    ];
    expect((await as('analyst', 'POST /v1/lists/vague_words/rows', { ...body, rows })).status).toBe(200);
    const list = await as('auditor', 'GET /v1/lists/vague_words');
    const states = (list.body.rows as { cells: { words: string }; state: string }[]).slice(-2);
    expect(states.map(({ cells, state }) => [cells.words, state])).toEqual([
      ['later', 'ahead'],
      ['gone', 'over'],
    ]);
    const again = { rows: [{ words: 'later', validUntil: '2098-01-01' }], reason: 'law', replace: true };
    expect((await as('analyst', 'POST /v1/lists/vague_words/rows', again)).status).toBe(200);
  });

  it('is found by a text in any of its cells, and shown page by page', async () => {
    const all = await as('auditor', 'GET /v1/lists/vague_words?take=1');
    const [first] = all.body.rows as { cells: Record<string, string> }[];
    expect(all.body.total).toBeGreaterThan(1);
    const word = Object.values(first?.cells ?? {})[0] ?? '';
    const found = await as('auditor', `GET /v1/lists/vague_words?q=${encodeURIComponent(word.toUpperCase())}`);
    expect(found.body.rows).toContainEqual(first);
    expect(found.body.total).toBeLessThan(all.body.total as number);
    expect((await as('auditor', 'GET /v1/lists/vague_words?q=nothing-like-it')).body).toMatchObject({
      total: 0,
      rows: [],
    });
  });

  it('goes or is replaced beside a thousand others at once', async () => {
    const codes = Array.from({ length: 20_000 }, (_, n) => `C${n}`);
    const text = `*code:string,title:string\n${codes.map((code) => `${code},old`).join('\n')}\n`;
    expect((await as('analyst', 'PUT /v1/lists/long?reason=all', text)).status).toBe(200);
    const some = codes.slice(500, 1500);
    const rows = some.map((code) => ({ code, title: 'new' }));
    const body = { rows, reason: 'law', replace: true };
    expect((await as('analyst', 'POST /v1/lists/long/rows', body)).status).toBe(200);
    expect((await as('auditor', 'GET /v1/lists/long?q=new')).body.total).toBe(1000);
    const gone = { rows: some.map((code) => ({ code })), reason: 'law' };
    expect((await as('analyst', 'DELETE /v1/lists/long/rows', gone)).status).toBe(200);
    expect((await as('auditor', 'GET /v1/lists/long')).body.total).toBe(19_000);
  });

  it('is not written over one that was edited meanwhile, nor over one that is named in a way nobody reads', async () => {
    const body = { rows: [{ words: 'once' }], reason: 'law' };
    const etag = (await as('auditor', 'GET /v1/lists/vague_words')).headers.get('etag') ?? '';
    const written = async (digest: string) =>
      (await as('analyst', 'POST /v1/lists/vague_words/rows', body, { 'if-match': digest })).status;
    expect([await written(`W/${etag}`), await written('"0123456789abcdef"'), await written(etag)]).toEqual([
      400, 409, 200,
    ]);
    expect((await as('auditor', 'GET /v1/lists/vague_words?q=a&q=b')).status).toBe(400);
  });

  it('that stands there already, or is none, is refused by its line', async () => {
    const body = { rows: [{ words: 'twice' }], reason: 'law' };
    expect((await as('analyst', 'POST /v1/lists/vague_words/rows', body)).status).toBe(200);
    const again = await as('analyst', 'POST /v1/lists/vague_words/rows', body);
    expect([again.status, again.body.code]).toEqual([422, 'invalid_policy']);
    expect(again.text).toContain('twice stands on line');
    expect((await as('analyst', 'POST /v1/lists/vague_words/rows', { rows: [{ words: 'x' }] })).status).toBe(400);
    const unknown = await as('analyst', 'POST /v1/lists/vague_words/rows', { rows: [{ nothing: 'x' }], reason: 'law' });
    expect([unknown.status, unknown.body.code]).toEqual([400, 'invalid_request']);
    expect((await as('analyst', 'POST /v1/lists/none/rows', body)).status).toBe(404);
  });
});

describe('a list', () => {
  it('is uploaded after it has been compared, and comes back as a file', async () => {
    const text = '# ours\n*code:string,title:string\nA1,first\n';
    const compared = await as('analyst', 'PUT /v1/lists/ours?dryRun=1', text);
    expect(compared.body).toMatchObject({ added: { total: 1 }, removed: { total: 0 }, same: 0, problems: [] });
    expect((await as('analyst', 'GET /v1/lists/ours')).status).toBe(404);
    expect((await as('analyst', 'PUT /v1/lists/ours', text)).body.code).toBe('invalid_request');
    expect((await as('analyst', 'PUT /v1/lists/ours?reason=new', text)).status).toBe(200);
    const file = await as('auditor', 'GET /v1/lists/ours', undefined, { accept: 'text/csv' });
    expect(file.text).toBe(text);
    expect(file.headers.get('content-disposition')).toContain('ours.csv');
    const lists = (await as('auditor', 'GET /v1/lists')).body.lists as { name: string; rows: number }[];
    expect(lists.find(({ name }) => name === 'ours')?.rows).toBe(1);
  });

  it('whose rows are bad is refused with each of them named', async () => {
    const bad = '*hs:hs,rate:number\n0201,x\n0202,5\n1,5\n';
    const compared = await as('analyst', 'PUT /v1/lists/bad?dryRun=1', bad);
    expect((compared.body.problems as { line: number }[]).map(({ line }) => line)).toEqual([2, 4]);
    const refused = await as('analyst', 'PUT /v1/lists/bad?reason=why', bad);
    expect([refused.status, (refused.body.faults as object[]).length]).toEqual([422, 2]);
    expect((await as('analyst', 'PUT /v1/lists/bad?dryRun=1', '')).body.problems).not.toEqual([]);
  });

  it('that was changed since it was read is not overwritten by who says what was read', async () => {
    const read = await as('analyst', 'GET /v1/lists/licence');
    const headers = { 'if-match': read.headers.get('etag') ?? '' };
    const { text } = await as('analyst', 'GET /v1/lists/licence', undefined, { accept: 'text/csv' });
    expect((await as('analyst', 'PUT /v1/lists/licence?reason=one', `${text}# one\n`, headers)).status).toBe(200);
    const late = await as('analyst', 'PUT /v1/lists/licence?reason=two', `${text}# two\n`, headers);
    expect([late.status, late.body.code]).toEqual([409, 'changed_meanwhile']);
  });

  it('is on record with who changed it, and why', async () => {
    const audited = await as('auditor', 'GET /v1/audit?action=list.changed');
    expect(audited.text).toContain('seen often');
    expect(audited.text).toContain('dev-analyst');
  });
});
