import { readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { edgesOf, listenerOptions, type TlsFiles } from '../../src/ingress/listener.ts';
import { type Authority, type Certificate, createAuthority } from '../helpers/certificates.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import type { NatsServer } from '../helpers/nats.ts';
import { startNats, TestNode } from './fixture.ts';

let nats: NatsServer;

beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats.close());

async function start(tls: TlsFiles): Promise<string> {
  const node = await TestNode.start(nats, { edges: { tls } });
  onTestFinished(() => node.close());
  return node.url;
}

/** Status of `/healthz` and its HSTS header. */
function ask(url: string, options: RequestOptions, send: typeof request = request): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = send(new URL('/healthz', url), { agent: false, ...options }, (answer) => {
      answer.resume();
      resolve(`${answer.statusCode} ${answer.headers['strict-transport-security']?.split(';')[0] ?? ''}`);
    });
    sent.on('error', reject).end();
  });
}

async function authority(): Promise<Authority & { readonly own: Certificate; readonly trust: RequestOptions }> {
  const made = await createAuthority(await temporaryFolder());
  return { ...made, own: await made.issue('corridor'), trust: { ca: readFileSync(made.ca) } };
}

it('speaks TLS 1.2 and newer, and nothing else', async () => {
  const { own, trust } = await authority();
  const url = await start({ ...own, clientCa: null });
  expect(url).toMatch(/^https:/);
  expect(await ask(url, trust)).toBe('200 max-age=31536000');
  expect(await ask(url, { ...trust, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })).toMatch(/^200/);
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await expect(ask(url, { ...trust, ...old })).rejects.toThrow(/version|handshake|alert/i);
  await expect(ask(url, {})).rejects.toThrow(/self-signed|unable to/);
  await expect(ask(url.replace('https', 'http'), {}, plainRequest as typeof request)).rejects.toThrow();
});

it('lets in only clients with a certificate, where it knows who signs them', async () => {
  const { own, trust, ca, issue } = await authority();
  const url = await start({ ...own, clientCa: ca });
  const pem = ({ cert, key }: Certificate) => ({ ...trust, cert: readFileSync(cert), key: readFileSync(key) });
  expect(await ask(url, pem(await issue('gateway')))).toMatch(/^200/);
  await expect(ask(url, trust)).rejects.toThrow();
  const stranger = await createAuthority(await temporaryFolder(), 'stranger');
  await expect(ask(url, pem(await stranger.issue('gateway')))).rejects.toThrow();
});

it('takes its files from the settings', async () => {
  const { own, ca } = await authority();
  const env = { CORRIDOR_TLS_CERT: own.cert, CORRIDOR_TLS_KEY: own.key, CORRIDOR_TLS_CLIENT_CA: ca };
  expect(edgesOf(loadConfig(env))).toEqual({ tls: { ...own, clientCa: ca }, proxies: null });
});

describe('for whom a request comes', () => {
  const issuer = { CORRIDOR_OIDC_ISSUER: 'https://id.example.org' };
  const behind = { ...issuer, CORRIDOR_BEHIND_PROXY: 'true' };
  const named = { ...behind, CORRIDOR_PROXIES: '10.1.0.0/16, 192.0.2.7,fd00:1::/32' };

  it.each([
    ['is said by a proxy on this machine', behind, '127.0.0.1', true],
    ['is said by one on this machine over IPv6', behind, '::1', true],
    ['is not said by a neighbour', behind, '10.1.2.3', false],
    ['is not said by a neighbour of another kind', behind, '192.168.1.1', false],
    ['is said by a proxy of a range that is named', named, '10.1.2.3', true],
    ['is said by it as IPv6 has it', named, '::ffff:10.1.2.3', true],
    ['is said by a proxy that is named', named, '192.0.2.7', true],
    ['is said by a proxy of a named range of IPv6', named, 'fd00:1::5', true],
    ['is not said from beside a range that is named', named, '10.2.2.3', false],
    ['is not said from this machine where others are named', named, '127.0.0.1', false],
    ['is said by nobody where no proxy is', { ...named, CORRIDOR_BEHIND_PROXY: 'false' }, '10.1.2.3', false],
  ])('%s', async (_what, env, remoteAddress, believed) => {
    const server = fastify(listenerOptions(edgesOf(loadConfig(env))));
    server.get('/', ({ ip, protocol }) => `${ip} ${protocol}`);
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };
    const { body } = await server.inject({ url: '/', remoteAddress, headers });
    expect(body).toBe(believed ? '203.0.113.9 https' : `${remoteAddress} http`);
    await server.close();
  });

  it('is what the nearest proxy that is not believed was told, whatever was sent before', async () => {
    const server = fastify(listenerOptions({ proxies: ['127.0.0.1'] }));
    server.get('/', ({ ip }) => ip);
    const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' };
    expect((await server.inject({ url: '/', remoteAddress: '127.0.0.1', headers })).body).toBe('203.0.113.9');
    await server.close();
  });
});
