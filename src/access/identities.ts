import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { createLocalJWKSet } from 'jose';
import type { Config } from '../config.ts';
import type { AuditPort } from './audit-event.ts';
import type { Authenticator } from './authenticator.ts';
import { type DevIssuer, startDevIssuer } from './dev-issuer.ts';
import { DEV_CLIENT, devKeyFile } from './dev-key.ts';
import type { Directory } from './directory.ts';
import type { Refusals } from './refusals.ts';
import { registerSignIn } from './sign-in.ts';
import { type Issuer, remoteIssuer } from './tokens.ts';

/** What sign-in needs of who is known, and who was refused. */
interface Admission {
  readonly authenticator: Authenticator;
  readonly directory: Directory;
  readonly refusals: Refusals;
}

/** Whose tokens are believed, and how people come by one. */
export interface Identities {
  readonly issuer: () => Issuer;
  /** Where no other issuer is configured. */
  readonly devIssuer: DevIssuer | null;
  /** Registers sign-in, and the routes of the development issuer. */
  register(server: FastifyInstance, access: Admission, audit: AuditPort): void;
}

/**
 * @param url Address of the service, known when it listens.
 * @throws Error where there is no issuer and the service listens beyond this machine, or the secret cannot be read.
 */
export async function openIdentities(config: Config, url: () => string): Promise<Identities> {
  const { dataDir, host, oidcIssuer, oidcAudience, oidcClientId, oidcClientSecretFile, publicUrl } = config;
  if (oidcIssuer === null) {
    const devIssuer = await startDevIssuer({ keyFile: devKeyFile(dataDir), host, url });
    const keys = createLocalJWKSet(devIssuer.publicJwks);
    return identities({
      issuer: () => ({ issuer: devIssuer.issuer(), audience: DEV_CLIENT, keys }),
      devIssuer,
      client: { clientId: DEV_CLIENT, clientSecret: null, baseUrl: url },
    });
  }
  const issuer = remoteIssuer(oidcIssuer, oidcAudience);
  const clientSecret = oidcClientSecretFile === null ? null : readFileSync(oidcClientSecretFile, 'utf8').trim();
  const baseUrl = () => publicUrl ?? url();
  return identities({
    issuer: () => issuer,
    devIssuer: null,
    client: { clientId: oidcClientId, clientSecret, baseUrl },
  });
}

interface Parts extends Pick<Identities, 'issuer' | 'devIssuer'> {
  readonly client: Pick<Parameters<typeof registerSignIn>[1], 'clientId' | 'clientSecret' | 'baseUrl'>;
}

function identities({ issuer, devIssuer, client }: Parts): Identities {
  return {
    issuer,
    devIssuer,
    register(server, { authenticator, directory, refusals }, audit) {
      devIssuer?.registerRoutes(server);
      registerSignIn(server, {
        ...client,
        issuer: () => issuer().issuer,
        development: devIssuer !== null,
        authenticator,
        revoke: (principal) => directory.signOut(principal),
        audit,
        refusals,
      });
    },
  };
}
