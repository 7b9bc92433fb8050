import { hash as digest } from 'node:crypto';
import { CorridorError } from '../errors.ts';
import { PRINCIPAL_RECHECK_MS, PRINCIPALS_CACHED_MAX, TOKEN_BYTES_MAX } from '../limits.ts';
import { isApiKey, readKey, sameHash } from './api-keys.ts';
import type { Directory } from './directory.ts';
import type { Principal } from './principal.ts';
import { type Issuer, verifyToken } from './tokens.ts';

interface Verified {
  readonly principal: Principal;
  /** When it is verified anew: a key that its issuer has withdrawn lives no longer than this. */
  readonly until: number;
}

/** Says who asks, by the credential of a request. */
export class Authenticator {
  readonly #directory: Pick<Directory, 'key' | 'isRevoked' | 'seen'>;
  readonly #issuer: () => Issuer;
  readonly #now: () => number;
  /** SHA-256 of a token → whom it stands for, the longest unused first. */
  readonly #verified = new Map<string, Verified>();

  /** @param issuer Asked at each verification: that of development knows its address only when it listens. */
  constructor(
    directory: Pick<Directory, 'key' | 'isRevoked' | 'seen'>,
    issuer: () => Issuer,
    now: () => number = Date.now,
  ) {
    this.#directory = directory;
    this.#issuer = issuer;
    this.#now = now;
  }

  /**
   * At once for a key and for a token that was verified a short while ago.
   * @throws CorridorError `unauthenticated`; `not_ready` where the issuer's keys cannot be had.
   */
  identify(credential: string): Principal | Promise<Principal> {
    if (credential.length > TOKEN_BYTES_MAX) throw invalid();
    return isApiKey(credential) ? this.#byKey(credential) : this.#byToken(credential);
  }

  #byKey(text: string): Principal {
    const key = readKey(text);
    const known = key === null ? undefined : this.#directory.key(key.id);
    if (key === null || known === undefined || !sameHash(known.entry.hash, key.hash)) throw invalid();
    if (known.entry.revokedAt !== null) throw new CorridorError('unauthenticated', 'The key was revoked');
    if (known.entry.expiresAt <= this.#now()) throw new CorridorError('unauthenticated', 'The key has expired');
    return this.#mustStand(known.principal);
  }

  #byToken(token: string): Principal | Promise<Principal> {
    const key = digest('sha256', token, 'base64url');
    const verified = this.#verified.get(key);
    if (verified === undefined || verified.until <= this.#now()) return this.#verify(token, key);
    return this.#mustStand(verified.principal);
  }

  async #verify(token: string, key: string): Promise<Principal> {
    this.#verified.delete(key);
    const principal = this.#mustStand(await verifyToken(this.#issuer(), token));
    await this.#directory.seen(principal);
    if (this.#verified.size >= PRINCIPALS_CACHED_MAX) {
      for (const oldest of this.#verified.keys()) {
        this.#verified.delete(oldest);
        break;
      }
    }
    this.#verified.set(key, { principal, until: this.#now() + PRINCIPAL_RECHECK_MS });
    return principal;
  }

  /** Whether a credential that was taken once still holds: for what goes on for long. */
  stands(principal: Principal): boolean {
    const { kind, credential, expiresAt } = principal;
    if (expiresAt <= this.#now() || this.#directory.isRevoked(principal)) return false;
    const key = kind === 'machine' ? this.#directory.key(credential) : undefined;
    return key === undefined || key.entry.revokedAt === null;
  }

  #mustStand(principal: Principal): Principal {
    if (principal.expiresAt <= this.#now()) throw new CorridorError('unauthenticated', 'The token has expired');
    if (this.#directory.isRevoked(principal))
      throw new CorridorError('unauthenticated', 'The key or token was revoked');
    return principal;
  }
}

function invalid(): CorridorError {
  return new CorridorError('unauthenticated', 'The key or token is not valid');
}
