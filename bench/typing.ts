import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { devUser } from '../src/access/dev-users.ts';
import { signerOf } from '../src/cli/credentials.ts';
import { packageRoot } from '../src/config.ts';
import { cellTypeOf, columnPaths } from '../src/criteria/columns.ts';
import type { CellType } from '../src/criteria/table.ts';
import type { Dictionary } from '../src/profiles/dictionary.ts';
import { runningOn } from './lib/targets.ts';

/**
 * How soon typing in a decision table is seen: Chromium, the console of a real service, a table of 200 rows and 40 columns
 * with every cell filled. From the key, as the browser got it, to the first moment after the next paint; each cell is
 * opened by typing and left by Enter, which makes the condition of the whole table anew.
 *
 * Keys come a pause apart: 60 ms is faster than the fastest typist, and than a key that is held down repeats. Without
 * one, each waits for the frames of those before it.
 *
 *   npm run bench -- typing [--rows 200] [--columns 40] [--cells 60] [--pause 60]
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200' },
    columns: { type: 'string', default: '40' },
    cells: { type: 'string', default: '60' },
    pause: { type: 'string', default: '60' },
  },
});
const [ROWS, COLUMNS, CELLS] = [Number(values.rows), Number(values.columns), Number(values.cells)];
const PAUSE_MS = Number(values.pause);
/** What the console promises. */
const WANTED_MS = 50;
const START_TRIES = 300;

/** In the page: the time of each key until it has been painted, in milliseconds, by what the key was. */
const WATCH = `
  window.typed = { letter: [], enter: [], move: [] };
  document.addEventListener('keydown', ({ key, timeStamp }) => {
    const kind = key.length === 1 ? 'letter' : key === 'Enter' ? 'enter' : 'move';
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.typed[kind].push(performance.now() - timeStamp);
      port2.postMessage(null);
    });
  }, { capture: true });
`;
const PASTE = `(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  const grid = document.querySelector('[role=grid]');
  grid.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
}`;

/** The least that there is here: a field alone on a page. */
const FLOOR = 'data:text/html,<!doctype html><title>.</title><input autofocus>';

type Typed = Readonly<Record<'letter' | 'enter' | 'move', readonly number[]>>;

async function open(data: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const main = join(packageRoot(), 'dist/src/main.js');
  const child = spawn(process.execPath, [main, 'start', '--port', '0', '--data', data], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  for (let attempt = 0; attempt < START_TRIES; attempt++) {
    await delay(200);
    const file = join(data, 'service.json');
    if (existsSync(file)) return { url: (JSON.parse(readFileSync(file, 'utf8')) as { http: string }).http, stop };
  }
  await stop();
  throw new Error('the service did not start');
}

/** As the expert of the development issuer. */
async function askerOf(url: string, data: string): Promise<<T>(path: string, body?: object) => Promise<T>> {
  const signer = await signerOf(data, await runningOn(data));
  const authorization = `Bearer ${await signer?.sign(devUser('expert'), 3_600_000)}`;
  return async <T>(path: string, body?: object): Promise<T> => {
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const headers = { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const answer = await fetch(`${url}${path}`, { headers, ...sent });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as T;
  };
}

const FILLED: Readonly<Record<CellType, (row: number) => string>> = {
  text: (row) => `"C${row}", startsWith("T${row}")`,
  number: (row) => `[${row}.5..${row + 10}.5)`,
  integer: (row) => `>= ${row}`,
  boolean: (row) => String(row % 2 === 0),
  date: (row) => `> 2026-01-${String((row % 28) + 1).padStart(2, '0')}`,
};

/** A table in the editor of a new profile, all cells of it filled. */
async function fill(page: Page, dictionary: Dictionary): Promise<void> {
  await page.getByRole('tab', { name: 'Table', exact: true }).click();
  const add = page.getByLabel('Add a column …');
  const columns = columnPaths(dictionary).slice(0, COLUMNS);
  for (const path of columns) await add.selectOption(path.join('.'));
  const types = columns.map((path) => cellTypeOf(dictionary, { kind: 'path', path }) ?? 'text');
  const line = (row: number) => types.map((cell) => FILLED[cell](row)).join('\t');
  const text = Array.from({ length: ROWS }, (_, row) => line(row)).join('\n');
  await page.evaluate(`(${PASTE})(${JSON.stringify(text)})`);
  await page.locator(`[role=grid][aria-rowcount="${ROWS + 1}"]`).waitFor();
}

function presser({ keyboard }: Page): (key: string) => Promise<void> {
  return async (key) => {
    await keyboard.press(key);
    await delay(PAUSE_MS);
  };
}

async function type(page: Page): Promise<Typed> {
  const press = presser(page);
  await page.getByRole('gridcell').first().click();
  await page.evaluate(WATCH);
  for (let n = 0; n < CELLS; n++) {
    for (const letter of `>${n % 10}`) await press(letter);
    await press('Enter');
    await press(n % 5 === 4 ? 'PageDown' : 'ArrowRight');
  }
  await delay(500);
  return (await page.evaluate('window.typed')) as Typed;
}

async function floor(page: Page): Promise<readonly number[]> {
  await page.goto(FLOOR);
  await page.locator('input').focus();
  await page.evaluate(WATCH);
  const press = presser(page);
  for (let n = 0; n < CELLS; n++) await press(String(n % 10));
  await delay(500);
  return ((await page.evaluate('window.typed')) as Typed).letter;
}

function line(what: string, times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN).toFixed(1);
  return `${what.padEnd(28)} ${String(times.length).padStart(5)} keys  p50 ${at(0.5)}  p95 ${at(0.95)}  max ${at(1)} ms\n`;
}

const executablePath = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find(existsSync);
if (executablePath === undefined) throw new Error('chromium is not on the path');
const data = await mkdtemp(join(tmpdir(), 'corridor-bench-'));
const service = await open(data);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const ask = await askerOf(service.url, data);
  const { id } = await ask<{ id: string }>('/v1/drafts', { title: 'A wide table', reason: 'measured' });
  const dictionary = await ask<Dictionary>('/v1/dictionary?level=item');
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en' });
  await page.goto(`${service.url}/auth/sign-in?to=/`);
  await page.getByRole('link', { name: /^expert/i }).click();
  await page.getByRole('main').waitFor();
  await page.goto(`${service.url}/drafts/${id}/profiles/new`);
  await fill(page, dictionary);
  const typed = await type(page);
  const least = await floor(page);
  const all = [...typed.letter, ...typed.enter, ...typed.move];
  process.stdout.write(
    `${ROWS} rows, ${COLUMNS} columns, keys ${PAUSE_MS} ms apart; from a key to the paint after it:\n`,
  );
  process.stdout.write(line('typing in a cell', typed.letter));
  process.stdout.write(line('leaving it (Enter)', typed.enter));
  process.stdout.write(line('going on (arrows, pages)', typed.move));
  process.stdout.write(line('a field alone on a page', least));
  process.stdout.write(line(`all of them (wanted: ≤ ${WANTED_MS})`, all));
} finally {
  await browser.close();
  await service.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 3 });
}
