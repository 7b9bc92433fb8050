import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectionOptions, nkeyAuthenticator, usernamePasswordAuthenticator } from 'nats';
import type { Config } from '../config.ts';
import type { BrokerRole } from './permissions.ts';

/** How the broker knows us, and we it. It names files: secrets are read from them at each connection, and kept nowhere. */
export interface Login {
  /** Folder with the seed of each role, `<role>.nk`. */
  readonly keysDir?: string;
  /** Seed of one user, whatever the role. */
  readonly nkeyFile?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  /** PEM files: who may sign the broker's certificate, our own certificate, its key. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Where a broker is, and how to be let in. */
export interface Broker {
  /** `nats://host:port` or `tls://host:port`, several with commas between. */
  readonly url: string;
  readonly login?: Login;
}

/** What the settings say about a broker that somebody else runs. */
export function loginOf(config: Config): Login {
  const { natsUser, natsPasswordFile, natsNkeyFile, natsTlsCa, natsTlsCert, natsTlsKey } = config;
  const tls = { ...given('ca', natsTlsCa), ...given('cert', natsTlsCert), ...given('key', natsTlsKey) };
  return {
    ...given('user', natsUser),
    ...given('passwordFile', natsPasswordFile),
    ...given('nkeyFile', natsNkeyFile),
    ...(Object.keys(tls).length > 0 ? { tls } : {}),
  };
}

/** @throws where they name none. */
export function namedBroker(config: Config): Broker {
  if (config.natsUrl === null) throw new Error('the address of a NATS server is needed');
  return { url: config.natsUrl, login: loginOf(config) };
}

function given<K extends string>(key: K, value: string | null): { readonly [P in K]?: string } {
  return (value === null ? {} : { [key]: value }) as { readonly [P in K]?: string };
}

/** @throws where a file cannot be read. */
export function authentication({ url, login = {} }: Broker, role: BrokerRole | undefined): Partial<ConnectionOptions> {
  const { keysDir, user, passwordFile, tls } = login;
  const nkeyFile = keysDir !== undefined && role !== undefined ? seedFile(keysDir, role) : login.nkeyFile;
  // The client takes no notice of the scheme: without this it would go on in the clear where the broker says so.
  const encrypted = tls !== undefined || url.split(',').some((part) => part.startsWith('tls:'));
  const authenticator = [
    ...(nkeyFile === undefined ? [] : [nkeyAuthenticator(() => Buffer.from(secretOf(nkeyFile)))]),
    ...(user === undefined ? [] : [usernamePasswordAuthenticator(user, () => secretOf(passwordFile))]),
  ];
  if (nkeyFile !== undefined) secretOf(nkeyFile);
  return {
    ...(authenticator.length > 0 ? { authenticator } : {}),
    ...(encrypted ? { tls: tlsFiles(tls) } : {}),
  };
}

export function seedFile(keysDir: string, role: BrokerRole): string {
  return join(keysDir, `${role}.nk`);
}

function tlsFiles({ ca, cert, key }: NonNullable<Login['tls']> = {}): NonNullable<ConnectionOptions['tls']> {
  return {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
  };
}

/** Without the line's end that editors put there. */
function secretOf(file: string | undefined): string {
  return file === undefined ? '' : readFileSync(file, 'utf8').trim();
}
