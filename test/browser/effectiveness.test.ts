import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import { generate } from '../../src/generate/generate.ts';
import { axeViolations, ConsoleSite, withoutChromium } from '../helpers/browser.ts';

let site: ConsoleSite;

describe.skipIf(withoutChromium)('effectiveness', () => {
  beforeAll(async () => {
    site = await ConsoleSite.open();
    const user = { ...devUser('ingest'), submitters: ['*'] };
    const lines = [...generate({ declarations: 150, seed: 6 })].map(({ declaration }) => JSON.stringify(declaration));
    const answer = await fetch(`${site.url}/v1/declarations/batch`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await site.started.service.devIssuer?.sign(user, 3_600_000)}`,
        'content-type': 'application/x-ndjson',
      },
      body: lines.join('\n'),
    });
    expect((await answer.text()).trim().split('\n')).toHaveLength(150);
  });
  afterAll(() => site?.close());

  it('shows what each profile does, and why something is proposed for it', async () => {
    const visit = await site.visit('expert');
    const { page } = visit;
    await page.goto(`${site.url}/effectiveness?days=3660`);
    await page.getByText(/^150 declarations, /).waitFor();
    await page.locator('td summary').first().click();
    await page.locator('td details[open] li').first().waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByLabel('Proposal').selectOption('retire');
    expect(new URL(page.url()).searchParams.get('proposal')).toBe('retire');
    await page.getByText('No profile has this proposal.').waitFor();
    expect(visit.problems).toEqual([]);
    await visit.close();
  });
});
