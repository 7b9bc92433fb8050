import { once } from 'node:events';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createOperationsServer } from '../../src/ingress/operations-server.ts';
import { BODY_BYTES_MAX, HEADERS_MAX } from '../../src/limits.ts';
import { createHealth } from '../../src/observe/health.ts';
import { createLog } from '../../src/observe/log.ts';
import { createMetrics } from '../../src/observe/metrics.ts';

let server: FastifyInstance;

beforeEach(async () => {
  const parts = { health: createHealth(), metrics: createMetrics(), log: createLog('silent') };
  server = await createOperationsServer({
    ...parts,
    access: { identify: () => Promise.reject(new Error('nobody has a token')) },
    refused: () => undefined,
  });
});
afterEach(() => server.close());

it('serves health and readiness, and metrics to nobody without a credential', async () => {
  const statuses = [];
  for (const url of ['/healthz', '/readyz', '/metrics']) statuses.push((await server.inject(url)).statusCode);
  expect(statuses).toEqual([200, 200, 401]);
});

it('answers with a problem what is not there', async () => {
  for (const url of ['/', '/nothing', '/v1/declarations', '/%zz']) {
    const { statusCode, headers, body } = await server.inject({ url, headers: { 'x-request-id': 'probe-1' } });
    const status = url === '/%zz' ? 400 : 404;
    expect([url, statusCode]).toEqual([url, status]);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(body)).toMatchObject({ status, instance: 'urn:corridor:request:probe-1' });
    if (status === 404) expect(headers['x-content-type-options']).toBe('nosniff');
  }
});

it('bounds what is sent to it, and waits for no body', async () => {
  const many = Object.fromEntries(Array.from({ length: HEADERS_MAX + 1 }, (_, n) => [`x-${n}`, '']));
  expect((await server.inject({ url: '/healthz', headers: many })).statusCode).toBe(400);
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`POST /nothing HTTP/1.1\r\nhost: x\r\ncontent-length: ${BODY_BYTES_MAX * 100}\r\n\r\n{`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 404 /);
  socket.destroy();
});
