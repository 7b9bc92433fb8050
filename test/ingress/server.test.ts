import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX } from '../../src/limits.ts';
import type { NatsServer } from '../helpers/nats.ts';
import { type Answered, saying, startNats, TestNode, until } from './fixture.ts';

let nats: NatsServer;
let node: TestNode;

beforeAll(async () => {
  nats = await startNats();
  node = await TestNode.start(nats);
});
afterAll(async () => {
  await node.close();
  await nats.close();
});

function expectProblem(answer: Answered, status: number, code: string): void {
  expect(answer.body).toMatchObject({ type: `urn:corridor:problem:${code}`, status, code });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body.title.length).toBeGreaterThan(0);
  expect(answer.body.detail.length).toBeGreaterThan(0);
  expect(answer.body.faults).toBeInstanceOf(Array);
  expect(answer.body.instance).toBe(`urn:corridor:request:${answer.headers.get('x-request-id')}`);
}

/** Sends bytes as they are; the whole answer. */
async function raw(text: string, end = true): Promise<string> {
  const { port } = new URL(node.url);
  const socket = connect(Number(port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.write(text);
  if (end) socket.end();
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

describe('every error is a problem', () => {
  it('for a path that is not there', async () => {
    expectProblem(await node.get('/v1/nothing'), 404, 'not_found');
    expectProblem(await node.get('/v1/declarations/none'), 404, 'not_found');
    expectProblem(await node.get('/v1/declarations/%00%2e'), 404, 'not_found');
    expectProblem(await node.get('/v1/declarations/%zz'), 400, 'invalid_request');
  });

  it('for a method that the path has not', async () => {
    for (const [method, path, allow] of [
      ['GET', '/v1/declarations', 'POST'],
      ['DELETE', '/v1/declarations/X-1', 'GET, HEAD'],
      ['PUT', '/healthz', 'GET, HEAD'],
    ] as const) {
      const answer = await node.request(method, path);
      expectProblem(answer, 405, 'method_not_allowed');
      expect(answer.headers.get('allow')).toBe(allow);
    }
  });

  it('for a media type or encoding that is not taken', async () => {
    expectProblem(await node.post('<a/>', { 'content-type': 'application/xml' }), 415, 'unsupported_media_type');
    expectProblem(await node.post('{}', { 'content-type': 'application/x-ndjson' }), 415, 'unsupported_media_type');
    expectProblem(await node.post('{}', { 'content-encoding': 'gzip' }), 415, 'unsupported_media_type');
    const batch = await node.request('POST', '/v1/declarations/batch', '{}');
    expectProblem(batch, 415, 'unsupported_media_type');
  });

  it('for a body that cannot be read', async () => {
    for (const body of ['', '{', '{"id":', 'nul', '[1,]', '\ufeff', '{"id":1}}']) {
      expectProblem(await node.post(body), 400, 'malformed_body');
    }
    for (const bytes of [[], [0xc1], [0x81], [0xdd, 0xff, 0xff, 0xff, 0xff], [0xc4, 1, 0], [0x80, 0x80]]) {
      const answer = await fetch(`${node.url}/v1/declarations`, {
        method: 'POST',
        headers: { ...node.bearer, 'content-type': 'application/msgpack' },
        body: Buffer.from(bytes),
      });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'malformed_body']);
    }
  });

  it('for a body that is too large', async () => {
    expectProblem(await node.post(`"${'x'.repeat(BODY_BYTES_MAX)}"`), 413, 'body_too_large');
  });

  it('for a declaration that is not valid, with a pointer for each fault', async () => {
    const answer = await node.post({ ...saying('X-1'), regime: 'smuggling', items: [] });
    expectProblem(answer, 422, 'invalid_declaration');
    expect(answer.body.faults).toEqual([
      { pointer: '/regime', message: 'must be one of import, export, transit' },
      { pointer: '/items', message: 'must have at least 1 entry' },
    ]);
  });

  it('for what is not HTTP', async () => {
    expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*problem\+json[\s\S]*"code":"invalid_request"/);
    const huge = `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`;
    expect(await raw(huge)).toMatch(/^HTTP\/1.1 4\d\d [\s\S]*problem\+json/);
  });

  it('for a body shorter or longer than its content-length says', async () => {
    const head = `POST /v1/declarations HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${node.token}\r\ncontent-type: application/json\r\nconnection: close\r\n`;
    expect(await raw(`${head}content-length: 1\r\n\r\n{"id":1}`)).toMatch(/^HTTP\/1.1 400 [\s\S]*problem\+json/);
    const before = await node.get('/metrics', await node.as('administrator'));
    await raw(`${head}content-length: 100\r\n\r\n{"id":1}`);
    await raw(`${head}content-length: abc\r\n\r\n{"id":1}`);
    expect(before.status).toBe(200);
    expect((await node.post(saying('X-2'))).status).toBe(200);
  });
});

describe('a request', () => {
  it('keeps its id, or gets one', async () => {
    const answer = await node.post(saying('X-3'), { 'x-request-id': 'trace:1' });
    expect(answer.headers.get('x-request-id')).toBe('trace:1');
    const other = await node.post(saying('X-3'), { 'x-request-id': 'not an id' });
    expect(other.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the service tells', () => {
  it('that it lives, and whether it is ready, check by check', async () => {
    expect(await node.get('/healthz')).toMatchObject({ status: 200, body: { ok: true } });
    expect(await node.get('/readyz')).toMatchObject({
      status: 200,
      body: {
        ready: true,
        checks: [
          { name: 'ledger', ok: true, detail: 'writable' },
          { name: 'streams', ok: true },
        ],
      },
    });
  });

  it('its metrics, which name nothing confidential', async () => {
    await node.post(saying('X-4', 'hit A-1'));
    const { text } = await node.get('/metrics', await node.as('administrator'));
    expect(text).toContain('corridor_stage_seconds_bucket{le="0.001",stage="receive"}');
    expect(text).toMatch(/corridor_stage_seconds_count\{stage="ledger"\} [1-9]/);
    expect(text).toMatch(/corridor_answer_seconds_count\{outcome="decided",route="single"\} [1-9]/);
    expect(text).toMatch(/corridor_problems_total\{code="not_found"\} [1-9]/);
    expect(text).not.toContain('A-1');
  });

  it('how it is used: OpenAPI 3.1 and pages to read it', async () => {
    const { body } = await node.get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths).sort()).toEqual([
      '/healthz',
      '/metrics',
      '/readyz',
      '/v1/declarations',
      '/v1/declarations/batch',
      '/v1/declarations/{id}',
      '/v1/declarations/{id}/decision',
      '/v1/declarations/{id}/withdrawal',
      '/v1/transit/{mrn}/risk',
    ]);
    const post = body.paths['/v1/declarations'].post;
    expect(Object.keys(post.requestBody.content)).toContain('application/msgpack');
    expect(Object.keys(post.responses)).toEqual(['200', '202', '400', '409', '413', '415', '422', '500', '503']);
    expect((await node.get('/docs/static/index.html')).status).toBe(200);
  });
});

it('stops while requests are under way, and answers them', async () => {
  const other = await TestNode.start(nats, { name: 'other', engine: false });
  const answer = other.post(saying('X-5', 'slow 300'));
  await until(async () => (await other.get('/v1/declarations/X-5')).status === 200);
  await other.close();
  expect((await answer).status).toBe(200);
});

it('a client that went away while it waited leaves nothing that the stop would wait for', async () => {
  const other = await TestNode.start(nats, { name: 'third', engine: false });
  const gone = new AbortController();
  const headers = { ...other.bearer, 'content-type': 'application/json' };
  const body = JSON.stringify(saying('X-6', 'slow 100'));
  const answer = fetch(`${other.url}/v1/declarations`, { method: 'POST', signal: gone.signal, headers, body });
  await until(async () => (await other.get('/v1/declarations/X-6')).status === 200);
  gone.abort();
  await expect(answer).rejects.toThrow();
  await until(async () => (await other.get('/v1/declarations/X-6/decision')).status === 200);
  const connections = () =>
    new Promise<number>((resolve) => other.ingress.server.server.getConnections((_, n) => resolve(n)));
  other.ingress.server.server.closeIdleConnections();
  await until(async () => (await connections()) === 0, 'no connection');
  await other.close();
});
