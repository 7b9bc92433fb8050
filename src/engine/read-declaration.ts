import { hash } from 'node:crypto';
import { type Declaration, PARTY_ROLES, REGIMES } from '../core/declaration.ts';
import type { DeclarationEntry } from '../wire/envelope.ts';
import { declarationCodec } from '../wire/shapes.ts';

/**
 * Reads one entry's declaration. The ingress has validated it, so whatever is wrong here came from elsewhere or was
 * damaged on the way: it must not be decided.
 * @throws with the reason in one line.
 */
export function readDeclaration(entry: DeclarationEntry): Declaration {
  if (!hash('sha256', entry.declaration, 'buffer').equals(entry.hash))
    throw new Error('the declaration is not the one that was hashed');
  const declaration = inNormalForm(entry.declaration);
  if (declaration.id !== entry.id || declaration.version !== entry.version) {
    throw new Error('the declaration has another identity');
  }
  return declaration;
}

function inNormalForm(bytes: Uint8Array): Declaration {
  let declaration: Declaration;
  try {
    declaration = declarationCodec.decode(bytes);
  } catch (cause) {
    throw new Error('not a declaration in normal form', { cause });
  }
  const { regime, parties } = declaration;
  if (!REGIMES.includes(regime)) throw new Error('not a declaration in normal form: /regime is not known');
  const stranger = parties.findIndex(({ role }) => !PARTY_ROLES.includes(role));
  if (stranger >= 0) throw new Error(`not a declaration in normal form: /parties/${stranger}/role is not known`);
  return declaration;
}

/** Whether this can be answered under its identity at all. */
export function isEntry(value: unknown): value is DeclarationEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { submitter, id, version, trace, receivedAt, hash, declaration } = value as Partial<DeclarationEntry>;
  return (
    isName(submitter) &&
    isName(id) &&
    Number.isSafeInteger(version) &&
    typeof trace === 'string' &&
    Number.isSafeInteger(receivedAt) &&
    hash instanceof Uint8Array &&
    declaration instanceof Uint8Array
  );
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\n');
}
