import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEV_BROKER, devUser } from '../../src/access/dev-users.ts';
import { generate } from '../../src/generate/generate.ts';
import { axeViolations, ConsoleSite, type Visit, withoutChromium } from '../helpers/browser.ts';

let site: ConsoleSite;
let visit: Visit;

async function ask<T>(role: 'expert' | 'approver' | 'ingest', line: string, body?: unknown): Promise<T> {
  const [method = '', path = ''] = line.split(' ');
  const token = await site.started.service.devIssuer?.sign(
    { ...devUser(role), ...(role === 'ingest' ? { submitters: ['*'] } : {}) },
    3_600_000,
  );
  const isLines = typeof body === 'string';
  const answer = await fetch(`${site.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': isLines ? 'application/x-ndjson' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isLines ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  expect(answer.ok, text).toBe(true);
  return (isLines ? null : JSON.parse(text)) as T;
}

const draftOf = (title: string) => ask<{ id: string }>('expert', 'POST /v1/drafts', { title, reason: 'prices fell' });

const TESTS = JSON.stringify([
  {
    ...{ name: 'cheap', hits: true },
    declaration: { items: [{ netMassKg: 100, grossMassKg: 110, customsValue: { amount: '10000', currency: 'KZT' } }] },
  },
  {
    ...{ name: 'dear', hits: false },
    declaration: { items: [{ netMassKg: 100, grossMassKg: 110, customsValue: { amount: '900000', currency: 'KZT' } }] },
  },
]);

describe.skipIf(withoutChromium)('the editor', () => {
  beforeAll(async () => {
    site = await ConsoleSite.open();
    const lines = [...generate({ declarations: 200, seed: 5 })].map(({ declaration }) => JSON.stringify(declaration));
    await ask('ingest', 'POST /v1/declarations/batch', lines.join('\n'));
  });
  afterAll(() => site?.close());
  afterEach(async () => {
    expect(visit.problems).toEqual([]);
    await visit.close();
  });

  it('builds an undervaluation profile from nothing, shows what it would do, and saves it', async () => {
    const { id } = await draftOf('Cheap goods');
    visit = await site.visit('expert');
    const { page } = visit;
    await page.goto(`${site.url}/drafts/${id}/profiles/new`);
    await page.getByLabel('Identifier').fill('UV-900');
    await page.getByLabel('Title').fill('Less than 400 KZT a kilogram');
    await page.getByLabel('What the official is to do').fill('Compare invoice and contract.');
    await page.getByLabel('Kind of condition').selectOption('compare');
    expect(await page.getByRole('button', { name: 'Save in the draft' }).isDisabled()).toBe(true);
    await page.getByLabel('Kind of: Value').selectOption('arithmetic');
    await page.getByLabel('Left side', { exact: true }).fill('item.customsValue');
    await page.getByLabel('Left side', { exact: true }).blur();
    await page.getByLabel('Operator', { exact: true }).first().selectOption('/');
    await page.getByLabel('Kind of: Right side').selectOption('path');
    await page.getByLabel('Right side', { exact: true }).fill('item.netMassKg');
    await page.getByLabel('Right side', { exact: true }).blur();
    await page.getByLabel('Operator', { exact: true }).last().selectOption('<');
    await page.getByLabel('Compared with', { exact: true }).fill('400');
    await page.getByLabel('Compared with', { exact: true }).blur();
    await page.getByText('Tests (2)').click();
    await page.getByLabel(/^JSON/).fill(TESTS);
    await page.getByLabel(/^JSON/).blur();
    await page.locator('[data-figure=hits]').waitFor();
    await page.getByRole('tab', { name: 'CEL text' }).click();
    await page.getByText('item.customsValue / item.netMassKg < 400.0').waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save in the draft' }).click();
    await page.getByText('Saved as revision').waitFor();
    const saved = await ask<{ profile: { when: string } }>('expert', `GET /v1/drafts/${id}/profiles/UV-900`);
    expect(saved.profile.when).toBe('item.customsValue / item.netMassKg < 400.0');
  });

  it('leads by keyboard alone from an empty page to the first live hit, with another who approves', async () => {
    const { id } = await draftOf('Heavy goods');
    visit = await site.visit('expert');
    const { page } = visit;
    await page.goto(`${site.url}/drafts/${id}/profiles/new`);
    const { keyboard } = page;
    /** Where Tab leads to; the browser's own way round the page. */
    const tabTo = async (name: string | RegExp): Promise<void> => {
      for (let i = 0; i < 80; i++) {
        await keyboard.press('Tab');
        const label = await page.evaluate<string>(
          "(() => { const e = document.activeElement; return e.getAttribute('aria-label') ?? (e.labels?.[0]?.textContent || e.textContent); })()",
        );
        if (typeof name === 'string' ? label.trim() === name : name.test(label)) return;
      }
      throw new Error(`Tab leads nowhere to ${name}`);
    };
    await page.getByRole('tab', { name: 'Sentences' }).waitFor();
    await tabTo('Kind of condition');
    await keyboard.type('compare');
    await tabTo('Value');
    await keyboard.type('item.grossMassKg');
    await tabTo('Operator');
    await keyboard.type('>');
    await tabTo('Compared with');
    await keyboard.type('1');
    await tabTo('Identifier');
    await keyboard.type('UV-901');
    await tabTo('Title');
    await keyboard.type('Anything of more than a kilogram');
    await tabTo('Corridor');
    await keyboard.type('red');
    await tabTo('What the official is to do');
    await keyboard.type('Weigh it.');
    await tabTo(/^Tests/);
    await keyboard.press('Enter');
    await tabTo(/^JSON/);
    await keyboard.press('Control+a');
    await keyboard.insertText(
      '[{"name":"heavy","hits":true},{"name":"light","declaration":{"items":[{"netMassKg":0.1,"grossMassKg":0.2}]},"hits":false}]',
    );
    await tabTo('Save in the draft');
    await page.locator('[data-figure=hits]').waitFor();
    await keyboard.press('Enter');
    await page.getByText('Saved as revision').waitFor();

    type State = { readonly revision: number; readonly state: string };
    const { revision } = await ask<State>('expert', `GET /v1/drafts/${id}`);
    expect(revision).toBeGreaterThan(1);
    await page.goto(`${site.url}/drafts/${id}`);
    await page
      .getByRole('button', { name: /review/i })
      .first()
      .waitFor();
    await tabTo(/review/i);
    await keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await keyboard.press('Tab');
    await page.getByRole('dialog').getByRole('button').first().focus();
    await keyboard.press('Enter');
    await expect.poll(async () => (await ask<State>('expert', `GET /v1/drafts/${id}`)).state).toBe('in_review');

    const approver = await site.visit('approver');
    await approver.page.goto(`${site.url}/drafts/${id}`);
    const dialog = approver.page.getByRole('dialog');
    for (const [name, sign] of [
      ['Approve', 'Approved by'],
      ['Publish now', 'Active'],
    ] as const) {
      await approver.page.getByRole('button', { name, exact: true }).click();
      await dialog.getByRole('button', { name: 'Confirm' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await approver.page.getByText(sign, { exact: false }).first().waitFor();
    }
    expect(approver.problems).toEqual([]);
    await approver.close();

    await site.submit({ id: 'FIRST-HIT' });
    await page.goto(`${site.url}/declarations/FIRST-HIT?submitter=${DEV_BROKER}`);
    await page.getByText('Weigh it.').first().waitFor();
  }, 90_000);
});
