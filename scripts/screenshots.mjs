/**
 * `npm run screenshots`: pictures of the console for docs/console.md, of the real service under generated traffic.
 * Each page light, dark, and on a phone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build, installPackages, provideChromium, provideNatsServer, ROOT, requireNode } from './prepare.mjs';

const TARGET = join(ROOT, 'docs/screenshots');
const RATE = 20;
/** The overview draws five minutes. */
const TRAFFIC_MS = Number(process.env.SCREENSHOTS_AFTER_S ?? 120) * 1000;
const LOOKS = [
  { look: 'light', colorScheme: 'light', viewport: { width: 1120, height: 640 } },
  { look: 'dark', colorScheme: 'dark', viewport: { width: 1120, height: 640 } },
  { look: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
];

requireNode();
installPackages();
build();
provideNatsServer();
process.env.CI = 'true';
provideChromium();
const { chromium } = await import('playwright-core');
const { DEV_BROKER } = await import(join(ROOT, 'dist/src/access/dev-users.js'));

const dataDir = mkdtempSync(join(tmpdir(), 'corridor-screenshots-'));
const main = [join(ROOT, 'dist/src/main.js'), 'start', '--demo', String(RATE), '--port', '0', '--data', dataDir];
const service = spawn(process.execPath, main, { stdio: ['ignore', 'ignore', 'inherit'] });
try {
  mkdirSync(TARGET, { recursive: true });
  const url = await addressOf();
  await delay(TRAFFIC_MS);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const red = await newest(browser, url, 'inspector', 'red', 'submitter=');
  const own = await newest(browser, url, 'expert', '', `submitter=${DEV_BROKER}`);
  for (const { look, ...options } of LOOKS) await pictures(browser, url, look, options, red, own);
  await browser.close();
} finally {
  service.kill('SIGTERM');
  await once(service, 'exit');
  rmSync(dataDir, { recursive: true, force: true });
}

/** Of the service, once it listens. */
async function addressOf() {
  for (let attempt = 0; attempt < 300; attempt++) {
    await delay(200);
    try {
      return JSON.parse(readFileSync(join(dataDir, 'service.json'), 'utf8')).http;
    } catch {
      // Not yet.
    }
  }
  throw new Error('the service did not start');
}

async function signedIn(browser, url, role, options) {
  const context = await browser.newContext({ locale: 'en', ...options });
  const page = await context.newPage();
  await page.goto(`${url}/auth/sign-in?to=/`);
  await page.getByRole('link', { name: new RegExp(`^${role}`, 'i') }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

/** Address of the newest declaration in a corridor that this role sees, of this submitter where one is named. */
async function newest(browser, url, role, corridor, submitter) {
  const page = await signedIn(browser, url, role, {});
  const link = page.locator(`td a[href*="${submitter}"]`);
  // They come and go: the list holds the newest only.
  for (let found = 0; found === 0; found = await link.count()) {
    await page.goto(`${url}/declarations?corridor=${corridor}`);
    await page.locator('.freshness').waitFor();
    await delay(1000);
  }
  const href = await link.first().getAttribute('href');
  await page.context().close();
  return href;
}

async function pictures(browser, url, look, options, red, own) {
  const nobody = await browser.newContext({ locale: 'en', ...options });
  const door = await nobody.newPage();
  await take(door, `${url}/`, 'sign-in', look);
  await nobody.close();
  const expert = await signedIn(browser, url, 'expert', options);
  await take(expert, `${url}/overview`, 'overview', look, '.plot canvas');
  const inspector = await signedIn(browser, url, 'inspector', options);
  await take(inspector, `${url}/declarations`, 'declarations', look, 'table');
  await take(inspector, url + red, 'declaration', look, '.answer');
  await take(inspector, `${url}/overview`, 'forbidden', look);
  await take(inspector, `${url}/nowhere`, 'not-found', look);
  const trader = await signedIn(browser, url, 'declarant', options);
  await take(trader, url + own.replace(/\?.*/, ''), 'declaration-trader', look, '.answer');
}

async function take(page, address, name, look, ready = 'h1') {
  await page.goto(address);
  await page.locator(ready).first().waitFor();
  await delay(1500);
  await page.screenshot({ path: join(TARGET, `${name}-${look}.png`) });
}
