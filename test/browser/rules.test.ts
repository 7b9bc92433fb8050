import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import type { Role } from '../../src/access/roles.ts';
import type { ProfileForm } from '../../src/profiles/profile-form.ts';
import { ConsoleSite, overflows, PHONE, type Visit, type VisitOptions, withoutChromium } from '../helpers/browser.ts';
import { workbook } from '../helpers/workbook.ts';

let site: ConsoleSite;
let visits: Visit[] = [];

async function visit(role: string, path: string, options?: VisitOptions): Promise<Page> {
  const opened = await site.visit(role, options);
  visits.push(opened);
  await opened.page.goto(site.url + path);
  await opened.page.getByRole('heading', { level: 1 }).waitFor();
  return opened.page;
}

interface Answer<T> {
  readonly body: T;
  readonly etag: string;
}

/** As another program would. */
async function ask<T>(role: Role, line: string, body?: unknown, etag?: string): Promise<Answer<T>> {
  const [method = '', path = ''] = line.split(' ');
  const token = await site.started.service.devIssuer?.sign(devUser(role), 3_600_000);
  const answer = await fetch(site.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(etag !== undefined && { 'if-match': etag }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${line}: ${answer.status} ${text}`);
  return { body: JSON.parse(text) as T, etag: answer.headers.get('etag') ?? '' };
}

/** A draft of the expert's with one profile changed. */
async function draftOf(title: string, patch: Partial<ProfileForm>): Promise<string> {
  const { body } = await ask<{ profile: ProfileForm }>('expert', 'GET /v1/profiles/UV-001');
  const made = await ask<{ id: string }>('expert', 'POST /v1/drafts', { title });
  await ask('expert', `PUT /v1/drafts/${made.body.id}/profiles/UV-001`, { ...body.profile, ...patch }, made.etag);
  return `/drafts/${made.body.id}`;
}

/** A button, and what its dialog asks. */
async function act(page: Page, label: string, reason?: string): Promise<void> {
  await page.getByRole('button', { name: label, exact: true }).first().click();
  const dialog = page.getByRole('dialog', { name: label });
  await dialog.waitFor();
  if (reason !== undefined) await dialog.getByRole('textbox', { name: /Reason|words/ }).fill(reason);
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.waitFor({ state: 'hidden' });
}

describe.skipIf(withoutChromium)('rules in the console', () => {
  beforeAll(async () => {
    site = await ConsoleSite.open();
    await site.submit({ id: 'HISTORY-1' });
  });
  afterAll(() => site?.close());
  afterEach(async () => {
    const problems = visits.flatMap((each) => each.problems);
    await Promise.all(visits.map((each) => each.close()));
    visits = [];
    expect(problems).toEqual([]);
  });

  it('takes a draft from its author through review into force, and back again by an older version', async () => {
    const path = await draftOf('Prices fell', { weight: 0.33 });
    const expert = await visit('expert', path);
    await expert.getByText('The whole policy compiles').waitFor();
    await expert.getByRole('row', { name: /^Weight 0\.5 0\.33$/ }).waitFor();
    expect(await expert.getByRole('link', { name: 'Edit' }).getAttribute('href')).toBe(`${path}/profiles/UV-001`);
    await expert.getByRole('button', { name: 'Try it on all history' }).click();
    const tried = expert.getByRole('region', { name: 'On history' });
    await tried.getByText('1 declaration decided again').waitFor();
    await tried.getByText(/^UV-001: hits 0/).waitFor();
    await act(expert, 'Send to review');
    await expert.getByText('An approver who has not edited it').waitFor();
    expect(await expert.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);

    const approver = await visit('approver', '/drafts?show=waits');
    await approver.getByRole('link', { name: 'Prices fell' }).click();
    await act(approver, 'Comment', 'Seen by me');
    await approver.getByText('Seen by me').waitFor();
    await act(approver, 'Approve');
    await approver.getByText('Approved by dev-approver').waitFor();
    await act(approver, 'Publish now', 'in force from now on');
    await approver.getByText('The policy is as it says.').waitFor();

    await approver.getByRole('link', { name: 'Policies' }).click();
    const first = approver.getByRole('row').filter({ hasText: 'rules folder' });
    await first.waitFor();
    expect(await approver.getByRole('row').filter({ hasText: 'dev-approver' }).textContent()).toMatch(
      /Active.*draft.*dev-expert.*dev-approver/,
    );
    await first.getByRole('link').click();
    await act(approver, 'Go back to this version', 'it was too much');
    await approver.getByText('Active', { exact: true }).waitFor();
    const { body } = await ask<{ profile: ProfileForm }>('expert', 'GET /v1/profiles/UV-001');
    expect(body.profile.weight).toBe(0.5);
  });

  it('does the same by keyboard alone', async () => {
    const path = await draftOf('By keyboard', { weight: 0.44 });
    await ask('expert', `POST /v1${path}/submit`);
    const page = await visit('approver', '/overview');
    await page.keyboard.press('g');
    await page.keyboard.press('r');
    await page.getByRole('link', { name: 'By keyboard' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Draft: By keyboard' }).waitFor();
    const button = page.getByRole('button', { name: 'Approve', exact: true });
    await button.waitFor();
    for (let tabs = 0; tabs < 20; tabs++) {
      if (await button.evaluate((element) => element === element.ownerDocument.activeElement)) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Approve' }).waitFor();
    await page.keyboard.type('well made');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('well made').waitFor();
    await page.getByRole('dialog', { name: 'Approve' }).waitFor({ state: 'hidden' });
  });

  it('says what is wrong with a draft, and in which place; a rejection reaches its author', async () => {
    const tests = [
      { name: 'coffee at its usual price', hits: true },
      { name: 'coffee again', hits: false },
    ];
    const path = await draftOf('Broken', { tests });
    const page = await visit('expert', path);
    await page.getByText('1 problem to be mended').waitFor();
    await page.getByText(/profiles\/UV-001\.yaml:\d+:\d+/).waitFor();
    await page.getByRole('button', { name: 'Send to review' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('dialog').getByText('coffee at its usual price').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

    const other = await draftOf('Too heavy', { weight: 1 });
    await ask('expert', `POST /v1${other}/submit`);
    const approver = await visit('approver', other);
    await act(approver, 'Reject', 'leave room for others');
    await page.goto(site.url + other);
    await page.getByText('Rejected by dev-approver').waitFor();
    await page.getByText('leave room for others').waitFor();
  });

  it('tells that somebody was first', async () => {
    const path = await draftOf('Changed twice', { weight: 0.2 });
    const page = await visit('expert', path);
    await page.getByRole('button', { name: 'Delete' }).waitFor();
    const { etag } = await ask('expert', `GET /v1${path}`);
    await ask('expert', `PUT /v1${path}`, { title: 'Changed in between' }, etag);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Somebody changed it meanwhile').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  });

  it('activates by the head of an office in an emergency, marked and reviewed afterwards', async () => {
    const path = await draftOf('At once', { weight: 0.9 });
    const head = await visit('head', path);
    await act(head, 'Activate in an emergency', 'a lorry of counterfeit medicine is on its way');
    await head.getByText('Emergency', { exact: true }).first().waitFor();
    const approver = await visit('approver', '/drafts?show=waits');
    await approver.getByRole('link', { name: 'At once' }).click();
    await approver.getByText('is to be reviewed afterwards').waitFor();
    await act(approver, 'Approve');
    await approver.getByText('is to be reviewed afterwards').waitFor({ state: 'detached' });
    await approver.goto(`${site.url}/policies`);
    await approver.locator('tr').filter({ hasText: 'Emergency' }).first().waitFor();
  });

  it('shows a list as long as it is, finds in it, and changes it row by row', async () => {
    const page = await visit('analyst', '/lists');
    await page.getByRole('link', { name: 'sanctioned_destinations' }).click();
    const rows = page.getByRole('region', { name: 'Rows of the list' }).locator('tbody tr:not(.gap)');
    await rows.first().waitFor();
    const before = await rows.count();
    await page.getByRole('button', { name: 'Add a row' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a row' });
    for (const field of await dialog.locator('input[name^="cell "]').all()) await field.fill('AQ');
    await dialog.getByLabel('Until').fill('2030-01-31');
    await dialog.getByLabel('Reason').fill('decree of this morning');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByLabel('Find in any column').fill('decree');
    const added = rows.filter({ hasText: 'decree of this morning' });
    await added.waitFor();
    await page.getByText('1 row', { exact: true }).waitFor();
    expect(await added.textContent()).toContain('2030-01-31');
    await added.getByRole('button', { name: 'Remove' }).click();
    const removal = added.getByRole('dialog');
    await removal.getByLabel('Reason').fill('it was for tomorrow');
    await removal.getByRole('button', { name: 'Confirm' }).click();
    await added.waitFor({ state: 'detached' });
    await page.getByLabel('Find in any column').fill('');
    await expect.poll(() => rows.count()).toBe(before);
  });

  it('uploads a list after saying what would change, and gives its file', async () => {
    const page = await visit('expert', '/lists/hubs');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('hubs.csv');
    const stream = await download.createReadStream();
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    const lines = text.trimEnd().split('\n');
    const changed = `${lines.slice(0, -1).join('\n')}\n${(lines.at(-1) ?? '').replace(/^[^,]*/, 'AQ')}\n`;
    await page.getByRole('button', { name: 'Upload' }).click();
    const dialog = page.getByRole('dialog', { name: 'Upload' });
    const file = { name: 'hubs.csv', mimeType: 'text/csv', buffer: Buffer.from(changed) };
    await dialog.getByLabel('File').setInputFiles(file);
    await dialog.getByText('Added: 1. Removed: 1.').waitFor();
    await dialog.getByLabel('Reason').fill('the yearly review');
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByLabel('Find in any column').fill('AQ');
    await page.getByText('1 row', { exact: true }).waitFor();
  });

  it('takes over rules of a workbook: the report first, then the draft', async () => {
    const page = await visit('expert', '/drafts');
    await page.getByRole('link', { name: 'Take over rules' }).click();
    const head = ['id', 'title', 'target', 'corridor', 'measures', 'instructions', 'weight', 'hsCode'];
    const row = ['Shoes', 'undervaluation', 'yellow', 'documentary_check', 'Look.', 0.4];
    const buffer = workbook([head, ['NEW-1', ...row, 'startsWith("64")'], ['NEW-2', ...row, 'near("64")']]);
    await page.getByLabel('File').setInputFiles({ name: 'rules.xlsx', mimeType: 'application/octet-stream', buffer });
    await page.getByRole('button', { name: 'Read the file' }).click();
    await page.getByText('Profiles: 1. Parts refused: 1.').waitFor();
    await page.getByRole('cell', { name: /cell H3.*near is not known/ }).waitFor();
    await page.getByRole('button', { name: 'Make the draft' }).click();
    await page.getByRole('heading', { name: 'Draft: Rules taken over' }).waitFor();
    await page.getByText('profiles/NEW-1.yaml').waitFor();
    await page.getByText('item.hsCode.startsWith("64")').first().waitFor();
  });

  it('shows profiles narrowed as the address says, and one of them in words', async () => {
    const page = await visit('expert', '/profiles?target=undervaluation');
    const links = page.getByRole('table').getByRole('link');
    await links.first().waitFor();
    expect(new Set((await links.allTextContents()).map((id) => id.slice(0, 2)))).toEqual(new Set(['UV']));
    await page.keyboard.press('/');
    await page.keyboard.type('UV-001');
    await page.getByText('1 profile', { exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe('?q=UV-001&target=undervaluation');
    await links.first().click();
    await page.getByRole('heading', { name: 'What it hits' }).waitFor();
    await page.getByRole('button', { name: 'Change it in a draft' }).click();
    await page.getByRole('dialog').getByLabel('Title of the draft').waitFor();
  });

  it('needs no scrolling sideways on a phone, in any language', async () => {
    const path = await draftOf('Narrow', { weight: 0.1 });
    for (const language of ['en', 'ru', 'kk']) {
      const page = await visit('expert', '/profiles', { viewport: PHONE, language });
      const wide: string[] = [];
      for (const at of [
        '/profiles',
        '/profiles/UV-001',
        '/drafts',
        path,
        '/policies',
        '/lists',
        '/lists/tariff',
        '/migration',
      ]) {
        await page.goto(site.url + at);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        if (await overflows(page)) wide.push(`${language} ${at}`);
      }
      expect(wide).toEqual([]);
    }
  }, 60_000);
});
