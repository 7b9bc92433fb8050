import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { DEV_PEOPLE } from '../../src/access/dev-users.ts';
import { localPath } from '../../src/access/sign-in.ts';
import { SIGN_IN_MS } from '../../src/limits.ts';
import { freePort } from '../helpers/nats.ts';
import { Browser } from './browser.ts';
import { type Site, type SiteOptions, startSite } from './site.ts';

const sites: Site[] = [];
afterEach(async () => {
  for (const site of sites.splice(0)) await site.close();
});

async function open(options: SiteOptions = {}): Promise<Site> {
  const site = await startSite(options);
  sites.push(site);
  return site;
}

const linkOf = ({ dev }: Site, role: string) => dev?.links().find((link) => link.role === role)?.url ?? '';
const isCallback = ({ pathname }: URL) => pathname === '/auth/callback';
const sessionOf = async (site: Site, browser: Browser) => (await browser.get(`${site.url}/auth/session`)).json();

/** To where the issuer sends the browser back. */
async function answered(site: Site, browser: Browser, role = 'head'): Promise<URL> {
  return browser.follow(linkOf(site, role), isCallback);
}

async function signedIn(site: Site, role: string): Promise<Browser> {
  const browser = new Browser();
  const end = await browser.follow(linkOf(site, role), ({ pathname }) => pathname === '/');
  expect(end.href).toBe(`${site.url}/`);
  return browser;
}

/** Where the callback leads: `/sign-in?error=…` where it refuses. */
async function outcome(browser: Browser, url: URL): Promise<string> {
  return (await browser.get(url)).headers.get('location') ?? '';
}

describe('signing in', () => {
  it.each(DEV_PEOPLE)('as %s by a link: a session with the name, the roles and what they may', async (role) => {
    const site = await open();
    const browser = await signedIn(site, role);
    const session = (await sessionOf(site, browser)) as { may: string[]; expiresAt: string };
    expect(session).toMatchObject({ signedIn: true, development: true, subject: `dev-${role}`, roles: [role] });
    expect(session.may).toContain('me');
    expect(session.may.includes('audit')).toBe(role === 'auditor');
    expect(Date.parse(session.expiresAt)).toBeGreaterThan(Date.now() + 7 * 3_600_000);
    expect(site.events).toMatchObject([
      { action: 'signed_in', subject: `dev-${role}`, roles: [role], result: 'done', target: `${site.url}/dev` },
    ]);
  });

  it('keeps the token out of scripts, addresses and caches', async () => {
    const site = await open();
    const browser = await signedIn(site, 'inspector');
    const token = browser.cookie('corridor') ?? '';
    expect(token.split('.')).toHaveLength(3);
    const session = browser.set.find((text) => text.startsWith('corridor=')) ?? '';
    expect(
      session
        .split('; ')
        .slice(1)
        .map((part) => part.replace(/=\d+$/, '=…'))
        .sort(),
    ).toEqual(['HttpOnly', 'Max-Age=…', 'Path=/', 'SameSite=Strict']);
    const began = browser.set.find((text) => text.startsWith('corridor-sign-in=')) ?? '';
    expect(began).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(browser.cookie('corridor-sign-in')).toBeUndefined();
    const response = await browser.get(`${site.url}/auth/session`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).not.toContain(token);
  });

  it('comes back to where it was asked for', async () => {
    const site = await open();
    const browser = new Browser();
    await browser.follow(linkOf(site, 'head'), ({ pathname }) => pathname === '/auth/sign-in');
    const to = encodeURIComponent('/declarations?office=55401#latest');
    const back = await browser.follow(`${site.url}/auth/sign-in?to=${to}`, isCallback);
    expect(await outcome(browser, back)).toBe('/declarations?office=55401#latest');
  });

  it('asks whom to be where no link says so, and goes on under the address that the issuer knows', async () => {
    const site = await open();
    const other = site.url.replace('127.0.0.1', 'localhost');
    const browser = new Browser();
    const at = await browser.follow(`${other}/auth/sign-in?to=/x`, ({ pathname }) => pathname === '/dev/authorize');
    expect(at.origin).toBe(site.url);
    const page = await (await browser.get(at)).text();
    const href = /<a href="([^"]+)">Analyst/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await browser.follow(href, ({ pathname }) => pathname === '/x')).origin).toBe(site.url);
  });

  it('tells nobody’s session from none', async () => {
    const site = await open();
    expect(await sessionOf(site, new Browser())).toEqual({ signedIn: false, development: true });
    const forged = await fetch(`${site.url}/auth/session`, { headers: { cookie: 'corridor=a.b.c' } });
    expect(await forged.json()).toEqual({ signedIn: false, development: true });
  });

  it('ends with the cookie gone, and the token good for nobody', async () => {
    const site = await open();
    const browser = await signedIn(site, 'auditor');
    const signOut = { method: 'POST', headers: { 'corridor-request': '1' } };
    expect((await browser.get(`${site.url}/auth/sign-out`, { method: 'POST' })).status).toBe(400);
    const copy = browser.copy();
    expect((await browser.get(`${site.url}/auth/sign-out`, signOut)).status).toBe(204);
    expect(browser.cookie('corridor')).toBeUndefined();
    expect(await sessionOf(site, browser)).toEqual({ signedIn: false, development: true });
    expect(await sessionOf(site, copy)).toEqual({ signedIn: false, development: true });
    expect((await browser.get(`${site.url}/auth/sign-out`, signOut)).status).toBe(204);
    expect(site.events.map(({ action, subject }) => [action, subject])).toEqual([
      ['signed_in', 'dev-auditor'],
      ['signed_out', 'dev-auditor'],
    ]);
  });
});

describe('a sign-in that is refused', () => {
  it.each([
    ['of another state', (url: URL) => url.searchParams.set('state', 'other'), 'state_mismatch'],
    ['without a state', (url: URL) => url.searchParams.delete('state'), 'state_mismatch'],
    ['of another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example'), 'code_refused'],
    ['with another code', (url: URL) => url.searchParams.set('code', 'guessed'), 'code_refused'],
  ])('%s', async (_name, change, fault) => {
    const site = await open();
    const browser = new Browser();
    const back = await answered(site, browser);
    change(back);
    expect(await outcome(browser, back)).toBe(`/sign-in?error=${fault}`);
    expect(browser.cookie('corridor')).toBeUndefined();
    await site.refused();
    expect(site.events).toMatchObject([
      {
        action: 'signed_in',
        result: 'refused',
        subject: '127.0.0.1',
        target: `${site.url}/dev`,
        detail: { code: fault },
      },
    ]);
  });

  it('many times over, is one entry of the audit that counts them', async () => {
    const site = await open();
    for (let attempt = 0; attempt < 20; attempt++) {
      expect(await outcome(new Browser(), new URL(`${site.url}/auth/callback?code=x&state=y`))).toMatch(/error=/);
    }
    expect(site.events).toEqual([]);
    await site.refused();
    expect(site.events).toMatchObject([{ action: 'signed_in', result: 'refused', count: 20 }]);
  });

  it('in a browser that did not begin it', async () => {
    const site = await open();
    const back = await answered(site, new Browser());
    expect(await outcome(new Browser(), back)).toBe('/sign-in?error=state_mismatch');
    const nonsense = new Browser();
    const headers = { cookie: 'corridor-sign-in=bm9uc2Vuc2U' };
    const response = await fetch(back, { redirect: 'manual', headers });
    expect(response.headers.get('location')).toBe('/sign-in?error=state_mismatch');
    expect(nonsense.cookie('corridor')).toBeUndefined();
  });

  it('with a code that was used', async () => {
    const site = await open();
    const browser = new Browser();
    const back = await answered(site, browser);
    const thief = browser.copy();
    expect(await outcome(browser, back)).toBe('/');
    expect(await outcome(thief, back)).toBe('/sign-in?error=code_refused');
    expect(await outcome(browser, back)).toBe('/sign-in?error=state_mismatch');
  });

  it('with the verifier of another sign-in', async () => {
    const site = await open();
    const [one, other] = [new Browser(), new Browser()];
    const [back, theirs] = [await answered(site, one), await answered(site, other)];
    back.searchParams.set('code', theirs.searchParams.get('code') ?? '');
    expect(await outcome(one, back)).toBe('/sign-in?error=code_refused');
  });

  it('after its time', async () => {
    const site = await open();
    const browser = new Browser();
    const back = await answered(site, browser);
    site.clock.ahead = SIGN_IN_MS + 1000;
    expect(await outcome(browser, back)).toBe('/sign-in?error=expired');
  });

  it('by the person', async () => {
    const site = await open();
    const browser = new Browser();
    const at = await browser.follow(`${site.url}/auth/sign-in`, ({ pathname }) => pathname === '/dev/authorize');
    const page = await (await browser.get(at)).text();
    const cancel = /<a href="([^"]+)">Do not/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(await outcome(browser, new URL(cancel))).toBe('/sign-in?error=denied');
  });

  it('where the issuer cannot be reached, and again until it can', async () => {
    const site = await open({ issuer: `http://127.0.0.1:${await freePort()}` });
    const browser = new Browser();
    for (let attempt = 0; attempt < 2; attempt++) {
      const response = await browser.get(`${site.url}/auth/sign-in`);
      expect(response.headers.get('location')).toBe('/sign-in?error=provider_unavailable');
    }
    expect(await sessionOf(site, browser)).toEqual({ signedIn: false, development: false });
  });

  it('where the issuer is on another machine and speaks in the clear', async () => {
    const site = await open({ issuer: 'http://issuer.example' });
    const response = await new Browser().get(`${site.url}/auth/sign-in`);
    expect(response.headers.get('location')).toBe('/sign-in?error=provider_unavailable');
  });
});

describe('where a sign-in leads', () => {
  const elsewhere = [
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/x/../..//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    'https://evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    '%2F%2Fevil.example',
    ' //evil.example',
    'evil.example',
    `/${'x'.repeat(2000)}`,
    '',
    undefined,
    ['/a', '/b'],
  ];

  it.each(elsewhere)('is the start, not %j', (to) => {
    expect(localPath(to)).toBe('/');
  });

  it.each([
    ['/', '/'],
    ['/declarations/A-1?x=1#y', '/declarations/A-1?x=1#y'],
    ['/%2F%2Fevil.example', '/%2F%2Fevil.example'],
    ['/a b', '/a%20b'],
  ])('%s is a path of this site', (to, path) => {
    expect(localPath(to)).toBe(path);
  });

  it('is this site, whatever is asked for', () => {
    const pieces = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      ':',
      '@',
      '\t',
      '%2f',
      '%5c',
      '?',
      '#',
      'evil.example',
      'https:',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const path = localPath(parts.join(''));
        return new URL(path, 'https://risk.example').origin === 'https://risk.example' && !/[\\\p{Cc}]/u.test(path);
      }),
      { numRuns: 20_000 },
    );
  });

  it('holds on the way too', async () => {
    const site = await open();
    for (const to of ['%2F%2Fevil.example', '/%5Cevil.example', '%252F%252Fevil.example', '/.//evil.example']) {
      const browser = new Browser();
      await browser.follow(linkOf(site, 'head'), ({ pathname }) => pathname === '/auth/sign-in');
      const back = await browser.follow(`${site.url}/auth/sign-in?to=${to}`, isCallback);
      expect(await outcome(browser, back)).toBe('/');
    }
  });
});
