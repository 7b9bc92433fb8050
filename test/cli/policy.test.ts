import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devUser } from '../../src/access/dev-users.ts';
import type { Role } from '../../src/access/roles.ts';
import { createTerminal } from '../../src/cli/command.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { readBundle } from '../../src/profiles/bundle.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { type Started, startWith } from '../helpers/started.ts';

const POLICY = join(import.meta.dirname, '../helpers/policy');
let started: Started;

beforeAll(async () => {
  started = await startWith(POLICY);
});
afterAll(() => started.close());

async function run(role: Role, ...args: string[]) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const env = { CORRIDOR_TOKEN: (await started.service.devIssuer?.sign(devUser(role), 3_600_000)) ?? '' };
  const code = await runCommandLine(['policy', ...args, '--url', started.url], env, createTerminal(out, err));
  return { code, stdout: String(out.read() ?? ''), stderr: String(err.read() ?? '') };
}

it('exports a version as it was read, and makes a draft of a folder that was changed', async () => {
  const folder = join(await temporaryFolder(), 'policy');
  expect(await run('expert', 'export', 'active', folder)).toMatchObject({ code: 0 });
  expect(await readBundle(folder)).toEqual(await readBundle(POLICY));
  expect(await run('expert', 'export', 'active', folder)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/is not empty/),
  });
  expect(await run('expert', 'draft', folder)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/is the active policy/),
  });
  const file = join(folder, 'profiles/UV-001.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^weight: .*$/m, 'weight: 0.27'));
  const made = await run('expert', 'draft', folder, '--title', 'from a folder', '--json');
  expect(JSON.parse(made.stdout)).toMatchObject({ title: 'from a folder', files: ['profiles/UV-001.yaml'] });
});

it('lists versions, compares them and goes back to one', async () => {
  const before = JSON.parse((await run('auditor', 'versions', '--json')).stdout).versions[0].version;
  const sent = { rows: [{ words: 'misc goods' }], reason: 'seen often' };
  const token = await started.service.devIssuer?.sign(devUser('analyst'), 3_600_000);
  const changed = await fetch(`${started.url}/v1/lists/vague_words/rows`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(sent),
  });
  expect(changed.status, await changed.clone().text()).toBe(200);
  const { stdout } = await run('auditor', 'versions');
  expect(stdout.split('\n')[0]).toMatch(/^\* \S+ {2}\S+ {2}lists {6}dev-analyst: seen often$/);
  expect((await run('auditor', 'diff', 'active')).stdout).toContain('misc goods');
  expect(await run('approver', 'activate', before)).toMatchObject({ code: 2 });
  expect(await run('approver', 'activate', before, '--reason', 'too wide')).toMatchObject({ code: 0 });
  expect((await run('auditor', 'diff', 'active', before)).stderr).toContain('no difference');
});

it('says what it takes', async () => {
  expect(await run('expert')).toMatchObject({ code: 2 });
  expect(await run('expert', 'export', 'active')).toMatchObject({ code: 2 });
  expect(await run('expert', 'diff', 'none-0')).toMatchObject({ code: 1, stderr: expect.stringMatching(/404/) });
});
