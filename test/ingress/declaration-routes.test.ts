import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/access/roles.ts';
import { BATCH_WINDOW } from '../../src/limits.ts';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode, until } from './fixture.ts';

let nats: NatsServer;
let node: TestNode;
let trader: Record<string, string>;

beforeAll(async () => {
  nats = await startNats();
  node = await TestNode.start(nats);
  trader = await node.as('declarant', { party: '123456789012' });
});
afterAll(async () => {
  await node.close();
  await nats.close();
});

/** Of the engine's policy made by hand: yellow, and set aside. */
const HIT = 'hit A-1';
const BROKEN = 'throw';

describe('a trader', () => {
  it('submits for itself, whomever it names, and is told the outcome', async () => {
    const answer = await node.post(saying('R-1', HIT), { ...trader, 'corridor-submitter': 'other' });
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.text).toBe(
      '{"declarationId":"R-1","version":1,"outcome":"documents","nextStep":"await_documentary_check"}',
    );
    expect(answer.headers.get('server-timing')).toBeNull();
    expect((await node.get('/v1/declarations/R-1', { 'corridor-submitter': 'other' })).status).toBe(404);
    expect((await node.get('/v1/declarations/R-1', { 'corridor-submitter': '123456789012' })).status).toBe(200);
  });

  it('is answered alike where its declaration was set aside', async () => {
    const put = async (id: string, word: string) => {
      const posted = await node.post(saying(id, word), trader);
      const decision = await node.get(`/v1/declarations/${id}/decision?version=1`, trader);
      const { versions, ...status } = (await node.get(`/v1/declarations/${id}`, trader)).body;
      const seen = { status: posted.status, bodies: [posted.text, decision.text, status, versions[0].outcome] };
      return JSON.stringify(seen).replaceAll(id, 'ID');
    };
    expect(await put('R-3', BROKEN)).toBe(await put('R-2', HIT));
  });

  it('does not find what is another one’s', async () => {
    const other = await node.as('declarant', { party: '999999999999' });
    for (const path of ['R-1', 'R-1/decision', 'R-1/decision?version=1&submitter=123456789012']) {
      const [there, nowhere] = await Promise.all(
        [`/v1/declarations/${path}`, `/v1/declarations/${path.replace('R-1', 'R-0')}`].map((url) =>
          node.get(url, { ...other, 'x-request-id': 'same' }),
        ),
      );
      expect(there).toMatchObject({ status: 404 });
      expect(there?.text).toBe(nowhere?.text);
    }
  });

  it('gets the lines of a batch so too', async () => {
    const lines = [saying('R-1', HIT), saying('R-4', 'shoes'), {}].map((line) => `${JSON.stringify(line)}\n`);
    const ndjson = { ...trader, 'content-type': 'application/x-ndjson' };
    const { text } = await node.request('POST', '/v1/declarations/batch', lines.join(''), ndjson);
    const [known, fresh, wrong] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(known).toEqual({
      ...{ line: 1, declarationId: 'R-1', version: 1 },
      ...{ outcome: 'documents', nextStep: 'await_documentary_check' },
    });
    expect(fresh).toEqual({ line: 2, declarationId: 'R-4', version: 1, outcome: 'released', nextStep: 'none' });
    expect(wrong).toMatchObject({ line: 3, problem: { code: 'invalid_declaration' } });
    expect(lines.length).toBeLessThan(BATCH_WINDOW);
  });

  it('leaves nothing on record, for it saw nothing for official use', () => {
    expect(node.disclosures.filter((line) => line.includes('declarant'))).toEqual([]);
  });
});

describe('an official', () => {
  const read = async (role: Role, path: string, claims: object = {}) =>
    node.get(`/v1/declarations/${path}`, await node.as(role, claims as never));

  it('names the submitter', async () => {
    expect(await read('analyst', 'R-1')).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await read('analyst', 'R-1?submitter=123456789012')).toMatchObject({
      body: { outcome: 'decided', corridor: 'yellow' },
    });
  });

  it('sees as much as its role may, and that is on record before', async () => {
    const path = 'R-1/decision?submitter=123456789012';
    const full = await read('analyst', path);
    expect(full.body).toMatchObject({ score: 0.5, reasons: [{ code: 'A-1', weight: 0.5 }] });
    const { body } = await read('inspector', path);
    expect(Object.keys(body)).not.toContain('score');
    expect(Object.keys(body.reasons[0])).not.toContain('code');
    expect(body).toMatchObject({ corridor: 'yellow', measures: [{ code: 'documentary_check' }] });
    expect(node.disclosures).toContain('test-analyst full 123456789012/R-1/1');
    expect(node.disclosures).toContain('test-inspector inspection 123456789012/R-1/1');
  });

  it('is told what was set aside', async () => {
    const answer = await read('analyst', 'R-3/decision?submitter=123456789012');
    expect(answer).toMatchObject({ status: 500, body: { code: 'quarantined' } });
  });

  it('of another office does not find it, and that it looked is known', async () => {
    const office = saying('R-1').office;
    const before = node.refusals.length;
    for (const path of ['R-1', 'R-1/decision', 'R-1/decision?version=7']) {
      const url = `${path}${path.includes('?') ? '&' : '?'}submitter=123456789012`;
      const other = await read('inspector', url, { offices: ['00001'] });
      expect(other).toMatchObject({ status: 404, body: { detail: 'No declaration of this submitter has this id' } });
      expect((await read('inspector', url, { offices: ['00001', office] })).status).toBe(
        path.endsWith('7') ? 404 : 200,
      );
    }
    expect(node.refusals.slice(before)).toEqual(['not_found', 'not_found', 'not_found']);
  });
});

describe('a machine', () => {
  it('sees whole decisions, on record, where its key says so', async () => {
    const answer = await node.post(saying('R-5', HIT));
    expect(answer.body).toMatchObject({ corridor: 'yellow', score: 0.5 });
    expect(answer.headers.get('server-timing')).toMatch(/total/);
    expect(node.disclosures).toContain('test-ingest full local/R-5/1');
  });

  it('and outcomes where it does not', async () => {
    const submitter = await node.as('ingest', { submitters: ['S-1', 'S-2'], scopes: ['submit'] });
    const answer = await node.post(saying('R-6', HIT), submitter);
    expect(answer.body).toMatchObject({ outcome: 'documents' });
    const own = { 'corridor-submitter': 'S-1' };
    expect((await node.get('/v1/declarations/R-6', { ...submitter, ...own })).status).toBe(200);
    const foreign = { 'corridor-submitter': 'S-3' };
    expect((await node.get('/v1/declarations/R-6', { ...submitter, ...foreign })).status).toBe(403);
    expect((await node.post(saying('R-7'), { ...submitter, ...foreign })).status).toBe(403);
  });
});

it('what cannot be put on record is not shown', async () => {
  node.recording = false;
  expect(await node.post(saying('R-8', HIT))).toMatchObject({ status: 503, body: { code: 'not_ready' } });
  expect(await node.get('/v1/declarations/R-5/decision')).toMatchObject({ status: 503 });
  node.recording = true;
  await until(async () => (await node.get('/v1/declarations/R-8/decision')).status === 200);
});
