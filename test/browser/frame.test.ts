import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RULES, type RuleName, rightsOf } from '../../src/access/rules.ts';
import {
  ConsoleSite,
  overflows,
  PHONE,
  signIn,
  type Visit,
  type VisitOptions,
  withoutChromium,
} from '../helpers/browser.ts';

let site: ConsoleSite;
let visits: Visit[] = [];

async function visit(role: string | null, options?: VisitOptions) {
  const opened = await site.visit(role, options);
  visits.push(opened);
  return opened.page;
}

describe.skipIf(withoutChromium)('the frame of the console', () => {
  beforeAll(async () => {
    site = await ConsoleSite.open();
  });
  afterAll(() => site?.close());
  afterEach(async () => {
    const problems = visits.flatMap((each) => each.problems);
    await Promise.all(visits.map((each) => each.close()));
    visits = [];
    expect(problems).toEqual([]);
  });

  it('lets one sign in by mouse, and leads to where one wanted to go', async () => {
    const page = await visit(null);
    await page.goto(`${site.url}/declarations?corridor=red`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: /^Head/ }).click();
    await page.getByRole('heading', { name: 'Declarations' }).waitFor();
    expect(new URL(page.url()).search).toBe('?corridor=red');
    expect(await page.getByRole('note').textContent()).toContain('Not for production');
  });

  it('lets one sign in, look around and sign out by keyboard alone', async () => {
    const page = await visit(null);
    await page.goto(site.url);
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Sign in');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Development sign-in' }).waitFor();
    for (let hops = 0; hops < 20 && !(await focused(page)).startsWith('Expert'); hops++)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();

    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Declarations' }).waitFor();
    expect(await focused(page)).toBe('Declarations');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('/');
    expect(await page.evaluate("document.activeElement?.id === 'id'")).toBe(true);

    await page.getByRole('button', { name: /^Expert/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${site.url}/overview`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it.each(['inspector', 'head', 'auditor', 'declarant', 'administrator', 'checkpoint'] as const)(
    'offers an %s the pages that the rules allow, and no other',
    async (role) => {
      const page = await visit(role);
      const principal = { roles: [role], scopes: null } as unknown as Parameters<typeof rightsOf>[1];
      const may = (rule: RuleName) => rightsOf(RULES[rule], principal).length > 0;
      const offered = [
        ['overview', ['Overview']],
        ['decision', ['Declarations']],
        ['profiles', ['Profiles', 'Drafts', 'Policies', 'Trials', 'Effectiveness', 'Lists']],
      ] as const;
      const pages: string[] = offered.flatMap(([rule, titles]) => (may(rule) ? titles : []));
      await page.getByRole('heading', { level: 1, name: pages[0] ?? 'No page for your role yet' }).waitFor();
      expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual(pages);
      for (const [path, rule] of [
        ['overview', 'overview'],
        ['declarations', 'decision'],
        ['profiles', 'profiles'],
        ['drafts', 'profiles'],
        ['policies', 'profiles'],
        ['trials', 'profiles'],
        ['effectiveness', 'profiles'],
        ['lists', 'profiles'],
        ['migration', 'author'],
      ] as const) {
        await page.goto(`${site.url}/${path}`);
        const heading = page.getByRole('heading', { level: 1 });
        await heading.waitFor();
        expect((await heading.textContent()) === 'Not for your role').toBe(!may(rule));
      }
    },
  );

  it('explains an address where there is no page, with 404', async () => {
    const page = await visit('head');
    const response = await page.goto(`${site.url}/nowhere`);
    expect(response?.status()).toBe(404);
    const policy = (await response?.headerValue('content-security-policy')) ?? '';
    expect(policy).toMatch(/default-src 'none'.*script-src 'self'.*style-src 'self'/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  it.each([
    ['denied', 'it was declined'],
    ['no_access', 'you have no role in Corridor'],
  ])('says why a sign-in failed: %s', async (fault, text) => {
    const page = await visit(null);
    await page.goto(`${site.url}/sign-in?error=${fault}`);
    expect(await page.getByRole('alert').textContent()).toContain(text);
  });

  it('speaks the language of the browser, or the one chosen, which stays', async () => {
    const page = await visit(null, { language: 'ru-RU' });
    await page.goto(site.url);
    await page.getByRole('heading', { name: 'Вход' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('ru');
    await page.getByRole('button', { name: 'Настройки' }).click();
    await page.getByLabel('Язык').selectOption('kk');
    await page.getByRole('heading', { name: 'Кіру' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('kk');
    await page.reload();
    await page.getByRole('heading', { name: 'Кіру' }).waitFor();
  });

  it('loads the words of one language only', async () => {
    const page = await visit(null, { language: 'kk-KZ' });
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
    await page.goto(site.url);
    await page.getByRole('heading', { name: 'Кіру' }).waitFor();
    expect(loaded.filter((path) => /\/(en|ru|kk)-/.test(path))).toEqual([expect.stringMatching(/^\/console\/kk-/)]);
  });

  it('is light or dark as the system is, or as chosen, which stays', async () => {
    const page = await visit(null, { theme: 'dark' });
    const theme = () => page.evaluate('document.documentElement.dataset.theme');
    await page.goto(site.url);
    expect(await theme()).toBe('dark');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Theme').selectOption('light');
    expect(await theme()).toBe('light');
    await page.reload();
    expect(await theme()).toBe('light');
  });

  it('closes the menu by Escape, with the focus back where it was', async () => {
    const page = await visit('head');
    await page.getByRole('button', { name: /^Head/ }).click();
    await page.getByLabel('Language').focus();
    await page.keyboard.press('Escape');
    await page.getByLabel('Language').waitFor({ state: 'hidden' });
    expect(await focused(page)).toContain('Head');
  });

  it('has shortcuts that can be switched off', async () => {
    const page = await visit('head');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('switch').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.keyboard.press('?');
    expect(new URL(page.url()).pathname).toBe('/overview');
    expect(await page.getByRole('dialog').isVisible()).toBe(false);
  });

  it('says that there is no connection, and goes on when there is one again', async () => {
    const page = await visit('inspector');
    await page.getByRole('heading', { name: 'Latest decisions' }).waitFor();
    await page.context().setOffline(true);
    await page.getByLabel('Declaration number').fill('D-1');
    await page.getByLabel('Submitter', { exact: true }).fill('123456789012');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('heading', { name: 'No connection' }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Declaration not found' }).waitFor();
  });

  it('asks to sign in again where the session was ended elsewhere', async () => {
    const page = await visit('inspector');
    await page.getByRole('heading', { name: 'Latest decisions' }).waitFor();
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, `${site.url}/auth/sign-in?to=/declarations`, 'inspector');
    await page.getByRole('heading', { name: 'Latest decisions' }).waitFor();
  });

  it.each(['en', 'ru', 'kk'])('fits a phone, and a wide screen at high zoom, in %s', async (language) => {
    const page = await visit('head', { language, viewport: PHONE });
    for (const width of [PHONE.width, 320]) {
      await page.setViewportSize({ width, height: 640 });
      for (const path of ['/overview', '/declarations', '/nowhere']) {
        await page.goto(site.url + path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        if (path !== '/nowhere') await page.locator('main :is(table, .state)').first().waitFor();
        expect([path, width, await overflows(page)]).toEqual([path, width, false]);
        expect([path, width, await brokenWords(page)]).toEqual([path, width, []]);
      }
    }
  });
});

/** Words of the headings of tables that stand on more than one line. */
function brokenWords(page: Awaited<ReturnType<typeof visit>>): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('th')].flatMap((cell) => {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    const broken = [];
    while (texts.nextNode()) {
      for (const { index, 0: word } of texts.currentNode.data.matchAll(/[^\\s]+/g)) {
        const range = document.createRange();
        range.setStart(texts.currentNode, index);
        range.setEnd(texts.currentNode, index + word.length);
        if (range.getClientRects().length > 1) broken.push(word);
      }
    }
    return broken;
  })`);
}

function focused(page: Awaited<ReturnType<typeof visit>>): Promise<string> {
  return page.evaluate("document.activeElement?.textContent?.trim() ?? ''");
}
