import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEV_BROKER, DEV_OFFICE, DEV_PEOPLE } from '../../src/access/dev-users.ts';
import { findBroker } from '../../src/cli/broker.ts';
import { bearerFor } from '../../src/cli/credentials.ts';
import { writeServiceFile } from '../../src/cli/service-file.ts';
import { lodgerOf, startTraffic } from '../../src/cli/traffic.ts';
import { loadConfig } from '../../src/config.ts';
import type { DeclarationInput } from '../../src/core/normalise.ts';
import { Browser } from '../access/browser.ts';
import { declarationInput } from '../helpers/declaration.ts';

/** Tokens for development, around one service without an identity provider. */
const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/src/main.js');

let folder: string;
let data: string;
let stop: () => Promise<unknown>;
let http: string;
/** What the start printed so far. */
let printed = '';

function launch(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const { NATS_URL: _, CORRIDOR_TOKEN: __, ...env } = process.env;
  return spawn(process.execPath, [MAIN, ...args], { env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const child = launch(args, more);
  const [[code], stdout, stderr] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  return { code: code as number | null, stdout, stderr };
}

async function tokenOf(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['token', '--data', data, ...args]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  return stdout.trim();
}

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corridor-token-'));
  data = join(folder, 'data');
  const rules = join(ROOT, 'test/helpers/policy');
  const child = launch(['start', '--port', '0', '--data', data, '--rules', rules, '--demo', '40']);
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  stop = async () => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  };
  while (!printed.includes('administrator')) {
    if (child.exitCode !== null) throw new Error(await text(child.stderr));
    await delay(20);
  }
  http = JSON.parse(await readFile(join(data, 'service.json'), 'utf8')).http;
});
afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

describe('corridor token', () => {
  it('prints a token of the role that the service takes', async () => {
    const id = 'TOKEN-1';
    const ingest = await tokenOf('--role', 'ingest');
    const response = await fetch(`${http}/v1/declarations`, {
      method: 'POST',
      headers: { ...as(ingest).headers, 'content-type': 'application/json', 'corridor-submitter': 'somebody' },
      body: JSON.stringify(declarationInput({ id })),
    });
    expect([200, 202], await response.text()).toContain(response.status);
    const own = await fetch(
      `${http}/v1/declarations/${id}`,
      as(await tokenOf('--role', 'declarant', '--party', 'somebody')),
    );
    expect(await own.json()).toMatchObject({ declarationId: id });
    const others = await fetch(
      `${http}/v1/declarations/${id}`,
      as(await tokenOf('--role', 'declarant', '--party', 'other')),
    );
    expect(others.status).toBe(404);
  });

  it('names whom, where, and for how long it is told', async () => {
    const token = await tokenOf('--role', 'inspector', '--office', '50401', '--subject', 'A. B.', '--hours', '2');
    const { sub, offices, roles, iat = 0, exp = 0, iss } = decodeJwt(token);
    expect({ sub, offices, roles, iss }).toEqual({
      ...{ sub: 'A. B.', offices: ['50401'], roles: ['inspector'], iss: `${http}/dev` },
    });
    expect(exp - iat).toBe(7200);
    expect(decodeJwt(await tokenOf('--role', 'declarant')).party).toBe(DEV_BROKER);
    expect(decodeJwt(await tokenOf('--role', 'head')).offices).toEqual([DEV_OFFICE]);
    expect(decodeJwt(await tokenOf('--role', 'ingest', '--party', 'P')).submitters).toEqual(['P']);
  });

  it.each([
    [['--role', 'king'], 2, /--role: must be one of declarant/],
    [[], 2, /--role/],
    [['--role', 'head', '--hours', '25'], 2, /--hours/],
    [['--role', 'head', '--party', 'P'], 2, /acts for no party/],
    [['--role', 'head', '--data', '/nowhere'], 1, /no service runs on \/nowhere/],
  ])('refuses %j', async (args, code, message) => {
    const result = await run(['token', ...(args.includes('--data') ? [] : ['--data', data]), ...args]);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  it('has nothing to sign with where another issuer is believed', async () => {
    await writeServiceFile(folder, {
      pid: process.pid,
      http: 'http://127.0.0.1:1',
      nats: '',
      devIssuer: null,
      ingress: 'local',
      natsKeys: null,
    });
    const result = await run(['token', '--role', 'head', '--data', folder]);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/no development issuer/);
  });
});

describe('a service without an identity provider', () => {
  it('says that it is not for production, and prints a link for each role that signs in with it', async () => {
    expect(printed).toContain('NOT FOR PRODUCTION');
    const links = [...printed.matchAll(/^sign in as (\w+) +(http\S+)$/gm)];
    expect(links.map(([, role]) => role)).toEqual(DEV_PEOPLE);
    for (const [, role = '', link = ''] of links) {
      const browser = new Browser();
      await browser.follow(link, ({ pathname }) => pathname === '/');
      const session = await (await browser.get(`${http}/auth/session`)).json();
      expect(session).toMatchObject({ signedIn: true, development: true, subject: `dev-${role}` });
    }
  });

  it('takes the token of nobody who signed out, wherever a copy of it is', async () => {
    const browser = new Browser();
    await browser.follow(/^sign in as auditor +(\S+)$/m.exec(printed)?.[1] ?? '', ({ pathname }) => pathname === '/');
    const copy = as(browser.cookie('corridor') ?? '');
    expect((await fetch(`${http}/v1/declarations/NONE?submitter=x`, copy)).status).toBe(404);
    await browser.get(`${http}/auth/sign-out`, { method: 'POST', headers: { 'corridor-request': '1' } });
    expect((await fetch(`${http}/v1/declarations/NONE?submitter=x`, copy)).status).toBe(401);
  });

  it('lets commands that may read its folder submit, or whom CORRIDOR_TOKEN names', async () => {
    const file = join(folder, 'one.json');
    await writeFile(file, JSON.stringify([declarationInput({ id: 'TOKEN-2' })]));
    const decide = (more: Record<string, string>, ...args: string[]) =>
      run(['decide', file, '--data', data, ...args], more);
    const auditor = await tokenOf('--role', 'auditor');
    const elsewhere = run(['decide', file, '--data', folder, '--url', http]);
    const answers = [decide({}), decide({}, '--url', http), decide({ CORRIDOR_TOKEN: auditor }), elsewhere];
    const [found, named, refused, stranger] = await Promise.all(answers);
    expect(found).toMatchObject({ code: 0 });
    expect(named).toMatchObject({ code: 0 });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused?.stderr).toContain('answered 403');
    expect(stranger?.stderr).toContain('answered 401');
  });

  it('sends its traffic in the name of those who lodge it', async () => {
    const seen: { headers: IncomingHttpHeaders; declaration: DeclarationInput }[] = [];
    const recorder = createServer(async (request, response) => {
      seen.push({ headers: request.headers, declaration: (await json(request)) as DeclarationInput });
      response.end();
    });
    recorder.listen(0, '127.0.0.1');
    await once(recorder, 'listening');
    const broker = await findBroker(loadConfig({ CORRIDOR_DATA: data }));
    const url = `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`;
    const authorise = bearerFor({ sign: async ({ subject }) => subject });
    const told: string[] = [];
    const message = (text: string) => told.push(text);
    const traffic = await startTraffic({ url, broker, role: 'all', perSecond: 400, authorise, message });
    while (seen.length < 100) await delay(10);
    await traffic.stop();
    expect(told).toEqual([]);
    recorder.close().closeAllConnections();
    for (const { headers, declaration } of seen) {
      expect(headers).toMatchObject({
        'corridor-submitter': lodgerOf(declaration),
        authorization: 'Bearer dev-ingest',
      });
    }
  });
});
