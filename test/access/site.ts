import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { createLocalJWKSet, createRemoteJWKSet } from 'jose';
import type { AuditEvent } from '../../src/access/audit-event.ts';
import { Authenticator } from '../../src/access/authenticator.ts';
import { type DevIssuer, startDevIssuer } from '../../src/access/dev-issuer.ts';
import { devKeyFile } from '../../src/access/dev-key.ts';
import { registerAccess } from '../../src/access/hook.ts';
import { Refusals } from '../../src/access/refusals.ts';
import { registerSignIn } from '../../src/access/sign-in.ts';
import { CorridorError } from '../../src/errors.ts';

export interface Site {
  readonly url: string;
  readonly server: FastifyInstance;
  readonly dataDir: string;
  readonly dev: DevIssuer | null;
  /** What is on record; failed sign-ins are after `refused`. */
  readonly events: AuditEvent[];
  refused(): Promise<unknown>;
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
  const events: AuditEvent[] = [];
  const audit = { append: async (...appended: readonly AuditEvent[]) => void events.push(...appended) };
  const refusals = new Refusals(audit);
  const server = fastify({ logger: false, forceCloseConnections: true });
  server.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof CorridorError ? 400 : 500).send({ message: String(error) }),
  );
  const revoked = new Set<string>();
  const directory = {
    key: () => undefined,
    isRevoked: ({ credential }: { credential: string }) => revoked.has(credential),
    seen: () => Promise.resolve(),
  };
  registerAccess(server, { identify: () => Promise.reject(new CorridorError('unauthenticated', 'for anyone only')) });
  dev?.registerRoutes(server);
  const issuer = () => options.issuer ?? dev?.issuer() ?? '';
  const keys = dev === null ? createRemoteJWKSet(new URL(`${issuer()}/jwks`)) : createLocalJWKSet(dev.publicJwks);
  registerSignIn(server, {
    issuer,
    clientId: options.clientId ?? 'corridor',
    clientSecret: options.clientSecret ?? null,
    development: dev !== null,
    baseUrl: () => options.publicUrl ?? address.url,
    authenticator: new Authenticator(directory, () => ({ issuer: issuer(), audience: 'corridor', keys })),
    revoke: async ({ credential }) => void revoked.add(credential),
    audit,
    refusals,
    now,
  });
  address.url = await server.listen({ host: '127.0.0.1', port: 0 });
  const close = async () => {
    await server.close();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  return { url: address.url, server, dataDir, dev, events, refused: () => refusals.flush(), clock, close };
}
