import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEV_BROKER } from '../../src/access/dev-users.ts';
import { ConsoleSite, cigarettes, type Visit, type VisitOptions, withoutChromium } from '../helpers/browser.ts';

let site: ConsoleSite;
let visits: Visit[] = [];

async function visit(role: string, options?: VisitOptions) {
  const opened = await site.visit(role, options);
  visits.push(opened);
  return opened.page;
}

const RED = '55401-260302:R.1';

describe.skipIf(withoutChromium)('declarations in the console', () => {
  beforeAll(async () => {
    site = await ConsoleSite.open();
    expect(await site.submit(cigarettes(RED))).toMatchObject({ corridor: 'red' });
    expect(await site.submit(cigarettes(RED, { version: 2 }))).toMatchObject({ corridor: 'red' });
    expect(await site.submit({ id: 'G-1' })).toMatchObject({ declarationId: 'G-1' });
    expect(await site.submit({ id: 'ELSEWHERE-1', office: '55302' })).toMatchObject({ declarationId: 'ELSEWHERE-1' });
  });
  afterAll(() => site?.close());
  afterEach(async () => {
    const problems = visits.flatMap((each) => each.problems);
    await Promise.all(visits.map((each) => each.close()));
    visits = [];
    expect(problems).toEqual([]);
  });

  it('lists what is under control in the inspector’s offices first, filters it, and keeps the filter in the address', async () => {
    const page = await visit('inspector');
    const rows = page.getByRole('table').getByRole('link');
    await rows.first().waitFor();
    expect(await rows.allTextContents()).toContain(RED);
    const chosen = page.getByLabel('Corridor', { exact: true });
    expect(await chosen.locator('option:checked').textContent()).toBe('Under control');
    await page.getByText(`Newest ${await rows.count()}`, { exact: true }).waitFor();
    await chosen.selectOption('Released');
    await page.getByText('None of the latest decisions passes this filter.').waitFor();
    await chosen.selectOption('All');
    await page.getByRole('link', { name: 'G-1' }).waitFor();
    expect(await rows.allTextContents()).toEqual(expect.arrayContaining([RED, 'G-1']));
    expect(await rows.allTextContents()).not.toContain('ELSEWHERE-1');
    await chosen.selectOption('red');
    await page.getByRole('link', { name: 'G-1' }).waitFor({ state: 'detached' });
    await rows.first().waitFor();
    expect(new Set(await rows.allTextContents())).toEqual(new Set([RED]));
    expect(new URL(page.url()).search).toBe('?corridor=red');
    await page.reload();
    await rows.first().waitFor();
    expect(new Set(await rows.allTextContents())).toEqual(new Set([RED]));
    await page.goto(`${site.url}/declarations?corridor=red&office=10101`);
    await page.getByText('None of the latest decisions passes this filter.').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await rows.first().waitFor();
    expect(new URL(page.url()).search).toBe('?corridor=all');
  });

  it('leads from the list to a declaration by keyboard, and back', async () => {
    const page = await visit('inspector');
    await page.getByRole('table').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /^Declaration / }).waitFor();
    expect(await page.evaluate("document.activeElement?.tagName ?? ''")).toBe('H1');
    await page.goBack();
    await page.getByRole('heading', { name: 'Latest decisions' }).waitFor();
  });

  it('leads from a declaration to the search by one key', async () => {
    const page = await visit('inspector');
    await page.goto(declaration(RED, DEV_BROKER));
    await page.getByRole('region', { name: 'Result' }).waitFor();
    await page.keyboard.press('/');
    await page.getByRole('heading', { name: 'Latest decisions' }).waitFor();
    await expect.poll(() => page.evaluate("document.activeElement?.id ?? ''")).toBe('id');
  });

  it('tells a trader for whom it looks, and speaks of no submitter', async () => {
    const page = await visit('declarant');
    await page.getByText(`Acting for: ${DEV_BROKER}`).waitFor();
    await page.getByLabel('Declaration number').fill('NOWHERE-1');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Declaration not found' }).waitFor();
    expect(await page.getByRole('main').textContent()).not.toMatch(/submitter/i);
  });

  it('finds a declaration by number and submitter, and says what is missing', async () => {
    const page = await visit('inspector');
    await page.getByLabel('Declaration number').fill(` ${RED} `);
    await page.keyboard.press('Enter');
    const submitter = page.getByLabel('Submitter', { exact: true });
    expect(await submitter.getAttribute('aria-invalid')).toBe('true');
    await submitter.fill(DEV_BROKER);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Declaration ${RED}` }).waitFor();
  });

  it('tells an inspector what to do and why, but not how it was found or weighed', async () => {
    const page = await visit('inspector');
    await page.goto(declaration(RED, DEV_BROKER));
    const answer = page.getByRole('region', { name: 'Result' });
    await answer.waitFor();
    expect(await answer.textContent()).toContain('Inspection');
    expect(await answer.textContent()).toContain('Hold the goods.');
    const text = await page.getByRole('main').textContent();
    expect(text).toContain('Examine the goods');
    expect(text).toContain('Goods that need a licence or permit, and none is declared');
    expect(text).toContain('2402209000');
    expect(text).not.toMatch(/BR-001|Weight|Probability|Expected damage|kz-/);
    expect(await page.getByText('Profile and expression').count()).toBe(0);
  });

  it('shows an expert code, weight and expression, one click away', async () => {
    const page = await visit('expert');
    await page.goto(declaration(RED, DEV_BROKER));
    const details = page.getByRole('group').filter({ hasText: 'BR-001' });
    await page.getByText('Profile and expression').first().click();
    await details.getByText('BR-001').waitFor();
    expect(await details.textContent()).toContain('item.hsCode');
    expect(await page.getByRole('complementary').textContent()).toContain('Probability of a violation');
  });

  it('shows a trader where its goods are and what to do, and nothing else', async () => {
    const page = await visit('declarant');
    await page.getByLabel('Declaration number').fill(RED);
    expect(await page.getByLabel('Submitter', { exact: true }).count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByText('Present the goods for inspection').waitFor();
    const text = await page.getByRole('main').textContent();
    expect(text).not.toMatch(/licence|BR-001|Examine|What to check|Why|2402209000/);
  });

  it('shows every version, says when a newer one exists, and leads to it', async () => {
    const page = await visit('inspector');
    await page.goto(`${declaration(RED, DEV_BROKER)}&version=1`);
    await page.getByText('There is a newer one: version 2.').waitFor();
    const versions = page.getByRole('complementary').getByRole('listitem');
    expect(await versions.count()).toBe(2);
    await versions.first().getByRole('link').click();
    await page.getByText('There is a newer one').waitFor({ state: 'detached' });
    await page.getByRole('region', { name: 'Result' }).waitFor();
    expect(await page.getByRole('main').textContent()).toContain('Inspection');
  });

  it('does not tell another office’s declaration from one that is not there', async () => {
    const page = await visit('inspector');
    const texts: string[] = [];
    for (const id of ['ELSEWHERE-1', 'NOWHERE-1']) {
      await page.goto(declaration(id, DEV_BROKER));
      await page.getByRole('heading', { name: 'Declaration not found' }).waitFor();
      const text = (await page.getByRole('main').textContent()) ?? '';
      texts.push(text.replace(id, '').replace(/support: \S+?(?=Find)/, ''));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  it('writes dates and numbers as the language does', async () => {
    const page = await visit('expert', { language: 'ru' });
    await page.goto(declaration(RED, DEV_BROKER));
    await page.getByRole('heading', { name: 'Почему' }).waitFor();
    const facts = (await page.getByRole('complementary').textContent()) ?? '';
    expect(facts).toMatch(/\d+,\d\s%/u);
    expect(facts).toMatch(/\d{1,2} [а-я]+\.? 20\d\d/u);
  });
});

function declaration(id: string, submitter: string): string {
  return `${site.url}/declarations/${encodeURIComponent(id)}?submitter=${submitter}`;
}
