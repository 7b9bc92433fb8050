import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevIssuer, startDevIssuer } from '../../src/access/dev-issuer.ts';
import { devKeyFile } from '../../src/access/dev-key.ts';
import { DEV_PEOPLE, devUser } from '../../src/access/dev-users.ts';
import { ROLES } from '../../src/access/roles.ts';
import { DEV_CODE_MS } from '../../src/limits.ts';
import { type Site, startSite } from './site.ts';

let site: Site;
let dev: DevIssuer;

beforeAll(async () => {
  site = await startSite();
  if (site.dev === null) throw new Error('no development issuer');
  dev = site.dev;
});
afterAll(() => site.close());

const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');
const verifier = randomBytes(32).toString('base64url');

/** What the console asks for, unless told otherwise. */
function authorizeUrl(changes: Readonly<Record<string, string>> = {}): URL {
  const url = new URL('/dev/authorize', site.url);
  const asked = {
    client_id: 'corridor',
    redirect_uri: `${site.url}/auth/callback`,
    response_type: 'code',
    scope: 'openid profile',
    state: 'S',
    nonce: 'N',
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
    ...changes,
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return url;
}

function ticketOf(role: string): string {
  const link = dev.links().find((each) => each.role === role);
  return new URL(link?.url ?? '').searchParams.get('ticket') ?? '';
}

async function codeFor(role: string): Promise<string> {
  const response = await fetch(authorizeUrl({ ticket: ticketOf(role) }), { redirect: 'manual' });
  const to = new URL(response.headers.get('location') ?? '');
  expect(to.searchParams.get('state')).toBe('S');
  expect(to.searchParams.get('iss')).toBe(dev.issuer());
  return to.searchParams.get('code') ?? '';
}

async function exchange(code: string, changes: Readonly<Record<string, string>> = {}) {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: 'corridor',
    redirect_uri: `${site.url}/auth/callback`,
    code,
    code_verifier: verifier,
    ...changes,
  });
  const response = await fetch(`${site.url}/dev/token`, { method: 'POST', body });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

describe('the development issuer', () => {
  it('describes itself under the address that its tokens name', async () => {
    const response = await fetch(`${dev.issuer()}/.well-known/openid-configuration`);
    const metadata = (await response.json()) as { jwks_uri: string };
    expect(metadata).toMatchObject({
      issuer: `${site.url}/dev`,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
    });
    expect(await (await fetch(metadata.jwks_uri)).json()).toEqual(dev.publicJwks);
    expect(JSON.stringify(dev.publicJwks)).not.toMatch(/"d":/);
  });

  it.each(ROLES)('signs tokens of %s with the claims of that user', async (role) => {
    const token = await dev.sign(devUser(role), 3_600_000);
    const { payload } = await jwtVerify(token, createLocalJWKSet(dev.publicJwks), {
      issuer: `${site.url}/dev`,
      audience: 'corridor',
      algorithms: ['ES256'],
      typ: 'at+jwt',
    });
    expect(payload).toMatchObject({ sub: `dev-${role}`, roles: [role] });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/);
    expect(decodeProtectedHeader(token).kid).toBe(dev.publicJwks.keys[0]?.kid);
    expect('party' in payload).toBe(role === 'declarant' || role === 'carrier');
  });

  it('gives a code for a ticket, and tokens for the code with the verifier', async () => {
    const { status, body } = await exchange(await codeFor('inspector'));
    expect(status).toBe(200);
    const keys = createLocalJWKSet(dev.publicJwks);
    const access = await jwtVerify(body.access_token ?? '', keys, { issuer: dev.issuer(), audience: 'corridor' });
    expect(access.payload).toMatchObject({ sub: 'dev-inspector', name: 'Inspector (development)', offices: ['55401'] });
    const identity = await jwtVerify(body.id_token ?? '', keys, { issuer: dev.issuer(), audience: 'corridor' });
    expect(identity.payload).toMatchObject({ sub: 'dev-inspector', nonce: 'N' });
  });

  it('takes a code once', async () => {
    const code = await codeFor('head');
    expect((await exchange(code)).status).toBe(200);
    expect(await exchange(code)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('takes no code with another verifier, and not again with the right one', async () => {
    const code = await codeFor('head');
    const wrong = { code_verifier: randomBytes(32).toString('base64url') };
    expect(await exchange(code, wrong)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
    expect(await exchange(code)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
  });

  it.each([
    ['invalid_grant', { redirect_uri: 'http://127.0.0.1:1/auth/callback' }],
    ['invalid_client', { client_id: 'other' }],
    ['unsupported_grant_type', { grant_type: 'password' }],
  ])('answers %s to a request that is not its client’s', async (error, changes) => {
    expect(await exchange(await codeFor('head'), changes)).toEqual({ status: 400, body: { error } });
  });

  it('forgets a code after a minute', async () => {
    const code = await codeFor('head');
    site.clock.ahead = DEV_CODE_MS;
    expect(await exchange(code)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
    site.clock.ahead = 0;
  });

  it.each([{ redirect_uri: 'https://evil.example/auth/callback' }, { client_id: 'other' }])(
    'sends nobody to another client: %o',
    async (changes) => {
      const response = await fetch(authorizeUrl({ ...changes, ticket: ticketOf('head') }), { redirect: 'manual' });
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
    },
  );

  it.each([{ code_challenge_method: 'plain' }, { code_challenge: 'short' }, { response_type: 'token' }, { scope: '' }])(
    'refuses a flow that it does not know: %o',
    async (changes) => {
      const response = await fetch(authorizeUrl({ ...changes, ticket: ticketOf('head') }), { redirect: 'manual' });
      const to = new URL(response.headers.get('location') ?? '');
      expect(to.searchParams.get('error')).toBe('invalid_request');
      expect(to.searchParams.has('code')).toBe(false);
    },
  );

  it('shows a page with everybody to choose from, without script and style', async () => {
    const response = await fetch(authorizeUrl({ state: '"><script>alert(1)</script>' }));
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await response.text();
    expect(page).toContain('Not for production');
    expect(page).not.toMatch(/<script|<style|\sstyle=|\son\w+=/);
    const links = [...page.matchAll(/<li><a href="([^"]+)">([^<]+)</g)];
    expect(links.map(([, , text]) => text)).toEqual(DEV_PEOPLE.map((role) => devUser(role).name));
    const chosen = links[0]?.[1]?.replaceAll('&amp;', '&') ?? '';
    const next = await fetch(chosen, { redirect: 'manual' });
    expect(next.headers.get('location')).toMatch(/\/auth\/callback\?code=/);
  });

  it('answers under its own name only', async () => {
    const status = await new Promise((resolve) => {
      const { port } = new URL(site.url);
      const headers = { host: `evil.example:${port}` };
      request({ host: '127.0.0.1', port, path: '/dev/jwks', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    expect(status).toBe(400);
  });

  it('does not take a ticket of another start, nor one for another role', async () => {
    for (const query of ['role=head&ticket=AAAA', `role=head&ticket=${ticketOf('auditor')}`, '']) {
      const response = await fetch(`${site.url}/dev/sign-in?${query}`, { redirect: 'manual' });
      expect(response.status).toBe(400);
    }
  });

  it.each(['0.0.0.0', '::', '192.168.1.1', 'example.org'])('does not start on %s', async (host) => {
    const options = { keyFile: devKeyFile(site.dataDir), host, url: () => 'http://x' };
    await expect(startDevIssuer(options)).rejects.toThrow(/development issuer.*CORRIDOR_OIDC_ISSUER/);
  });

  it('keeps its key for the next start, readable by its owner alone', async () => {
    const file = devKeyFile(site.dataDir);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const before = await readFile(file, 'utf8');
    const again = await startSite({ dataDir: site.dataDir });
    expect(again.dev?.publicJwks).toEqual(dev.publicJwks);
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(again.dev?.links()[0]?.url).not.toBe(dev.links()[0]?.url);
    await again.close();
  });
});
