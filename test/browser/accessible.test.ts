import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV_BROKER } from '../../src/access/dev-users.ts';
import { axeViolations, ConsoleSite, cigarettes, PHONE, WIDE, withoutChromium } from '../helpers/browser.ts';

const RED = 'RED-1';
const VARIANTS = (['light', 'dark'] as const).flatMap((theme) =>
  [PHONE, WIDE].map((viewport) => ({ theme, viewport, name: `${theme}, ${viewport.width} px wide` })),
);

/** A page or a state of one: who sees it, and how one comes there from signing in. */
interface State {
  readonly name: string;
  readonly role: string | null;
  readonly path: string;
  /** What stands there when all of it does. */
  readonly heading: string;
  readonly act?: (page: Page) => Promise<unknown>;
}

const TABLE = `id,title,target,corridor,measures,instructions,weight,originCountry
T-1,A rule,undervaluation,yellow,documentary_check,Look.,0.4,CN
`;

const declaration = (id: string) => `/declarations/${id}?submitter=${DEV_BROKER}`;

const STATES: readonly State[] = [
  { name: 'sign-in', role: null, path: '/', heading: 'Sign in' },
  { name: 'failed sign-in', role: null, path: '/sign-in?error=denied', heading: 'Sign in' },
  { name: 'settings', role: null, path: '/', heading: 'Sign in', act: (page) => open(page, 'Settings') },
  { name: 'overview', role: 'expert', path: '/overview', heading: 'Offices in the last hour' },
  {
    ...{ name: 'overview without connection', role: 'expert', path: '/overview', heading: 'Offices in the last hour' },
    act: async (page) => {
      await page.context().setOffline(true);
      await page.evaluate("dispatchEvent(new Event('online'))");
      await page.getByText('Connection lost').waitFor();
    },
  },
  {
    ...{ name: 'help', role: 'expert', path: '/overview', heading: 'Overview' },
    act: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'menu',
    role: 'expert',
    path: '/declarations',
    heading: 'Latest decisions',
    act: (page) => open(page, /^Exp/),
  },
  { name: 'list', role: 'inspector', path: '/declarations', heading: 'Latest decisions' },
  { name: 'empty list', role: 'inspector', path: '/declarations?office=10101', heading: 'Latest decisions' },
  {
    ...{ name: 'missing field', role: 'inspector', path: '/declarations', heading: 'Latest decisions' },
    act: (page) => page.getByRole('button', { name: 'Find' }).click(),
  },
  {
    ...{ name: 'declaration in full', role: 'expert', path: declaration(RED), heading: 'Why' },
    act: (page) => page.getByText('Profile and expression').first().click(),
  },
  { name: 'declaration for an inspector', role: 'inspector', path: `${declaration(RED)}&version=1`, heading: 'Why' },
  { name: 'released declaration', role: 'expert', path: declaration('GREEN-1'), heading: 'Versions' },
  { name: 'declaration for a trader', role: 'declarant', path: `/declarations/${RED}`, heading: 'Versions' },
  { name: 'search of a trader', role: 'declarant', path: '/declarations', heading: 'Declarations' },
  { name: 'no such declaration', role: 'inspector', path: declaration('NONE'), heading: 'Declaration not found' },
  { name: 'profiles', role: 'expert', path: '/profiles?corridor=red', heading: 'Profiles' },
  { name: 'effectiveness', role: 'expert', path: '/effectiveness', heading: 'Effectiveness' },
  { name: 'profile', role: 'expert', path: '/profiles/UV-001', heading: 'What it hits' },
  { name: 'no such profile', role: 'expert', path: '/profiles/NONE', heading: 'Not found' },
  { name: 'drafts', role: 'expert', path: '/drafts', heading: 'Drafts' },
  {
    ...{ name: 'new draft', role: 'expert', path: '/drafts', heading: 'Drafts' },
    act: (page) => page.getByRole('button', { name: 'New draft' }).click(),
  },
  {
    ...{ name: 'draft', role: 'expert', path: '/drafts', heading: 'Drafts' },
    act: async (page) => {
      await page.getByRole('link', { name: 'Prices' }).click();
      await page.getByText('The whole policy compiles').waitFor();
      await page.getByText('profiles/T-1.yaml').waitFor();
    },
  },
  { name: 'policies', role: 'expert', path: '/policies', heading: 'Versions' },
  { name: 'policies for an approver', role: 'approver', path: '/policies', heading: 'Nodes' },
  { name: 'lists', role: 'expert', path: '/lists', heading: 'Lists' },
  { name: 'list', role: 'expert', path: '/lists/tariff', heading: 'List tariff' },
  {
    ...{ name: 'new row', role: 'expert', path: '/lists/tariff', heading: 'List tariff' },
    act: (page) => page.getByRole('button', { name: 'Add a row' }).click(),
  },
  { name: 'list for a reader', role: 'auditor', path: '/lists/tariff', heading: 'List tariff' },
  { name: 'migration', role: 'expert', path: '/migration', heading: 'Take over rules' },
  { name: 'not found', role: 'expert', path: '/nowhere', heading: 'Page not found' },
  { name: 'forbidden', role: 'inspector', path: '/overview', heading: 'Not for your role' },
  { name: 'nothing', role: 'checkpoint', path: '/', heading: 'No page for your role yet' },
  {
    ...{ name: 'offline', role: 'inspector', path: '/declarations', heading: 'Latest decisions' },
    act: async (page) => {
      const link = page.getByRole('table').getByRole('link').first();
      await link.waitFor();
      await page.context().setOffline(true);
      await link.click();
      await page.getByRole('heading', { name: 'No connection' }).waitFor();
    },
  },
];

async function open(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('button', { name }).click();
  await page.getByLabel('Language').waitFor();
}

const OF_RULES = /^\/(profiles|drafts|policies|lists|migration)/;

/**
 * To the pages of rules as a link leads there, by way of one that is none, so that nothing is left of the state before:
 * whoever loads the console anew for each of so many is told to wait.
 */
async function goTo(page: Page, path: string): Promise<void> {
  if (!OF_RULES.test(path) || !page.url().startsWith(site.url)) return void (await page.goto(site.url + path));
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const to of ['/nowhere', path]) {
    await page.evaluate(`history.pushState(null, '', '${to}'); dispatchEvent(new PopStateEvent('popstate'))`);
    if (to !== path) await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  }
}

let site: ConsoleSite;

describe.skipIf(withoutChromium)('WCAG 2.2 AA', () => {
  beforeAll(async () => {
    site = await ConsoleSite.open();
    await site.submit(cigarettes(RED));
    await site.submit(cigarettes(RED, { version: 2 }));
    await site.submit({ id: 'GREEN-1' });
    await site.migrate('Prices', TABLE);
  });
  afterAll(() => site?.close());

  it.each(VARIANTS)(
    'axe finds no violation on any page and state: $name',
    async ({ theme, viewport }) => {
      const found: string[] = [];
      for (const role of new Set(STATES.map((state) => state.role))) {
        const { page, context, problems, close } = await site.visit(role, { theme, viewport });
        for (const state of STATES.filter((each) => each.role === role)) {
          await goTo(page, state.path);
          await page.getByRole('heading', { name: state.heading }).first().waitFor();
          await state.act?.(page);
          found.push(...(await axeViolations(page)).map((violation) => `${state.name}: ${violation}`));
          await context.setOffline(false);
        }
        found.push(...problems);
        await close();
      }
      expect(found).toEqual([]);
    },
    180_000,
  );

  it.each(['ru', 'kk'])(
    'axe finds no violation in %s',
    async (language) => {
      const { page, close } = await site.visit('expert', { language });
      for (const path of ['/overview', '/declarations', declaration(RED), '/policies', '/profiles/UV-001']) {
        await page.goto(site.url + path);
        await page.getByRole('heading', { level: 2 }).first().waitFor();
        expect([path, ...(await axeViolations(page))]).toEqual([path]);
      }
      await close();
    },
    60_000,
  );
});
