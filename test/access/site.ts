import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { createLocalJWKSet, createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type DevIssuer, startDevIssuer } from '../../src/access/dev-issuer.ts';
import { devKeyFile } from '../../src/access/dev-key.ts';
import type { Principal } from '../../src/access/principal.ts';
import { registerSignIn, type SignInOptions } from '../../src/access/sign-in.ts';
import { CorridorError } from '../../src/errors.ts';

type Event = Parameters<SignInOptions['audit']['append']>[0];

export interface Site {
  readonly url: string;
  readonly server: FastifyInstance;
  readonly dataDir: string;
  readonly dev: DevIssuer | null;
  readonly events: Event[];
  /** Added to the time of day. */
  readonly clock: { ahead: number };
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly dataDir?: string;
  /** An issuer of its own, instead of that for development. */
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Address that browsers know, where it is another. */
  readonly publicUrl?: string;
}

/** A server with sign-in, and with the development issuer where no other is named. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'corridor-sign-in-')));
  const clock = { ahead: 0 };
  const now = () => Date.now() + clock.ahead;
  const address = { url: '' };
  const url = () => address.url;
  const dev =
    options.issuer === undefined
      ? await startDevIssuer({ keyFile: devKeyFile(dataDir), host: '127.0.0.1', url, now })
      : null;
  const events: Event[] = [];
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof CorridorError ? 400 : 500).send({ message: String(error) }),
  );
  dev?.registerRoutes(server);
  const issuer = () => options.issuer ?? dev?.issuer() ?? '';
  const keys = dev === null ? createRemoteJWKSet(new URL(`${issuer()}/jwks`)) : createLocalJWKSet(dev.publicJwks);
  registerSignIn(server, {
    issuer,
    clientId: options.clientId ?? 'corridor',
    clientSecret: options.clientSecret ?? null,
    development: dev !== null,
    baseUrl: () => options.publicUrl ?? address.url,
    identify: (token) => identify(token, issuer(), keys),
    audit: { append: async (event) => void events.push(event) },
    now,
  });
  address.url = await server.listen({ host: '127.0.0.1', port: 0 });
  const close = async () => {
    await server.close();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  return { url: address.url, server, dataDir, dev, events, clock, close };
}

/** As the service does, without what it adds. */
async function identify(token: string, issuer: string, keys: JWTVerifyGetKey): Promise<Principal> {
  const { payload } = await jwtVerify(token, keys, { issuer, audience: 'corridor' }).catch((cause) => {
    throw new CorridorError('invalid_request', 'This token is not good here', { cause });
  });
  const { sub = '', jti = '', iat = 0, exp = 0 } = payload;
  const { name = '', roles, offices = [], party = null } = payload as Partial<Claims>;
  if (roles === undefined) throw new CorridorError('invalid_request', 'No role');
  return {
    ...{ subject: sub, name, kind: 'person', roles, scopes: null, party, submitters: party === null ? [] : [party] },
    offices: offices.includes('*') ? 'all' : offices,
    ...{ credential: jti, issuedAt: iat * 1000, expiresAt: exp * 1000 },
  };
}

interface Claims {
  readonly name: string;
  readonly roles: Principal['roles'];
  readonly offices: string[];
  readonly party: string;
}
