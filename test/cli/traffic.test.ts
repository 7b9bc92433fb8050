import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEV_BROKER, DEV_CARRIER, DEV_OFFICE } from '../../src/access/dev-users.ts';
import { bearerFor } from '../../src/cli/credentials.ts';
import { lodgerOf, startTraffic, TRAFFIC_PEOPLE } from '../../src/cli/traffic.ts';
import { generate } from '../../src/generate/generate.ts';
import { brokerConfig, ensureBrokerKeys } from '../../src/stream/broker-config.ts';
import { seedFile } from '../../src/stream/login.ts';
import { SUBMITTER_PATTERN } from '../../src/wire/identity.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { freePort, startNats } from '../helpers/nats.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/src/main.js');
const POLICY = join(ROOT, 'test/helpers/policy');

/** The most frequent first. */
function ranked(values: Iterable<string | null | undefined>): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value != null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);
}

describe('traffic to look at', () => {
  const plan = { people: TRAFFIC_PEOPLE, declarations: 20_000, days: 1 };
  const days = [1, 2].map((seed) => [...generate({ ...plan, seed })].map(({ declaration }) => declaration));

  it.each(days.map((declarations, index) => [index + 1, declarations] as const))(
    'is most often that of the users for development, whatever the start (%d)',
    (_start, declarations) => {
      expect(ranked(declarations.map(lodgerOf))[0]).toBe(DEV_BROKER);
      expect(ranked(declarations.map(({ office }) => office))[0]).toBe(DEV_OFFICE);
      const transit = declarations.filter(({ regime }) => regime === 'transit');
      expect(ranked(transit.map(lodgerOf)).slice(0, 3)).toContain(DEV_CARRIER);
    },
  );

  it('is lodged by somebody who can be a submitter', () => {
    for (const declaration of days.flat()) expect(lodgerOf(declaration)).toMatch(SUBMITTER_PATTERN);
  });
});

it('shares the login of a service at somebody else’s broker', async () => {
  const data = await temporaryFolder();
  const keysDir = join(data, 'keys', 'nats');
  const server = await startNats(brokerConfig(ensureBrokerKeys(keysDir)));
  onTestFinished(() => server.close());
  const args = ['start', '--port', '0', '--data', data, '--rules', POLICY, '--nats', server.url, '--demo', '50'];
  const env = { ...process.env, NATS_NKEY_FILE: seedFile(keysDir, 'all') };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const messages = text(child.stderr);
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += String(chunk);
    if (/^[1-9]\d* decisions/m.test(printed)) child.kill('SIGTERM');
  });
  const [code] = await once(child, 'exit');
  expect(code, await messages).toBe(0);
  expect(await messages).not.toContain('generated traffic');
});

it('tells what goes wrong, and goes on', async () => {
  const told: string[] = [];
  const broker = { url: `nats://127.0.0.1:${await freePort()}` };
  const authorise = bearerFor(null);
  const message = (line: string) => told.push(line);
  const traffic = await startTraffic({
    url: 'http://127.0.0.1:1',
    broker,
    role: 'all',
    perSecond: 1,
    authorise,
    message,
  });
  await traffic.stop();
  expect(told).toEqual([expect.stringMatching(/^generated traffic: its parties have no categories: ./)]);
});
