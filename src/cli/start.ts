import { devUser } from '../access/dev-users.ts';
import { type Config, loadConfig, type Role } from '../config.ts';
import { textForLog } from '../profiles/problems.ts';
import type { Service } from '../service.ts';
import { lockFolder } from '../state/folder-lock.ts';
import { type Command, EXIT_DONE, type Invocation, integerOption, type Terminal } from './command.ts';
import { bearerFor } from './credentials.ts';
import { type LocalService, startLocalService } from './local-service.ts';
import { removeServiceFile, writeServiceFile } from './service-file.ts';
import { round, sharesLine } from './tally.ts';
import { startTraffic } from './traffic.ts';

const NATS_PORT = 4222;
const LIVE_LINE_TTY_MS = 1000;
const LIVE_LINE_PLAIN_MS = 5000;
/** A terminal's Ctrl-C reaches us itself and through npm: the second of such a pair does not mean impatience. */
const SAME_SIGNAL_MS = 1000;
const RATE_MAX = 10_000;

export const startCommand: Command = {
  name: 'start',
  usage: '[--role all|ingress|engine] [--port 8080] [--nats URL] [--data DIR] [--rules DIR] [--demo RATE]',
  description: `Runs the service until SIGINT or SIGTERM, then drains and exits 0. Without --nats (or NATS_URL) it starts a NATS
server of its own, with its store in the data folder; without CORRIDOR_OIDC_ISSUER an issuer of tokens for development.
Prints its addresses, links to sign in with, and how it is doing: decisions per second, shares of the corridors,
latency. SIGHUP reads the rules again.`,
  options: {
    role: { type: 'string', value: 'ROLE', help: 'all (default), ingress or engine' },
    port: { type: 'string', value: 'PORT', help: 'of the API (default: 8080; 0: any free one)' },
    host: { type: 'string', value: 'HOST', help: '127.0.0.1 (default), ::1 or localhost' },
    nats: { type: 'string', value: 'URL', help: 'NATS server with JetStream, instead of one of our own' },
    data: { type: 'string', value: 'DIR', help: 'ledger, read models, keys (default: data)' },
    rules: { type: 'string', value: 'DIR', help: 'policy.yaml, profiles/ and lists/ (default: those shipped)' },
    threads: { type: 'string', value: 'N', help: 'evaluating threads (default: one less than the cores)' },
    demo: { type: 'string', value: 'RATE', help: 'generated declarations per second to look at' },
  },
  async run(invocation) {
    const { env, values, terminal } = invocation;
    const rate = integerOption(values, 'demo', 0, RATE_MAX) ?? 0;
    const config = loadConfig(terminal.interactive ? { CORRIDOR_LOG: 'warn', ...env } : env, values);
    const stopped = stopSignal();
    // Before the broker starts, which would end that of the service that holds the folder.
    const lock = lockFolder(config.dataDir);
    try {
      const local = await startLocalService(config, { natsPort: NATS_PORT, terminal });
      try {
        await writeServiceFile(config.dataDir, { ...addressesOf(local), ingress: config.ingress });
        await terminal.data(banner(local.service, config));
        await runUntil(stopped, local.service, { role: config.role, perSecond: rate }, invocation);
      } finally {
        terminal.message('draining …');
        await removeServiceFile(config.dataDir);
        await local.stop();
      }
    } finally {
      lock.release();
    }
    return EXIT_DONE;
  },
};

function addressesOf({ service }: LocalService) {
  const { url, broker, devIssuer } = service;
  return {
    pid: process.pid,
    http: url,
    nats: broker.url,
    natsKeys: broker.login?.keysDir ?? null,
    devIssuer: devIssuer?.issuer() ?? null,
  };
}

function banner({ url, broker, devIssuer }: Service, { role }: Config): string {
  const addresses = [
    `API      ${url}/v1/declarations`,
    `docs     ${url}/docs`,
    `metrics  ${url}/metrics`,
    `NATS     ${broker.url}`,
    '',
  ];
  // An engine alone has no console to sign in to.
  const links = role === 'engine' ? [] : (devIssuer?.links() ?? []);
  const signIn = links.map((link) => `sign in as ${link.role.padEnd(14)} ${link.url}`);
  const warning =
    'NOT FOR PRODUCTION: there is no identity provider (CORRIDOR_OIDC_ISSUER); these links sign anybody in:';
  return [...addresses, ...(signIn.length > 0 ? [warning, ...signIn, ''] : []), ''].join('\n');
}

async function runUntil(
  stopped: Promise<void>,
  service: Service,
  demo: { readonly role: Role; readonly perSecond: number },
  { env, terminal }: Invocation,
): Promise<void> {
  // As a trader's system would: it is told outcomes only.
  const sender = { ...devUser('ingest'), scopes: ['submit'] as const };
  const authorise = bearerFor(service.devIssuer, env, sender);
  const { url, broker } = service;
  const message = (text: string): void => terminal.message(text);
  const traffic = demo.perSecond > 0 ? await startTraffic({ ...demo, url, broker, authorise, message }) : null;
  const live = liveLine(service, terminal);
  const reload = (): void => void reloadPolicy(service, terminal);
  process.on('SIGHUP', reload);
  await stopped;
  process.off('SIGHUP', reload);
  live.stop();
  await traffic?.stop();
}

/** A policy that does not hold is refused with its problems; the one before goes on. */
async function reloadPolicy(service: Service, terminal: Terminal): Promise<void> {
  try {
    await service.reloadPolicy();
    terminal.message('the rules were read again');
  } catch (error) {
    // Where nobody looks on it goes to a log, which is not for official use only.
    terminal.message(`the rules are refused: ${terminal.interactive ? (error as Error).message : textForLog(error)}`);
  }
}

/** On a terminal one line that is written over; elsewhere a line now and then. */
function liveLine(service: Service, terminal: Terminal): { stop(): void } {
  const show = (): void => {
    const { decisions, perSecond, shares, latency } = service.stats();
    const line = `${decisions} decisions · ${round(perSecond, 1)}/s · ${sharesLine(shares)} · p50 ${round(latency.p50, 1)} ms · p99 ${round(latency.p99, 1)} ms`;
    if (terminal.interactive) terminal.progress(line);
    else void terminal.data(`${line}\n`);
  };
  const timer = setInterval(show, terminal.interactive ? LIVE_LINE_TTY_MS : LIVE_LINE_PLAIN_MS);
  return { stop: () => clearInterval(timer) };
}

/**
 * Resolves at the first signal to stop; a later one ends the process at once. The handlers stay: between two of them
 * a signal would end the process as if there were none.
 */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | null = null;
    const onSignal = (): void => {
      firstAt ??= Date.now();
      if (Date.now() - firstAt > SAME_SIGNAL_MS) process.exit(130);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  });
}
