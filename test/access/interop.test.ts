import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../helpers/nats.ts';
import { Browser } from './browser.ts';
import { type Site, startSite } from './site.ts';

/** Sign-in against an OpenID provider that is not ours: oidc-provider, certified by the OpenID Foundation. */
let provider: ChildProcess;
let site: Site;
/** The same, behind a proxy that speaks https. */
let behind: Site;
const PUBLIC_URL = 'https://risk.example';

beforeAll(async () => {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const clientSecret = 'not-a-secret: it signs in to a test';
  site = await startSite({ issuer, clientId: 'console', clientSecret });
  behind = await startSite({ issuer, clientId: 'console', clientSecret, publicUrl: PUBLIC_URL });
  const file = join(import.meta.dirname, 'openid-provider.mjs');
  const args = [file, new URL(issuer).port, `${site.url}/auth/callback`, `${PUBLIC_URL}/auth/callback`];
  provider = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  if (provider.stdout !== null) await once(provider.stdout, 'data');
});
afterAll(async () => {
  provider.kill();
  await site.close();
  await behind.close();
});

/** Fills in the provider's own pages: who one is, then the consent. */
async function signIn(browser: Browser, account: string, { url }: Site = site): Promise<string> {
  let at = `${url}/auth/sign-in?to=/declarations`;
  for (const answer of [{ prompt: 'login', login: account, password: 'any' }, { prompt: 'consent' }]) {
    const page = await browser.follow(at, ({ pathname }) => pathname.startsWith('/interaction/'));
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await browser.get(page, { method: 'POST', headers, body: new URLSearchParams(answer).toString() });
    at = response.headers.get('location') ?? '';
  }
  const back = await browser.follow(at, ({ pathname }) => pathname === '/auth/callback');
  return (await browser.get(new URL(`${back.pathname}${back.search}`, url))).headers.get('location') ?? '';
}

describe('sign-in against an independent provider', () => {
  it('ends in a session of the account', async () => {
    const browser = new Browser();
    expect(await signIn(browser, 'auditor')).toBe('/declarations');
    expect(await (await browser.get(`${site.url}/auth/session`)).json()).toMatchObject({
      ...{ signedIn: true, development: false, subject: 'auditor', name: 'Person auditor', roles: ['auditor'] },
    });
  });

  it('binds the cookies to the host under https', async () => {
    const browser = new Browser();
    expect(await signIn(browser, 'head', behind)).toBe('/declarations');
    const cookies = browser.set.filter((text) => /^[\w-]*corridor/.test(text));
    expect(cookies.map((text) => text.split('=')[0])).toEqual([
      ...['__Host-corridor-sign-in', '__Host-corridor-sign-in', '__Host-corridor'],
    ]);
    for (const cookie of cookies) expect(cookie).toMatch(/; Path=\/; .*HttpOnly; Secure;/);
  });

  it('ends without one for an account that has no role here', async () => {
    const browser = new Browser();
    expect(await signIn(browser, 'nobody')).toBe('/sign-in?error=no_access');
    expect(browser.cookie('corridor')).toBeUndefined();
  });

  it('ends without one where the person turns round', async () => {
    const browser = new Browser();
    const page = await browser.follow(`${site.url}/auth/sign-in`, ({ pathname }) =>
      pathname.startsWith('/interaction/'),
    );
    const back = await browser.follow(`${page.href}/abort`, ({ pathname }) => pathname === '/auth/callback');
    expect((await browser.get(back)).headers.get('location')).toBe('/sign-in?error=denied');
  });
});
