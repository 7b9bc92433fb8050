import { type AccessEntry, open, type RevocationEntry } from '../wire/envelope.ts';
import { isKeyId, type KeyEntry } from './api-keys.ts';

/** What an entry of ACCESS is about: it is stored under this. */
export function keyOf(entry: AccessEntry): string {
  return entry.kind === 'key' ? `key\n${entry.id}` : `${entry.kind}\n${entry.value}`;
}

/** Values come from outside: what they are stays out of the subject. */
export function subjectOf(entry: AccessEntry): string {
  if (entry.kind === 'key') return `access.keys.${entry.id}`;
  return `access.revocations.${Buffer.from(keyOf(entry)).toString('base64url')}`;
}

/** A revoked key outranks one that is not; a later revocation of a subject an earlier one. Nothing else changes. */
export function outranks(entry: AccessEntry, before: AccessEntry): boolean {
  if (entry.kind === 'key') return before.kind === 'key' && entry.revokedAt !== null && before.revokedAt === null;
  return before.kind !== 'key' && entry.at > before.at;
}

type Fields<T> = { readonly [K in Exclude<keyof T, 'kind'>]: (value: unknown) => boolean };

/** Of subjects and token ids, which are keys of the store as well. */
const VALUE_LENGTH_MAX = 200;

const isText = (value: unknown) => typeof value === 'string';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isInstant = (value: unknown) => Number.isFinite(value);

const KEY: Fields<KeyEntry> = {
  id: isKeyId,
  name: isText,
  role: isText,
  scopes: isTexts,
  submitters: isTexts,
  hash: (value) => value instanceof Uint8Array,
  createdAt: isInstant,
  createdBy: isText,
  expiresAt: isInstant,
  revokedAt: (value) => value === null || isInstant(value),
  revokedBy: (value) => value === null || isText(value),
};
const REVOCATION: Fields<RevocationEntry> = {
  value: (value) => typeof value === 'string' && value.length <= VALUE_LENGTH_MAX,
  at: isInstant,
  until: isInstant,
  by: isText,
  reason: isText,
};
const FIELDS = new Map<string, Readonly<Record<string, (value: unknown) => boolean>>>([
  ['key', KEY],
  ['token', REVOCATION],
  ['subject', REVOCATION],
]);

/** An entry as the broker holds it; null where it is none of ours. */
export function readEntry(data: Uint8Array): AccessEntry | null {
  try {
    const { body } = open('access.changed', data);
    const fields = FIELDS.get(body.kind);
    if (fields === undefined) return null;
    const values = body as unknown as Readonly<Record<string, unknown>>;
    return Object.entries(fields).every(([name, isRight]) => isRight(values[name])) ? body : null;
  } catch {
    return null;
  }
}
