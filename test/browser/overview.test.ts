import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEV_OFFICE } from '../../src/access/dev-users.ts';
import { ConsoleSite, type Visit, withoutChromium } from '../helpers/browser.ts';

/** A line to the service that can be cut and mended, as networks are. */
class Line {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private isCut = false;
  url = '';

  constructor(target: URL) {
    this.server = createServer((near) => {
      if (this.isCut) return void near.destroy();
      const far = connect(Number(target.port), target.hostname);
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket.on('error', () => socket.destroy()).on('close', () => this.sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
  }

  async open(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}

let site: ConsoleSite;
let line: Line;
let visit: Visit;

describe.skipIf(withoutChromium)('the overview', () => {
  beforeAll(async () => {
    site = await ConsoleSite.open();
    line = new Line(new URL(site.url));
    await line.open();
    await site.submit({ id: 'HERE-1' });
    await site.submit({ id: 'THERE-1', office: '55302' });
  });
  afterAll(async () => {
    line?.close();
    await site?.close();
  });
  afterEach(async () => {
    const { problems } = visit;
    await visit.close();
    expect(problems).toEqual([]);
  });

  it('shows what is decided as it happens', async () => {
    visit = await site.visit('expert');
    const { page } = visit;
    const total = page.locator('dl.kpis div').filter({ hasText: 'Decisions since the start' }).locator('dd');
    await total.waitFor();
    const before = Number(await total.textContent());
    await site.submit({ id: `NEW-${before}` });
    await expect.poll(() => total.textContent(), { timeout: 10_000 }).toBe(String(before + 1));
    await page.getByRole('status').getByText('Live').waitFor();
    await page.getByText(/^fresh \d seconds? ago$/).waitFor();
    const names = await Promise.all(
      (await page.getByRole('img').all()).map((image) => image.getAttribute('aria-label')),
    );
    expect(names).toEqual([expect.stringContaining('Decisions per second'), expect.stringContaining('p99')]);
    expect(await page.locator('.plot canvas').count()).toBe(2);
  });

  it('shows corridors in words and figures, against the plan', async () => {
    visit = await site.visit('expert');
    const rows = visit.page.getByRole('row');
    await rows.first().waitFor();
    const words = ['Released', 'Released, audit later', 'Documents', 'Inspection'];
    expect(await visit.page.getByRole('rowheader').allTextContents()).toEqual(words.map((word) => ` ${word}`));
    expect(await visit.page.getByRole('columnheader').allTextContents()).toEqual([
      ...['Corridor', 'Share, %', 'Plan, %', 'Difference'],
    ]);
  });

  it('shows a head the offices that are theirs, an expert all', async () => {
    visit = await site.visit('head');
    const offices = visit.page.getByRole('heading', { level: 3 });
    await offices.first().waitFor();
    expect(await offices.allTextContents()).toEqual([expect.stringContaining(DEV_OFFICE)]);
    await visit.close();
    visit = await site.visit('expert');
    const all = visit.page.getByRole('heading', { level: 3 });
    await all.first().waitFor();
    expect((await all.allTextContents()).join()).toContain('55302');
  });

  it('says that the stream broke, keeps what it showed, and comes back by itself', async () => {
    visit = await site.visit('expert');
    const { page } = visit;
    // The cookie is this machine's, whatever the port.
    await page.goto(`${line.url}/overview`);
    const state = page.getByRole('main').getByRole('status').first();
    await state.getByText('Live').waitFor();
    line.cut();
    await state.getByText('Connection lost').waitFor();
    await page.getByText(/next attempt in/).waitFor();
    expect(await page.locator('dl.kpis').isVisible()).toBe(true);
    line.mend();
    await state.getByText('Live').waitFor({ timeout: 20_000 });
  });

  it('comes back at once when it is told to', async () => {
    visit = await site.visit('expert');
    const { page } = visit;
    await page.goto(`${line.url}/overview`);
    const state = page.getByRole('main').getByRole('status').first();
    await state.getByText('Live').waitFor();
    line.cut();
    await state.getByText('Connection lost').waitFor();
    line.mend();
    await page.getByRole('button', { name: 'Try now' }).press('Enter');
    await state.getByText('Live').waitFor();
  });
});
