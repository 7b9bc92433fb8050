import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { AWAY_MINUTES, DECISION_DEADLINE_MS, DECISIONS_MINUTES, HTTP_TIMEOUT_MS, LEDGER_DAYS_MIN } from './limits.ts';

export const ROLES = ['all', 'ingress', 'engine'] as const;
export type Role = (typeof ROLES)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Everything a process is told from outside, checked and frozen at its start. */
export interface Config {
  /** Which parts of the service run in this process. */
  readonly role: Role;
  /** Beyond this machine only with an issuer and TLS. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM files of the API's certificate and its key; null: plain HTTP. */
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  /** PEM file: clients show a certificate that one of these has signed. */
  readonly tlsClientCa: string | null;
  /** A proxy ends TLS for us. */
  readonly behindProxy: boolean;
  /** Addresses and CIDR ranges of proxies: behind one, they are believed for whom they ask. */
  readonly proxies: readonly string[];
  /** Absolute path: ledger, read models, keys, and the store of a NATS server started by `corridor`. */
  readonly dataDir: string;
  /** Keys of the random draw; engines that share the work need the same file. Default: in the data folder. */
  readonly drawKeysFile: string;
  /** Absolute path of the folder with policy.yaml, profiles/ and lists/. */
  readonly rulesDir: string;
  /** Null: `corridor` starts a server of its own. */
  readonly natsUrl: string | null;
  /** How that server knows us: a name with a password, or an nkey; absolute paths of files. */
  readonly natsUser: string | null;
  readonly natsPasswordFile: string | null;
  readonly natsNkeyFile: string | null;
  /** PEM files: who signs the server's certificate, our own certificate and its key. */
  readonly natsTlsCa: string | null;
  readonly natsTlsCert: string | null;
  readonly natsTlsKey: string | null;
  /** Token of this ingress in subjects: `declarations.<ingress>`. One per ledger. */
  readonly ingress: string;
  /** Evaluating threads. */
  readonly threads: number;
  /** How long a client waits for a decision before it gets 202. */
  readonly decisionDeadlineMs: number;
  /** How long an engine decides on without hearing that its policy is still the one. */
  readonly policyMinutes: number;
  /** How long DECISIONS keeps what every node has taken in, where there is room. */
  readonly decisionsMinutes: number;
  /** Decisions older than so many days leave the ledger, into an archive; 0: never. */
  readonly ledgerDays: number;
  /** Absolute path of the folder for archives of what left the ledger. */
  readonly archiveDir: string;
  /** OpenID Connect issuer whose tokens are believed; null: the development issuer of this service. */
  readonly oidcIssuer: string | null;
  /** What its tokens must name in `aud`. */
  readonly oidcAudience: string;
  /** As the console is registered with the issuer. */
  readonly oidcClientId: string;
  /** Absolute path of the file with the client's secret; null: a public client. */
  readonly oidcClientSecretFile: string | null;
  /** Address of the console as browsers know it, where that is not the service's own. */
  readonly publicUrl: string | null;
  readonly logLevel: LogLevel;
}

/** What was given cannot be used; every problem, not only the first. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

interface Setting<T> {
  /** Environment variable. */
  readonly env: string;
  /** Option of the command line that overrides it, if there is one. */
  readonly option: string | null;
  /** @throws Error whose message says what was expected. */
  readonly parse: (text: string) => T;
  readonly fallback: () => T;
}

type Settings = { readonly [K in keyof Config]: Setting<Config[K]> };

const SETTINGS: Settings = {
  role: { env: 'CORRIDOR_ROLE', option: 'role', parse: oneOf(ROLES), fallback: () => 'all' },
  host: { env: 'CORRIDOR_HOST', option: 'host', parse: nonEmpty, fallback: () => '127.0.0.1' },
  port: { env: 'CORRIDOR_PORT', option: 'port', parse: integer(0, 65_535), fallback: () => 8080 },
  tlsCert: { env: 'CORRIDOR_TLS_CERT', option: null, parse: file, fallback: () => null },
  tlsKey: { env: 'CORRIDOR_TLS_KEY', option: null, parse: file, fallback: () => null },
  tlsClientCa: { env: 'CORRIDOR_TLS_CLIENT_CA', option: null, parse: file, fallback: () => null },
  behindProxy: { env: 'CORRIDOR_BEHIND_PROXY', option: null, parse: boolean, fallback: () => false },
  proxies: { env: 'CORRIDOR_PROXIES', option: null, parse: addresses, fallback: () => ['127.0.0.0/8', '::1'] },
  dataDir: { env: 'CORRIDOR_DATA', option: 'data', parse: path, fallback: () => resolve('data') },
  rulesDir: { env: 'CORRIDOR_RULES', option: 'rules', parse: path, fallback: () => join(packageRoot(), 'rules') },
  drawKeysFile: { env: 'CORRIDOR_DRAW_KEYS', option: null, parse: path, fallback: () => '' },
  natsUrl: { env: 'NATS_URL', option: 'nats', parse: natsUrl, fallback: () => null },
  natsUser: { env: 'NATS_USER', option: null, parse: (text) => text, fallback: () => null },
  natsPasswordFile: { env: 'NATS_PASSWORD_FILE', option: null, parse: file, fallback: () => null },
  natsNkeyFile: { env: 'NATS_NKEY_FILE', option: null, parse: file, fallback: () => null },
  natsTlsCa: { env: 'NATS_TLS_CA', option: null, parse: file, fallback: () => null },
  natsTlsCert: { env: 'NATS_TLS_CERT', option: null, parse: file, fallback: () => null },
  natsTlsKey: { env: 'NATS_TLS_KEY', option: null, parse: file, fallback: () => null },
  ingress: { env: 'CORRIDOR_INGRESS', option: null, parse: subjectToken, fallback: () => 'local' },
  threads: {
    env: 'CORRIDOR_THREADS',
    option: 'threads',
    parse: integer(1, 256),
    fallback: () => Math.max(1, availableParallelism() - 1),
  },
  decisionDeadlineMs: {
    env: 'CORRIDOR_DEADLINE_MS',
    option: null,
    parse: integer(1, HTTP_TIMEOUT_MS - 1),
    fallback: () => DECISION_DEADLINE_MS,
  },
  policyMinutes: { env: 'CORRIDOR_POLICY_MINUTES', option: null, parse: integer(1, 999), fallback: () => AWAY_MINUTES },
  decisionsMinutes: {
    env: 'CORRIDOR_DECISIONS_MINUTES',
    option: null,
    parse: integer(1, 525_600),
    fallback: () => DECISIONS_MINUTES,
  },
  ledgerDays: { env: 'CORRIDOR_LEDGER_DAYS', option: null, parse: ledgerDays, fallback: () => 0 },
  archiveDir: { env: 'CORRIDOR_ARCHIVE', option: null, parse: path, fallback: () => '' },
  oidcIssuer: { env: 'CORRIDOR_OIDC_ISSUER', option: null, parse: issuerUrl, fallback: () => null },
  oidcAudience: { env: 'CORRIDOR_OIDC_AUDIENCE', option: null, parse: nonEmpty, fallback: () => 'corridor' },
  oidcClientId: { env: 'CORRIDOR_OIDC_CLIENT_ID', option: null, parse: nonEmpty, fallback: () => 'corridor' },
  oidcClientSecretFile: { env: 'CORRIDOR_OIDC_CLIENT_SECRET_FILE', option: null, parse: path, fallback: () => null },
  publicUrl: { env: 'CORRIDOR_PUBLIC_URL', option: null, parse: siteUrl, fallback: () => null },
  logLevel: { env: 'CORRIDOR_LOG', option: null, parse: oneOf(LOG_LEVELS), fallback: () => 'info' },
};

/** Every environment variable of the configuration; docs/operations.md explains each. */
export const CONFIG_VARIABLES: readonly string[] = Object.values(SETTINGS).map(({ env }) => env);

type Options = Readonly<Record<string, unknown>>;

/**
 * Options of the command line come before the environment, the environment before the defaults. An empty variable
 * counts as absent.
 * @throws ConfigError with everything that is wrong.
 */
export function loadConfig(env: NodeJS.ProcessEnv, options: Options = {}): Config {
  const problems: string[] = [];
  function read<T>(setting: Setting<T>): T {
    const option = setting.option === null ? undefined : options[setting.option];
    const [name, text] = typeof option === 'string' ? [`--${setting.option}`, option] : [setting.env, env[setting.env]];
    if (text === undefined || (text === '' && name === setting.env)) return setting.fallback();
    try {
      return setting.parse(text);
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}, not ${JSON.stringify(text)}`);
      return setting.fallback();
    }
  }
  const dataDir = read(SETTINGS.dataDir);
  const config: Config = {
    role: read(SETTINGS.role),
    host: read(SETTINGS.host),
    port: read(SETTINGS.port),
    tlsCert: read(SETTINGS.tlsCert),
    tlsKey: read(SETTINGS.tlsKey),
    tlsClientCa: read(SETTINGS.tlsClientCa),
    behindProxy: read(SETTINGS.behindProxy),
    proxies: read(SETTINGS.proxies),
    dataDir,
    drawKeysFile: read(SETTINGS.drawKeysFile) || join(dataDir, 'keys', 'draw.json'),
    rulesDir: read(SETTINGS.rulesDir),
    natsUrl: read(SETTINGS.natsUrl),
    natsUser: read(SETTINGS.natsUser),
    natsPasswordFile: read(SETTINGS.natsPasswordFile),
    natsNkeyFile: read(SETTINGS.natsNkeyFile),
    natsTlsCa: read(SETTINGS.natsTlsCa),
    natsTlsCert: read(SETTINGS.natsTlsCert),
    natsTlsKey: read(SETTINGS.natsTlsKey),
    ingress: read(SETTINGS.ingress),
    threads: read(SETTINGS.threads),
    decisionDeadlineMs: read(SETTINGS.decisionDeadlineMs),
    policyMinutes: read(SETTINGS.policyMinutes),
    decisionsMinutes: read(SETTINGS.decisionsMinutes),
    ledgerDays: read(SETTINGS.ledgerDays),
    archiveDir: read(SETTINGS.archiveDir) || join(dataDir, 'archive'),
    oidcIssuer: read(SETTINGS.oidcIssuer),
    oidcAudience: read(SETTINGS.oidcAudience),
    oidcClientId: read(SETTINGS.oidcClientId),
    oidcClientSecretFile: read(SETTINGS.oidcClientSecretFile),
    publicUrl: read(SETTINGS.publicUrl),
    logLevel: read(SETTINGS.logLevel),
  };
  problems.push(...contradictions(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

/** What makes sense together only. */
function contradictions(config: Config): string[] {
  const { natsUser, natsPasswordFile, natsTlsCert, natsTlsKey, tlsCert, tlsKey, tlsClientCa } = config;
  return [
    config.behindProxy && config.oidcIssuer === null
      ? 'CORRIDOR_BEHIND_PROXY: needs CORRIDOR_OIDC_ISSUER, since the development issuer signs in whoever the proxy lets through'
      : null,
    mayListen(config) ? null : `CORRIDOR_HOST: ${BEYOND}, not ${JSON.stringify(config.host)}`,
    (tlsCert === null) !== (tlsKey === null)
      ? 'CORRIDOR_TLS_CERT: needs CORRIDOR_TLS_KEY, and the other way round'
      : null,
    tlsClientCa !== null && tlsCert === null ? 'CORRIDOR_TLS_CLIENT_CA: needs CORRIDOR_TLS_CERT' : null,
    natsPasswordFile !== null && natsUser === null ? 'NATS_PASSWORD_FILE: needs NATS_USER' : null,
    (natsTlsCert === null) !== (natsTlsKey === null)
      ? 'NATS_TLS_CERT: needs NATS_TLS_KEY, and the other way round'
      : null,
  ].filter((problem) => problem !== null);
}

const BEYOND =
  'must be 127.0.0.1, ::1 or localhost, unless CORRIDOR_OIDC_ISSUER says who gives tokens, and CORRIDOR_TLS_CERT or CORRIDOR_BEHIND_PROXY encrypts';

/** Tokens and declarations cross no network in the clear, and nobody comes from there with tokens of our own making. */
function mayListen({ host, oidcIssuer, tlsCert, behindProxy }: Config): boolean {
  return isLoopback(host) || (oidcIssuer !== null && (tlsCert !== null || behindProxy));
}

/** Files with secrets that others than their owner and group may read. */
export function exposedSecrets(config: Config): string[] {
  const { natsPasswordFile, natsNkeyFile, natsTlsKey, tlsKey, oidcClientSecretFile } = config;
  const files = [natsPasswordFile, natsNkeyFile, natsTlsKey, tlsKey, oidcClientSecretFile].filter(
    (path) => path !== null,
  );
  return files.filter((path) => (statSync(path).mode & constants.S_IROTH) !== 0);
}

/** The folder of the project's package.json, from a source file or from its built form. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json is missing: the installation is incomplete');
    folder = parent;
  }
  return folder;
}

/** Of the program, as package.json has it. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** Whether this host, as a setting or as an address has it, is this machine and nobody else. */
export function isLoopback(host: string): boolean {
  return ['127.0.0.1', '::1', '[::1]', 'localhost'].includes(host);
}

function oneOf<T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((value) => value === text);
    if (found === undefined) throw new Error(`must be one of ${values.join(', ')}`);
    return found;
  };
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new Error(`must be a whole number from ${min} to ${max}`);
    return value;
  };
}

function ledgerDays(text: string): number {
  const days = integer(0, 36_525)(text);
  if (days > 0 && days < LEDGER_DAYS_MIN) throw new Error(`must be 0 (for ever) or at least ${LEDGER_DAYS_MIN}`);
  return days;
}

function path(text: string): string {
  if (text === '' || text.includes('\0')) throw new Error('must be a path');
  return resolve(text);
}

function file(text: string): string {
  try {
    accessSync(path(text), constants.R_OK);
  } catch {
    throw new Error('must be a file that can be read');
  }
  return path(text);
}

function subjectToken(text: string): string {
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(text)) throw new Error('must be 1 to 32 of A-Z, a-z, 0-9, _ and -');
  return text;
}

/** Scheme and host, and nothing after them. */
function siteUrl(text: string): string {
  const url = new URL(issuerUrl(text));
  if (url.href !== `${url.origin}/`) throw new Error('must be an address without a path');
  return url.origin;
}

/** As it stands in `iss`, to the letter. Plain HTTP on this machine only. */
function issuerUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const local = url?.protocol === 'http:' && isLoopback(url.hostname);
  if (url === null || !(url.protocol === 'https:' || local)) throw new Error('must be an https:// address');
  return text;
}

function boolean(text: string): boolean {
  return oneOf(['true', 'false'])(text) === 'true';
}

/** Everybody (`/0`) is no proxy. */
function addresses(text: string): string[] {
  const ranges = text.split(',').map((part) => part.trim());
  for (const range of ranges) {
    const [address = '', prefix = '1', ...more] = range.split('/');
    const known = isIP(address) !== 0 && !address.includes('%') && more.length === 0;
    if (!known) throw new Error('must be IP addresses or CIDR ranges with commas between');
    integer(1, isIP(address) === 4 ? 32 : 128)(prefix);
  }
  return ranges;
}

function nonEmpty(text: string): string {
  if (text.trim() === '') throw new Error('must not be empty');
  return text;
}

/** One or several addresses, as the client takes them: `nats://host:port[,nats://host:port]`. */
function natsUrl(text: string): string {
  for (const part of text.split(',')) {
    const url = URL.canParse(part) ? new URL(part) : null;
    const known = url !== null && ['nats:', 'tls:'].includes(url.protocol) && url.hostname !== '';
    if (!known) throw new Error('must be nats://host:port, or several with commas between');
  }
  return text;
}
