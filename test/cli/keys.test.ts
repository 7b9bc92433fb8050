import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import { createTerminal } from '../../src/cli/command.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { createAuthority } from '../helpers/certificates.ts';
import { declarationInput } from '../helpers/declaration.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { type Started, startWith } from '../helpers/started.ts';

let started: Started;
let administrator = '';

beforeAll(async () => {
  started = await startWith(join(import.meta.dirname, '../helpers/policy'));
  administrator = (await started.service.devIssuer?.sign(devUser('administrator'), 3_600_000)) ?? '';
});
afterAll(() => started.close());

async function run(...args: string[]) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const env = { CORRIDOR_TOKEN: administrator };
  const code = await runCommandLine(['keys', ...args, '--url', started.url], env, createTerminal(out, err));
  return { code, stdout: String(out.read() ?? ''), stderr: String(err.read() ?? '') };
}

async function submit(key: string, id: string): Promise<number> {
  const answer = await fetch(`${started.url}/v1/declarations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(declarationInput({ id })),
  });
  return answer.status;
}

it('makes a key that submits, lists it without its secret, and revokes it', async () => {
  const made = await run('create', '--name', 'gateway', '--scopes', 'submit', '--submitters', '*', '--days', '7');
  expect(made.code, made.stderr).toBe(0);
  const key = made.stdout.trim();
  expect(key).toMatch(/^ck_[0-9a-f]{16}_[\w-]{43}$/);
  expect(await submit(key, 'KEY-1')).toBe(200);
  const { stdout: list } = await run('list');
  const id = key.split('_')[1] ?? '';
  expect(list).toContain(id);
  expect(list).not.toContain(key.slice(20));
  expect(JSON.parse((await run('list', '--json')).stdout)).toMatchObject({
    keys: [{ id, name: 'gateway', role: 'ingest' }],
  });
  expect(await run('revoke', id)).toMatchObject({ code: 0 });
  expect(await submit(key, 'KEY-2')).toBe(401);
  expect((await run('list')).stdout).toContain('revoked');
});

it.each([
  [['create'], 2, /--name and --scopes/],
  [['revoke'], 2, /revoke ID/],
  [['forget'], 2, /create, list/],
  [['create', '--name', 'x', '--scopes', 'transit', '--submitters', '*'], 1, /\/scopes transit is not for ingest/],
  [['create', '--name', 'x', '--scopes', 'submit'], 1, /\/submitters must name/],
  [['create', '--name', 'x', '--scopes', 'everything'], 1, /\/scopes\/0 must be one of/],
  [['revoke', '0000000000000000'], 1, /no key with this id/],
])('refuses %j', async (args, code, message) => {
  const result = await run(...args);
  expect(result).toMatchObject({ code, stdout: '' });
  expect(result.stderr).toMatch(message);
});

it('says in a line why a service cannot be reached', async () => {
  const authority = await createAuthority(await temporaryFolder());
  const { cert, key } = await authority.issue('service');
  const server = createServer({ cert: await readFile(cert), key: await readFile(key) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await list(url)).toMatch(/^corridor keys: https:\S+ cannot be reached \(.*certificate.*\)\n$/);
  expect(await list('http://127.0.0.1:1')).toMatch(/^corridor keys: http:\S+ cannot be reached \(.+\)\n$/);
});

async function list(url: string): Promise<string> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  await runCommandLine(['keys', 'list', '--url', url], { CORRIDOR_TOKEN: 'x' }, createTerminal(out, err));
  return String(err.read() ?? '');
}
