import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { isLoopback } from '../config.ts';
import { CorridorError } from '../errors.ts';
import { TOKEN_CLOCK_TOLERANCE_S } from '../limits.ts';
import { ClaimsError, principalOf } from './claims.ts';
import type { Principal } from './principal.ts';

/** Whose tokens are believed. */
export interface Issuer {
  /** `iss` of its tokens, exactly. */
  readonly issuer: string;
  /** One of a token's `aud`. */
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
}

/** Asymmetric ones only: whoever can check a token must not be able to make one. */
const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256'];

/** How long an issuer's keys are believed. */
export interface KeysLife {
  /** Before they are asked for again: how long a withdrawn key may live on. */
  readonly lifeMs: number;
  /** An unknown key id asks again at once, but not more often than this. */
  readonly cooldownMs: number;
}

const KEYS_LIFE: KeysLife = { lifeMs: 300_000, cooldownMs: 5_000 };
const FETCH_TIMEOUT_MS = 3_000;

/**
 * An issuer whose keys are fetched over HTTP, where its discovery document (OpenID Connect Discovery 1.0) says, and
 * again when they rotate.
 */
export function remoteIssuer(issuer: string, audience: string, life: KeysLife = KEYS_LIFE): Issuer {
  let found: Promise<JWTVerifyGetKey> | null = null;
  const keys: JWTVerifyGetKey = async (header, token) => {
    found ??= discover(issuer, life).catch((error: unknown) => {
      found = null;
      throw error;
    });
    return (await found)(header, token);
  };
  return { issuer, audience, keys };
}

async function discover(issuer: string, { lifeMs, cooldownMs }: KeysLife): Promise<JWTVerifyGetKey> {
  const address = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const response = await fetch(address, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
  const document = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (document.issuer !== issuer || typeof document.jwks_uri !== 'string')
    throw new Error('not its discovery document');
  const keys = new URL(document.jwks_uri);
  if (keys.protocol !== 'https:' && !isLoopback(keys.hostname)) throw new Error('its keys would come in the clear');
  return createRemoteJWKSet(keys, {
    cacheMaxAge: lifeMs,
    cooldownDuration: cooldownMs,
    timeoutDuration: FETCH_TIMEOUT_MS,
    [customFetch]: (url, options) => fetch(url, { ...options, redirect: 'error' }),
  });
}

/**
 * Verifies a JWT access token.
 * @throws CorridorError `unauthenticated`; `not_ready` where the issuer's keys cannot be had.
 */
export async function verifyToken({ issuer, audience, keys }: Issuer, token: string): Promise<Principal> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: TOKEN_CLOCK_TOLERANCE_S,
      requiredClaims: ['sub', 'iat', 'exp', 'jti'],
    });
    return principalOf(payload);
  } catch (cause) {
    throw asRefusal(cause);
  }
}

function asRefusal(cause: unknown): CorridorError {
  if (cause instanceof errors.JWTExpired)
    return new CorridorError('unauthenticated', 'The token has expired', { cause });
  if (cause instanceof ClaimsError) {
    return new CorridorError('unauthenticated', `The token is not one for this service: ${cause.message}`, { cause });
  }
  const unreachable = !(cause instanceof errors.JOSEError) || cause instanceof errors.JWKSTimeout;
  if (unreachable) return new CorridorError('not_ready', 'The identity provider cannot be reached', { cause });
  return new CorridorError('unauthenticated', 'The token is not valid', { cause });
}
