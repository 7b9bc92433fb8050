import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, type JSONWebKeySet, type JWK, type JWTPayload, SignJWT } from 'jose';
import { ensureKeyFile } from '../key-file.ts';
import type { DevUser } from './dev-users.ts';

/** Client id of the console at the development issuer, and audience of its access tokens. */
export const DEV_CLIENT = 'corridor';

/** Signs tokens of the development issuer: within the service, and for commands that may read its data folder. */
export interface DevKey {
  readonly publicJwks: JSONWebKeySet;
  /** An access token (RFC 9068) that is good for `ttlMs` from now. */
  sign(issuer: string, user: DevUser, ttlMs: number): Promise<string>;
  /** An ID token of OpenID Connect, for the one who signs in. */
  signIdentity(issuer: string, user: DevUser, nonce: string | null, ttlMs: number): Promise<string>;
}

export function devKeyFile(dataDir: string): string {
  return join(dataDir, 'keys', 'dev-issuer.json');
}

/** Creates the key where there is none: ES256 (P-256), as a JSON Web Key. */
export async function openDevKey(file: string): Promise<DevKey> {
  ensureKeyFile(file, () => JSON.stringify(newKey()));
  return readDevKey(file);
}

/** @throws where there is no such file, or no key in it. */
export async function readDevKey(file: string): Promise<DevKey> {
  const { privateKey: jwk } = JSON.parse(readFileSync(file, 'utf8')) as { privateKey: JWK };
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(publicJwk);

  function signed(typ: string, claims: JWTPayload, ttlMs: number): Promise<string> {
    const iat = Math.floor(Date.now() / 1000);
    const token = new SignJWT({ ...claims, iat, exp: iat + Math.floor(ttlMs / 1000) });
    return token.setProtectedHeader({ alg: 'ES256', kid, typ }).sign(privateKey);
  }

  return {
    publicJwks: { keys: [{ ...publicJwk, kid, alg: 'ES256', use: 'sig' }] },
    sign(iss, { subject, party, ...rest }, ttlMs) {
      const claims = { ...rest, ...(party === null ? {} : { party }) };
      return signed('at+jwt', { ...claims, iss, sub: subject, aud: DEV_CLIENT, jti: randomUUID() }, ttlMs);
    },
    signIdentity(iss, { subject, name }, nonce, ttlMs) {
      const claims = { iss, sub: subject, aud: DEV_CLIENT, name, ...(nonce === null ? {} : { nonce }) };
      return signed('JWT', claims, ttlMs);
    },
  };
}

function newKey(): { privateKey: object } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey: privateKey.export({ format: 'jwk' }) };
}
