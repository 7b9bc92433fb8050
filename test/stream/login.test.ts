import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { exposedSecrets, loadConfig } from '../../src/config.ts';
import { brokerConfig, certificateConfig, ensureBrokerKeys, passwordConfig } from '../../src/stream/broker-config.ts';
import { connectStream } from '../../src/stream/connection.ts';
import { type Login, loginOf, seedFile } from '../../src/stream/login.ts';
import { BROKER_ROLES, type BrokerRole } from '../../src/stream/permissions.ts';
import { type Authority, createAuthority } from '../helpers/certificates.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { startNats } from '../helpers/nats.ts';

async function brokerWith(config: string): Promise<string> {
  const server = await startNats(config);
  onTestFinished(() => server.close());
  return server.url;
}

async function letsIn(url: string, login: Login, role?: BrokerRole): Promise<boolean> {
  const conn = await connectStream({
    url,
    login,
    name: 'test',
    withinMs: 2000,
    ...(role === undefined ? {} : { role }),
  });
  onTestFinished(() => conn.close());
  return conn.connected();
}

const tlsBlock = async (authority: Authority, more = '') => {
  const { cert, key } = await authority.issue('broker');
  return `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${authority.ca}", ${more} }\n`;
};
const secure = (url: string) => url.replace('nats:', 'tls:');

it('lets in each role by its nkey, and nobody without one or with another', async () => {
  const [keysDir, foreign] = [join(await temporaryFolder(), 'keys'), join(await temporaryFolder(), 'keys')];
  const url = await brokerWith(brokerConfig(ensureBrokerKeys(keysDir)));
  ensureBrokerKeys(foreign);
  for (const role of BROKER_ROLES) expect(await letsIn(url, { keysDir }, role)).toBe(true);
  expect(await letsIn(url, { nkeyFile: seedFile(keysDir, 'engine') }, 'engine')).toBe(true);
  await expect(letsIn(url, {})).rejects.toThrow('does not let us in');
  await expect(letsIn(url, { keysDir: foreign }, 'all')).rejects.toThrow('does not let us in');
  await expect(letsIn(url, { user: 'all' })).rejects.toThrow('does not let us in');
  await expect(letsIn(url, { keysDir: '/nowhere' }, 'all')).rejects.toThrow('/nowhere/all.nk');
});

it('makes keys once, for their owner alone', async () => {
  const keysDir = join(await temporaryFolder(), 'keys');
  const users = ensureBrokerKeys(keysDir);
  expect(ensureBrokerKeys(keysDir)).toEqual(users);
  expect(new Set(Object.values(users)).size).toBe(BROKER_ROLES.length);
  for (const role of BROKER_ROLES) expect((await stat(seedFile(keysDir, role))).mode & 0o777).toBe(0o600);
  expect((await stat(keysDir)).mode & 0o777).toBe(0o700);
  expect(brokerConfig(users)).not.toContain((await readFile(seedFile(keysDir, 'all'), 'utf8')).trim());
  await writeFile(seedFile(keysDir, 'all'), 'torn');
  expect(() => ensureBrokerKeys(keysDir)).toThrow('not the seed of an nkey');
});

it('lets in a name with the password of a file, and not with another', async () => {
  const folder = await temporaryFolder();
  const [right, wrong] = [join(folder, 'right'), join(folder, 'wrong')];
  await writeFile(right, 'open sesame\n', { mode: 0o600 });
  await writeFile(wrong, 'open barley\n', { mode: 0o644 });
  const url = await brokerWith(passwordConfig().replaceAll(/\$CORRIDOR\w+/g, '"open sesame"'));
  const login = (file: string) => loginOf(loadConfig({ NATS_USER: 'ingress', NATS_PASSWORD_FILE: file }));
  expect(await letsIn(url, login(right), 'ingress')).toBe(true);
  await expect(letsIn(url, login(wrong), 'ingress')).rejects.toThrow('does not let us in');
  expect(exposedSecrets(loadConfig({ NATS_USER: 'ingress', NATS_PASSWORD_FILE: wrong }))).toEqual([wrong]);
  await chmod(wrong, 0o640);
  expect(exposedSecrets(loadConfig({ NATS_USER: 'ingress', NATS_PASSWORD_FILE: wrong }))).toEqual([]);
});

it('goes on only with a broker whose certificate our authority has signed', async () => {
  const folder = await temporaryFolder();
  const authority = await createAuthority(folder);
  const other = await createAuthority(folder, 'other');
  const url = await brokerWith(await tlsBlock(authority));
  expect(await letsIn(url, { tls: { ca: authority.ca } })).toBe(true);
  expect(await letsIn(secure(url), { tls: { ca: authority.ca } })).toBe(true);
  await expect(letsIn(url, { tls: { ca: other.ca } })).rejects.toThrow('not to be trusted');
  await expect(letsIn(secure(url), {})).rejects.toThrow('not to be trusted');
});

it('never speaks in the clear where TLS was asked for', async () => {
  const url = await brokerWith('');
  await expect(letsIn(secure(url), {})).rejects.toThrow('does not speak TLS');
  const { ca } = await createAuthority(await temporaryFolder());
  await expect(letsIn(url, { tls: { ca } })).rejects.toThrow('does not speak TLS');
});

it('knows a role by its certificate (mTLS), and nobody without one of the right authority', async () => {
  const folder = await temporaryFolder();
  const authority = await createAuthority(folder);
  const other = await createAuthority(folder, 'other');
  const url = await brokerWith((await tlsBlock(authority, 'verify_and_map: true')) + certificateConfig());
  const mine = await authority.issue('engine');
  const { natsTlsCa, ...rest } = loadConfig({
    NATS_TLS_CA: authority.ca,
    NATS_TLS_CERT: mine.cert,
    NATS_TLS_KEY: mine.key,
  });
  expect(await letsIn(url, loginOf({ natsTlsCa, ...rest }), 'engine')).toBe(true);
  const refused = [undefined, await authority.issue('stranger'), await other.issue('engine')];
  for (const theirs of refused) {
    const tls = { ca: authority.ca, ...theirs };
    await expect(letsIn(url, { tls }, 'engine')).rejects.toThrow(/does not (answer|let us in)/);
  }
});
