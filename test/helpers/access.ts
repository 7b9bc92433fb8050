import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { Role } from '../../src/access/roles.ts';
import type { Issuer } from '../../src/access/tokens.ts';

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'corridor';

/** An issuer of the tests' own, with a key made now; `sign` signs what it is given, right or wrong. */
export interface TestIssuer extends Issuer {
  /** Claims of a good token, with these in their place; undefined leaves one out. */
  sign(claims: JWTPayload, header?: { alg?: string; kid?: string }): Promise<string>;
  token(role: Role, claims?: JWTPayload): Promise<string>;
}

export async function createTestIssuer(kid = 'test'): Promise<TestIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256' };
  const sign: TestIssuer['sign'] = (claims, header = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const all = {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'somebody',
      jti: randomUUID(),
      iat: now,
      exp: now + 3600,
      ...claims,
    };
    return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(privateKey);
  };
  return {
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: createLocalJWKSet({ keys: [jwk] }),
    sign,
    token: (role, claims = {}) => sign({ ...CLAIMS[role], sub: `test-${role}`, roles: [role], ...claims }),
  };
}

/** What a token of each role says beside its role. */
const CLAIMS: Record<Role, JWTPayload> = {
  declarant: { party: 'local' },
  carrier: { party: 'local' },
  checkpoint: { offices: ['*'] },
  inspector: { offices: ['*'] },
  head: { offices: ['*'] },
  expert: { offices: ['*'] },
  approver: { offices: ['*'] },
  analyst: { offices: ['*'] },
  auditor: { offices: ['*'] },
  administrator: {},
  ingest: { submitters: ['*'] },
};
