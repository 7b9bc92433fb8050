import { once } from 'node:events';
import { connect } from 'node:net';
import fastify from 'fastify';
import { chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { registerEdges } from '../../src/ingress/edges.ts';
import type { EdgeOptions } from '../../src/ingress/listener.ts';
import { BODY_DEPTH_MAX, HEADERS_MAX, RATES } from '../../src/limits.ts';
import { executable, withoutChromium } from '../helpers/browser.ts';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode } from './fixture.ts';

let nats: NatsServer;
let node: TestNode;

beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats.close());
afterEach(() => node.close());

async function start(edges: EdgeOptions = {}): Promise<void> {
  node = await TestNode.start(nats, { edges });
}

const FEW = { anonymous: 3, trader: 5, official: 7, checkpoint: 9, ingest: 1000 };

describe('every answer', () => {
  const API = {
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'cache-control': 'no-store',
  };

  it('of the API tells browsers to show, run, keep and embed nothing of it', async () => {
    await start();
    const answers = [
      await node.post(saying('E-1')),
      await node.post('{'),
      await node.get('/v1/nothing'),
      await node.get('/v1/declarations'),
      await node.get('/v1/declarations/E-1', { authorization: 'Bearer nonsense' }),
      await node.get('/healthz'),
      await node.get('/openapi.json'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 404, 405, 401, 200, 200]);
    for (const { headers } of answers) {
      expect(Object.fromEntries(headers)).toMatchObject(API);
      expect(headers.get('strict-transport-security')).toBeNull();
    }
  });

  it('is data under every spelling of its address', async () => {
    await start();
    const { headers, text } = await node.get('/%761/declarations/none');
    expect(text).toContain('No declaration of this submitter');
    expect(Object.fromEntries(headers)).toMatchObject(API);
  });

  it('that is a page has a policy without anything inline, evaluated or from elsewhere', async () => {
    await start();
    const { headers, text } = await node.get('/docs/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'none'.*script-src 'self';style-src 'self'/);
    expect(policy).toMatch(/base-uri 'none'.*frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(text).not.toMatch(/<style|\son\w+=|<script(?![^>]*\ssrc=)/);
  });

  it('asks for TLS for good where there is TLS', async () => {
    await start({ proxies: ['127.0.0.1'] });
    const forwarded = { 'x-forwarded-proto': 'https' };
    for (const path of ['/healthz', '/docs/']) {
      expect((await node.get(path, forwarded)).headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
    }
  });

  it('is counted against its sender, whom alone too many requests shut out', async () => {
    await start({ rates: FEW });
    const trader = await node.as('declarant', { sub: 'one' });
    const seen = [];
    for (let i = 0; i < 7; i++) seen.push(await node.get('/v1/declarations/none', trader));
    expect(seen.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 429, 429]);
    const headers = seen.map((answer) =>
      ['limit', 'remaining', 'reset'].map((name) => answer.headers.get(`ratelimit-${name}`)),
    );
    expect(headers.map(([limit, remaining]) => `${limit} ${remaining}`)).toEqual([
      ...['5 4', '5 3', '5 2', '5 1', '5 0', '5 0', '5 0'],
    ]);
    const [refused] = seen.slice(-1);
    expect(refused?.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(refused?.body).toMatchObject({ code: 'too_many_requests', status: 429 });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(refused?.headers.get('retry-after')).toBe(headers.at(-1)?.[2]);
    const other = await node.get('/v1/declarations/none', await node.as('declarant', { sub: 'two' }));
    expect(other.status).toBe(404);
    expect((await node.post(saying('E-2'))).status).toBe(200);
  });

  it.each([
    ['declarant', 'trader'],
    ['carrier', 'trader'],
    ['inspector', 'official'],
    ['auditor', 'official'],
    ['checkpoint', 'checkpoint'],
    ['ingest', 'ingest'],
  ] as const)('to the role %s is counted by what it is', async (role, kind) => {
    await start();
    const answer = await node.get('/v1/declarations/none', await node.as(role));
    expect(answer.headers.get('ratelimit-limit')).toBe(String(RATES[kind]));
  });
});

describe('an address', () => {
  it('that only fails to sign in gets 429 in the end; who signs in from there is served', async () => {
    await start({ rates: FEW });
    const guess = () => node.get('/v1/declarations/E-1', { authorization: 'Bearer ck_guess' });
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await guess()).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429, 429]);
    const [guessed, limited] = ['unauthenticated', 'too_many_requests'].map((code) => Array(3).fill(code));
    expect(node.refusals).toEqual([guessed, limited].flat());
    expect((await node.post(saying('E-3'))).status).toBe(200);
  });

  it('from which too much else came can still be signed in from', async () => {
    await start();
    const server = fastify();
    server.decorateRequest('access', null);
    await registerEdges(server, { rates: FEW });
    server.setErrorHandler((_error, _request, reply) => void reply.code(429).send());
    server.get('/else', { config: { access: 'open' } }, () => 'done');
    server.get('/sign-in', { config: { access: 'open', countedApart: true } }, () => 'done');
    const statuses = [];
    for (const url of ['/else', '/else', '/else', '/else', '/sign-in', '/sign-in', '/sign-in', '/sign-in']) {
      statuses.push((await server.inject(url)).statusCode);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 200, 200, 200, 429]);
    await server.close();
  });

  it('is counted for what is not there and for methods that are not, but not for health and pages', async () => {
    await start({ rates: FEW });
    const statuses = [];
    for (const path of [
      '/nothing',
      '/v1/declarations',
      '/openapi.json',
      '/nothing',
      '/v1/declarations',
      '/openapi.json',
    ]) {
      statuses.push((await node.get(path, { authorization: '' })).status);
    }
    expect(statuses).toEqual([404, 405, 200, 429, 429, 429]);
    for (let i = 0; i < 5; i++) {
      for (const path of ['/healthz', '/readyz', '/docs/']) expect((await node.get(path)).status).toBe(200);
    }
  });

  it('is that of the client behind a proxy on this machine, and cannot be made up without one', async () => {
    await start({ rates: FEW, proxies: ['127.0.0.1'] });
    const from = async (ip: string) => (await node.get('/nothing', { 'x-forwarded-for': ip })).status;
    const one = [
      await from('203.0.113.1'),
      await from('203.0.113.1'),
      await from('203.0.113.1'),
      await from('203.0.113.1'),
    ];
    expect(one).toEqual([404, 404, 404, 429]);
    expect(await from('203.0.113.2')).toBe(404);
    // One household has a whole network of addresses.
    const network = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8::4'];
    const statuses = [];
    for (const ip of network) statuses.push(await from(ip));
    expect(statuses).toEqual([404, 404, 404, 429]);
    await node.close();
    await start({ rates: FEW });
    const made = [];
    for (let i = 0; i < 4; i++) made.push(await from(`203.0.113.${i}`));
    expect(made).toEqual([404, 404, 404, 429]);
  });

  it('who is refused a route again and again gets 429 as well', async () => {
    await start({ rates: FEW });
    const inspector = await node.as('inspector');
    const statuses = [];
    for (let i = 0; i < 9; i++) statuses.push((await node.request('POST', '/v1/declarations', {}, inspector)).status);
    expect(statuses).toEqual([...Array(7).fill(403), 429, 429]);
  });
});

describe('a connection', () => {
  /** Sends these pieces, so many milliseconds apart, until it is cut; all that came back. */
  async function send(pieces: Iterable<string>, pauseMs = 0): Promise<string> {
    const socket = connect(Number(new URL(node.url).port), '127.0.0.1');
    const closed = once(socket, 'close');
    let answer = '';
    let open = true;
    socket.on('data', (chunk) => (answer += chunk)).on('error', () => undefined);
    socket.on('close', () => (open = false));
    for (const piece of pieces) {
      if (!open) break;
      socket.write(piece);
      if (pauseMs > 0) await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, pauseMs))]);
    }
    await closed;
    return answer;
  }
  function* trickle(head: string): Generator<string> {
    yield head;
    for (;;) yield 'x';
  }

  it('that sends its headers one byte at a time is cut off', async () => {
    await start();
    const answer = await send(trickle('GET /healthz HTTP/1.1\r\nhost: x\r\nslow: '), 100);
    expect(answer).not.toMatch(/200 OK/);
  }, 20_000);

  it('that sends its body one byte at a time is cut off', async () => {
    await start();
    const head = `POST /v1/declarations HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${node.token}\r\ncontent-type: application/json\r\n`;
    expect(await send(trickle(`${head}content-length: 100000\r\n\r\n`), 100)).toBe('');
  }, 20_000);

  it('brings no body where there is nothing to take it, so that nobody fills the room for those of others', async () => {
    await start();
    const promise = 'content-type: application/json\r\ncontent-length: 500000\r\nconnection: close\r\n\r\n{';
    expect(await send([`POST /nothing HTTP/1.1\r\nhost: x\r\n${promise}`])).toMatch(/^HTTP\/1\.1 404 /);
    expect(await send([`POST /v1/declarations HTTP/1.1\r\nhost: x\r\n${promise}`])).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('gets a problem for too many headers', async () => {
    await start();
    const headers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, '1']));
    expect((await node.get('/healthz', headers(HEADERS_MAX - 20))).status).toBe(200);
    expect(await node.get('/healthz', headers(HEADERS_MAX))).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  });

  it('gets a problem for a body that is nested too deep, in both formats', async () => {
    await start();
    // The parser of JSON keeps no stack, and what it gives is looked into as deep as the schema goes.
    for (const deep of [BODY_DEPTH_MAX + 1, 100_000]) {
      const nested = `{"id":${'['.repeat(deep)}${']'.repeat(deep)}}`;
      expect(await node.post(nested)).toMatchObject({ status: 422, body: { code: 'invalid_declaration' } });
      const answer = await fetch(`${node.url}/v1/declarations`, {
        method: 'POST',
        headers: { ...node.bearer, 'content-type': 'application/msgpack' },
        body: Buffer.concat([Buffer.alloc(deep, 0x91), Buffer.from([0x90])]),
      });
      expect(await answer.json()).toMatchObject({ status: 400, code: 'malformed_body' });
    }
  });

  it('answers what is sent ahead in its order, each as its own sender', async () => {
    await start();
    const request = (id: number, more = '') =>
      `GET /v1/declarations/none HTTP/1.1\r\nhost: x\r\nx-request-id: p${id}\r\n${more}\r\n`;
    const signed = `authorization: Bearer ${node.token}\r\n`;
    const requests = Array.from({ length: 100 }, (_, id) => request(id, id % 2 === 0 ? signed : ''));
    const answer = await send([requests.join(''), request(100, `connection: close\r\n`)]);
    const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(Array.from({ length: 101 }, (_, id) => (id % 2 === 0 && id < 100 ? '404' : '401')));
    const ids = [...answer.matchAll(/x-request-id: (p\d+)/g)].map(([, id]) => id);
    expect(ids).toEqual(Array.from({ length: 101 }, (_, id) => `p${id}`));
  });
});

it.skipIf(withoutChromium)('the pages that describe the API work in a browser under the policy', async () => {
  await start();
  const browser = await chromium.launch({ executablePath: executable ?? '', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const trouble: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && trouble.push(message.text())));
    page.on('pageerror', (error) => void trouble.push(error.message));
    await page.goto(`${node.url}/docs`);
    await page.getByText('/v1/declarations/{id}/decision').first().click();
    await page.getByText('Responses').first().waitFor();
    expect(trouble).toEqual([]);
  } finally {
    await browser.close();
  }
});
