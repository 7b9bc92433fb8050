import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { FastifyHttpOptions, FastifyServerOptions } from 'fastify';
import type { Config } from '../config.ts';
import { HEADER_BYTES_MAX, HEADERS_TIMEOUT_MS, IDLE_TIMEOUT_MS, type Rates, STALLED_CHECK_MS } from '../limits.ts';

/** PEM files. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Whoever connects shows a certificate that one of these has signed. */
  readonly clientCa: string | null;
}

export interface EdgeOptions {
  /** Of our own; null: plain HTTP. */
  readonly tls?: TlsFiles | null;
  /** Addresses and CIDR ranges of proxies that end TLS for us and say for whom they ask; null: there are none. */
  readonly proxies?: readonly string[] | null;
  /** Requests of one identity in RATE_WINDOW_MS, by what it is. */
  readonly rates?: Rates;
}

type ListenerOptions = Pick<
  FastifyHttpOptions<Server>,
  'http' | 'trustProxy' | 'requestTimeout' | 'connectionTimeout' | 'keepAliveTimeout' | 'forceCloseConnections'
>;

/** What the settings say about the way from a client to us. */
export function edgesOf({ tlsCert, tlsKey, tlsClientCa, behindProxy, proxies }: Config): EdgeOptions {
  const tls = tlsCert === null || tlsKey === null ? null : { cert: tlsCert, key: tlsKey, clientCa: tlsClientCa };
  return { tls, proxies: behindProxy ? proxies : null };
}

/** Timeouts, TLS and trust of a server, for `fastify()`. @throws where a file cannot be read */
export function listenerOptions({ tls = null, proxies = null }: EdgeOptions): ListenerOptions {
  const parsing = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: STALLED_CHECK_MS,
  };
  const options = {
    // A batch may take as long as it likes, as long as something moves.
    requestTimeout: 0,
    connectionTimeout: IDLE_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    trustProxy: proxies === null ? false : [...proxies],
  } satisfies FastifyServerOptions;
  // Fastify has another type for a server under TLS; to us it is the same.
  return tls === null
    ? { ...options, http: parsing }
    : ({ ...options, https: { ...parsing, ...keysOf(tls) } } as object);
}

function keysOf({ cert, key, clientCa }: TlsFiles) {
  return {
    cert: readFileSync(cert),
    key: readFileSync(key),
    minVersion: 'TLSv1.2' as const,
    ...(clientCa === null ? {} : { ca: readFileSync(clientCa), requestCert: true, rejectUnauthorized: true }),
  };
}
