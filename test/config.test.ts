import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONFIG_VARIABLES, ConfigError, loadConfig, packageRoot } from '../src/config.ts';

describe('the configuration', () => {
  it('has a default for everything, and is frozen', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ role: 'all', host: '127.0.0.1', port: 8080, natsUrl: null, ingress: 'local' });
    expect(config.rulesDir).toBe(join(packageRoot(), 'rules'));
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes options before the environment, and an empty variable as absent', () => {
    const env = { CORRIDOR_PORT: '1', CORRIDOR_HOST: '', CORRIDOR_DATA: 'somewhere' };
    expect(loadConfig(env, { port: '2' })).toMatchObject({ port: 2, host: '127.0.0.1', dataDir: resolve('somewhere') });
  });

  const certificate = { CORRIDOR_TLS_CERT: 'package.json', CORRIDOR_TLS_KEY: 'package.json' };
  const issuer = { CORRIDOR_OIDC_ISSUER: 'https://id.example.org' };

  describe.each(['0.0.0.0', '::', '192.168.1.1', 'example.org', '127.0.0.1.example.org', '127.1'])('on %s', (host) => {
    it.each([
      {},
      issuer,
      certificate,
      { CORRIDOR_BEHIND_PROXY: 'true' },
      { ...issuer, CORRIDOR_BEHIND_PROXY: 'false' },
    ])('refuses to listen with %j alone', (env) => {
      expect(() => loadConfig({ CORRIDOR_HOST: host, ...env })).toThrow(/127\.0\.0\.1.*CORRIDOR_OIDC_ISSUER/);
    });

    it('listens with an issuer and TLS, or a proxy that ends it', () => {
      expect(loadConfig({ CORRIDOR_HOST: host, ...issuer, ...certificate }).host).toBe(host);
      expect(loadConfig({ CORRIDOR_HOST: host, ...issuer, CORRIDOR_BEHIND_PROXY: 'true' }).host).toBe(host);
    });
  });

  it.each([
    ['NATS_PASSWORD_FILE', { NATS_PASSWORD_FILE: 'package.json' }],
    ['NATS_TLS_CERT', { NATS_TLS_CERT: 'package.json' }],
    ['CORRIDOR_TLS_CERT', { CORRIDOR_TLS_KEY: 'package.json' }],
    ['CORRIDOR_TLS_CLIENT_CA', { CORRIDOR_TLS_CLIENT_CA: 'package.json' }],
    ['NATS_NKEY_FILE', { NATS_NKEY_FILE: 'nowhere.nk' }],
    ['CORRIDOR_BEHIND_PROXY', { CORRIDOR_BEHIND_PROXY: 'yes' }],
    ...['proxy.example.org', '10.0.0.0/0', '10.0.0.0/33', '10.0.0.0/255.0.0.0', '10.0.0.1,,', 'fe80::1%eth0'].map(
      (proxies): [string, NodeJS.ProcessEnv] => ['CORRIDOR_PROXIES', { CORRIDOR_PROXIES: proxies }],
    ),
    ['CORRIDOR_BEHIND_PROXY', { CORRIDOR_BEHIND_PROXY: 'true' }],
  ])('refuses %s where it makes no sense', (name, env) => {
    expect(() => loadConfig(env)).toThrow(`${name}: `);
  });

  it.each(['127.0.0.1', '::1', 'localhost'])('listens on %s', (host) => {
    expect(loadConfig({ CORRIDOR_HOST: host }).host).toBe(host);
  });

  it('names every problem at once', () => {
    const env = {
      CORRIDOR_ROLE: 'desk',
      CORRIDOR_PORT: '-1',
      CORRIDOR_THREADS: '0',
      CORRIDOR_DEADLINE_MS: '5000',
      CORRIDOR_INGRESS: 'a.b',
      CORRIDOR_LOG: 'loud',
      NATS_URL: 'http://localhost:4222',
    };
    try {
      loadConfig(env);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      const { problems } = error as ConfigError;
      expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(Object.keys(env).sort());
    }
  });

  it('takes several NATS servers', () => {
    const natsUrl = 'nats://a:4222,nats://b:4222';
    expect(loadConfig({ NATS_URL: natsUrl }).natsUrl).toBe(natsUrl);
  });

  it('is explained in full by the operator’s guide', () => {
    const guide = readFileSync(join(packageRoot(), 'docs/operations.md'), 'utf8');
    expect(CONFIG_VARIABLES.filter((name) => !guide.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
