import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { DEV_BROKER, DEV_OFFICE, devUser } from '../../src/access/dev-users.ts';
import { type Authorise, bearerFor } from '../../src/cli/credentials.ts';
import type { DeclarationInput } from '../../src/core/normalise.ts';
import { declarationInput } from './declaration.ts';
import { type Started, startWith } from './started.ts';

const RULES = resolve(import.meta.dirname, '../../rules');
const PATIENCE_MS = 10_000;
export const PHONE = { width: 390, height: 844 };
export const WIDE = { width: 1440, height: 900 };

export const executable = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find(existsSync);
/** Without Chromium the tests in it are passed over; scripts/prepare.mjs says so, and fails where CI is set. */
export const withoutChromium = executable === undefined && process.env.CI !== 'true';

export interface VisitOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly theme?: 'light' | 'dark';
  readonly language?: string;
}

/** A window of its own on the real service: its own cookies and choices. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What no page may do: errors in the console, exceptions, things that the security policy forbids. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

/** The shipped rules, the service in this process, and a Chromium that opens its console. */
export class ConsoleSite {
  readonly started: Started;
  private readonly browser: Browser;
  private readonly authorise: Authorise;
  private readonly cookies = new Map<string, Awaited<ReturnType<BrowserContext['cookies']>>>();

  private constructor(started: Started, browser: Browser) {
    this.started = started;
    this.browser = browser;
    this.authorise = bearerFor(started.service.devIssuer);
  }

  static async open(): Promise<ConsoleSite> {
    if (executable === undefined) throw new Error('chromium is not on the path');
    const started = await startWith(RULES);
    // Chromium has no sandbox where it runs as root, as it does in containers.
    const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
    return new ConsoleSite(started, browser);
  }

  get url(): string {
    return this.started.service.url;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.started.close();
  }

  /** @param role whom to be by the development issuer; null: nobody yet */
  async visit(role: string | null, options: VisitOptions = {}): Promise<Visit> {
    const { viewport = WIDE, theme = 'light', language = 'en' } = options;
    const context = await this.browser.newContext({ viewport, colorScheme: theme, locale: language });
    await context.addInitScript(
      "addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))",
    );
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      // Answers that say no are part of the journeys; the browser reports each.
      const refused = message.text().startsWith('Failed to load resource');
      if (['error', 'warning'].includes(message.type()) && !refused) problems.push(message.text());
    });
    if (role !== null) await this.enter(page, role);
    return { page, context, problems, close: () => context.close() };
  }

  /** Signs in once for each role, and comes back with the cookie: who signs in all the time is told to wait. */
  private async enter(page: Page, role: string): Promise<void> {
    const known = this.cookies.get(role);
    if (known === undefined) {
      await signIn(page, `${this.url}/auth/sign-in?to=/`, role);
      this.cookies.set(role, await page.context().cookies());
      return;
    }
    await page.context().addCookies(known);
    await page.goto(this.url);
  }

  /** A draft of the expert's, of a decision table as CSV. */
  async migrate(title: string, table: string): Promise<void> {
    const token = await this.started.service.devIssuer?.sign(devUser('expert'), 3_600_000);
    const response = await fetch(`${this.url}/v1/migrations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ kind: 'table-csv', title, content: Buffer.from(table).toString('base64') }),
    });
    if (response.status !== 201) throw new Error(await response.text());
  }

  /** Has a declaration decided; what the service answered. */
  async submit(patch: Partial<DeclarationInput>, submitter = DEV_BROKER): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}/v1/declarations`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'corridor-submitter': submitter,
        ...(await this.authorise()),
      },
      body: JSON.stringify(declarationInput({ office: DEV_OFFICE, ...patch })),
    });
    const body = (await response.json()) as Record<string, unknown>;
    if (response.status !== 200) throw new Error(JSON.stringify(body));
    return body;
  }
}

/** Through the development issuer's page, as people do. */
export async function signIn(page: Page, url: string, role: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('link', { name: new RegExp(`^${role}`, 'i') }).click();
  await page.getByRole('main').waitFor();
}

/** Cigarettes without a licence: inspection by the shipped rules, with reasons, values and measures. */
export function cigarettes(id: string, patch: Partial<DeclarationInput> = {}): Partial<DeclarationInput> {
  const [item] = declarationInput().items;
  if (item === undefined) throw new Error('a declaration has items');
  return { id, items: [{ ...item, hsCode: '2402209000', description: 'Cigarettes with filter' }], ...patch };
}

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const AXE_RUN = `axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  resultTypes: ['violations'],
}).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) =>
  id + ': ' + node.target.join(' ') + ' ' + node.any.map(({ message }) => message).join('; '))))`;

/** What axe finds against WCAG 2.2 AA on the page as it stands. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return (await page.evaluate(AXE_RUN)) as string[];
}

/** Whether one has to scroll sideways to read the page. */
export async function overflows(page: Page): Promise<boolean> {
  return (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) as boolean;
}
