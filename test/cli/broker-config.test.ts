import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { createTerminal } from '../../src/cli/command.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { connectStream } from '../../src/stream/connection.ts';
import { BROKER_ROLES } from '../../src/stream/permissions.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { startNats } from '../helpers/nats.ts';

async function run(...args: string[]): Promise<{ code: number; stdout: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runCommandLine(['broker-config', ...args], {}, createTerminal(stdout, stderr));
  stdout.end();
  return { code, stdout: await text(stdout) };
}

it('prints what a server needs to let the roles in, with keys that stay', async () => {
  const data = await temporaryFolder();
  const { code, stdout } = await run('--data', data);
  expect(code).toBe(0);
  expect((await run('--data', data)).stdout).toBe(stdout);
  const server = await startNats(stdout);
  onTestFinished(() => server.close());
  const login = { keysDir: join(data, 'keys', 'nats') };
  for (const role of BROKER_ROLES) {
    await (await connectStream({ url: server.url, login, name: 'test', role })).close();
    expect(stdout).not.toContain((await readFile(join(login.keysDir, `${role}.nk`), 'utf8')).trim());
  }
});

it('prints the same for passwords and for certificates, without a secret in it', async () => {
  const passwords = await run('--users', 'passwords');
  expect(passwords.stdout).toContain('user: ingress, password: $CORRIDOR_INGRESS_PASSWORD');
  expect((await run('--users', 'certificates')).stdout).toContain('user: "CN=ingress"');
  expect((await run('--users', 'nonsense')).code).toBe(2);
});
