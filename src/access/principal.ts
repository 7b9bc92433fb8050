import type { Role, Scope } from './roles.ts';

/** Who asks, as its token or key says. Frozen; made once for each credential, then found again. */
export interface Principal {
  /** `sub` of the token; `key:<id>` of an API key. */
  readonly subject: string;
  /** To be shown. */
  readonly name: string;
  readonly kind: 'person' | 'machine';
  readonly roles: readonly Role[];
  /** Of an API key; null: not limited. */
  readonly scopes: readonly Scope[] | null;
  /** Codes of customs offices whose declarations are theirs. */
  readonly offices: readonly string[] | 'all';
  /** BIN, IIN or foreign number that a trader acts for; null for officials and machines. */
  readonly party: string | null;
  /** Submitters whose declarations are its own: a trader's party; those that a machine submits for. */
  readonly submitters: readonly string[] | 'all';
  /** `jti`, or the id of the key. */
  readonly credential: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}
