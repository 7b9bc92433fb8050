import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import { axeViolations, ConsoleSite, overflows, PHONE, type Visit, withoutChromium } from '../helpers/browser.ts';

/** Sum and count of some elements only; a quantifier; a group of groups. */
const WHEN =
  'sum(declaration.items.filter(i, i.hsCode.startsWith("61")).map(i, i.customsValue / i.netMassKg)) > 10.0 && ' +
  '(size(declaration.documents.filter(i, i.code == "04021")) == 0 || declaration.items.exists(i, i.netMassKg > 5.0))';
const FILE = `id: VW-1
title: A condition of many parts
target: undervaluation
corridor: yellow
measures: [{ code: documentary_check, instructions: Look. }]
weight: 0.3
level: declaration
when: '${WHEN}'
tests: [{ name: some, hits: true }, { name: none, declaration: { items: [{ netMassKg: 1 }] }, hits: false }]
`;

let site: ConsoleSite;
let visit: Visit;

async function draftOf(title: string, changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const token = await site.started.service.devIssuer?.sign(devUser('expert'), 3_600_000);
  const answer = await fetch(`${site.url}/v1/drafts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ title, reason: 'tried', changes }),
  });
  const text = await answer.text();
  expect(answer.status, text).toBe(201);
  return (JSON.parse(text) as { id: string }).id;
}

describe.skipIf(withoutChromium)('the views of a condition', () => {
  beforeAll(async () => {
    site = await ConsoleSite.open();
  });
  afterAll(() => site?.close());
  afterEach(async () => {
    expect(visit.problems).toEqual([]);
    await visit.close();
  });

  it('leave nothing out: what is counted or summed up is shown with what it is narrowed by', async () => {
    const id = await draftOf('Many parts', { 'profiles/VW-1.yaml': FILE });
    visit = await site.visit('expert');
    const { page } = visit;
    await page.goto(`${site.url}/drafts/${id}/profiles/VW-1`);
    const where = page.getByLabel('only i of which');
    await where.first().waitFor();
    expect(await where.count()).toBe(2);
    expect(await page.locator('.where [data-kind=text]').count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
    await where.last().uncheck();
    await page.getByRole('tab', { name: 'CEL text' }).click();
    await page.getByText('size(declaration.documents) == 0').waitFor();
  });

  it('fill a table by keyboard alone, as a spreadsheet does', async () => {
    const id = await draftOf('A table');
    visit = await site.visit('expert');
    const { page } = visit;
    await page.goto(`${site.url}/drafts/${id}/profiles/new`);
    await page.getByRole('tab', { name: 'Table', exact: true }).click();
    const columns = page.getByLabel('Add a column …');
    await columns.selectOption('item.hsCode');
    await columns.selectOption('item.netMassKg');
    await page.getByRole('grid').focus();
    const { keyboard } = page;
    await keyboard.type('startsWith("61")');
    await keyboard.press('Tab');
    await keyboard.type('> 5.5');
    await keyboard.press('Enter');
    await keyboard.press('Home');
    await keyboard.press('Shift+End');
    await expect.poll(() => page.locator('[role=gridcell][aria-selected=true]').count()).toBe(2);
    await page.getByRole('button', { name: 'Add a row' }).click();
    await page.getByRole('grid').focus();
    await keyboard.press('End');
    await keyboard.press('ArrowDown');
    await keyboard.type('nonsense');
    await keyboard.press('Enter');
    await page.locator('[role=gridcell][aria-invalid=true]').waitFor();
    expect(await page.getByRole('button', { name: 'Save in the draft' }).isDisabled()).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove the row' }).click();
    await page.getByRole('tab', { name: 'CEL text' }).click();
    await page.getByText('item.hsCode.startsWith("61") && item.netMassKg > 5.5').waitFor();
  });

  it('fit a phone', async () => {
    const id = await draftOf('On a phone', { 'profiles/VW-1.yaml': FILE });
    visit = await site.visit('expert', { viewport: PHONE });
    const { page } = visit;
    await page.goto(`${site.url}/drafts/${id}/profiles/VW-1`);
    for (const name of ['Sentences', 'Table', 'CEL text']) {
      await page.getByRole('tab', { name, exact: true }).click();
      await page.getByRole('tabpanel').waitFor();
      expect(await overflows(page), name).toBe(false);
    }
  });
});
