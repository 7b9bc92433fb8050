import { get } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerConsole } from '../../src/desk/console-routes.ts';
import { ERRORS } from '../../src/errors.ts';
import { asCorridorError } from '../../src/ingress/problem.ts';

let server: FastifyInstance;

const HTML = { accept: 'text/html,application/xhtml+xml' };

describe('what serves the console', () => {
  beforeAll(async () => {
    server = fastify();
    server.setErrorHandler((error, _request, reply) => {
      const { code } = asCorridorError(error);
      return reply.code(ERRORS[code].status).send({ code });
    });
    await registerConsole(server);
    server.get('/v1/thing', () => ({ thing: true }));
    await server.ready();
  });
  afterAll(() => server.close());

  it.each(['/', '/overview', '/declarations', '/declarations/A%2F1?submitter=2', '/sign-in'])(
    'answers %s with the one page, the same for everybody',
    async (url) => {
      const page = await server.inject({ url, headers: HTML });
      expect(page.statusCode).toBe(200);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.headers['cache-control']).toBe('no-cache');
      expect(page.body).toBe((await server.inject('/')).body);
    },
  );

  it('has nothing inline in the page, and everything from here', async () => {
    const { body } = await server.inject('/');
    expect(body).not.toMatch(/<style|style=|<script>|\son\w+=|https?:/);
    const assets = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(assets).toHaveLength(5);
    for (const url of assets) expect([url, (await server.inject(url)).statusCode]).toEqual([url, 200]);
  });

  it('lets browsers keep assets for ever, and sends them compressed', async () => {
    const { body } = await server.inject('/');
    const url = /src="([^"]*main-[^"]+)"/.exec(body)?.[1] ?? '';
    for (const [accepted, encoding] of [
      ['gzip, br', 'br'],
      ['gzip', 'gzip'],
      ['identity', undefined],
    ] as const) {
      const asset = await server.inject({ url, headers: { 'accept-encoding': accepted } });
      expect(asset.statusCode).toBe(200);
      expect(asset.headers['content-encoding']).toBe(encoding);
      expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(asset.headers['content-type']).toMatch(/^(text|application)\/javascript; charset=utf-8$/);
    }
  });

  it('tells a browser of a page that is not there by the page, with 404, and a program by an error', async () => {
    const page = await server.inject({ url: '/nowhere', headers: HTML });
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    for (const [url, headers] of [
      ['/nowhere', { accept: 'application/json' }],
      ['/v1/nowhere', HTML],
      ['/console/nothing-HERE.js', HTML],
    ] as const) {
      const answer = await server.inject({ url, headers });
      expect([url, answer.statusCode, answer.headers['content-type']]).toEqual([
        ...[url, 404, 'application/json; charset=utf-8'],
      ]);
    }
    expect((await server.inject('/v1/thing')).json()).toEqual({ thing: true });
  });

  it('gives no file of another folder', async () => {
    const address = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
    for (const path of ['/console/../page.html', '/console/..%2fpage.html', '/console/%2e%2e/manifest.json']) {
      const status = await new Promise((resolve, reject) => {
        // Not fetch, which would tidy the path.
        get({ host: address.hostname, port: address.port, path }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject);
      });
      expect([path, [400, 403, 404].includes(Number(status))]).toEqual([path, true]);
    }
  });
});
