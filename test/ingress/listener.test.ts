import { readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { edgesOf, type TlsFiles } from '../../src/ingress/listener.ts';
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
  expect(edgesOf(loadConfig(env))).toEqual({ tls: { ...own, clientCa: ca }, behindProxy: false });
  expect(
    edgesOf(loadConfig({ CORRIDOR_BEHIND_PROXY: 'true', CORRIDOR_OIDC_ISSUER: 'https://id.example.org' })),
  ).toEqual({ tls: null, behindProxy: true });
});
