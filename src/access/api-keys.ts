import { hash as digest, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AccessEntry } from '../wire/envelope.ts';
import type { Principal } from './principal.ts';
import { isRole, isScope } from './roles.ts';

/** An API key as it is stored: everything but its secret, of which only a SHA-256 is kept. */
export type KeyEntry = Extract<AccessEntry, { kind: 'key' }>;

const PREFIX = 'ck_';
const FORM = /^ck_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

export function isKeyId(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);
}

export function isApiKey(credential: string): boolean {
  return credential.startsWith(PREFIX);
}

/**
 * A new key: its id, what is kept of its secret, and its text `ck_<id>_<secret>`, to be shown once. The secret has 256
 * random bits, so that a plain hash is enough.
 */
export function newKey(): { readonly id: string; readonly hash: Uint8Array; readonly text: string } {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, hash: hashOf(secret), text: `${PREFIX}${id}_${secret}` };
}

/** Id and hash of the secret; null where the text is no key. */
export function readKey(text: string): { readonly id: string; readonly hash: Uint8Array } | null {
  const [, id, secret] = FORM.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, hash: hashOf(secret) };
}

function hashOf(secret: string): Buffer {
  return digest('sha256', secret, 'buffer');
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Who asks with this key. */
export function principalOfKey({ id, name, role, scopes, submitters, createdAt, expiresAt }: KeyEntry): Principal {
  return Object.freeze({
    subject: `key:${id}`,
    name,
    kind: 'machine',
    roles: Object.freeze([role].filter(isRole)),
    scopes: Object.freeze(scopes.filter(isScope)),
    offices: [],
    party: null,
    submitters: submitters.includes('*') ? 'all' : Object.freeze([...submitters]),
    credential: id,
    issuedAt: createdAt,
    expiresAt,
  });
}
