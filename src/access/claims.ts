import { TOKEN_LIFETIME_MAX_MS } from '../limits.ts';
import { SUBMITTER_PATTERN } from '../wire/identity.ts';
import type { Principal } from './principal.ts';
import { countsWhatIsHidden, isRole, isScope, type Role, type Scope, TRADER_ROLES } from './roles.ts';

/** What a verified token says, before it is believed. */
export type Claims = Readonly<Record<string, unknown>>;

/** The claims cannot be those of a principal of ours; says which, never what stood there. */
export class ClaimsError extends Error {}

/** An ID token has them (OpenID Connect Core 1.0, 2 and 3.3.2.11), an access token does not. */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash'];

/**
 * Makes a principal of claims whose signature, issuer, audience and times have been verified:
 * `sub`, `jti`, `iat`, `exp`, `roles: string[]`, `offices: string[]` (`["*"]`: all), `party` (traders), `submitters`
 * (`ingest`; `["*"]`: all), `scopes` (machines), `name`. Roles of other applications are passed over.
 * @throws ClaimsError
 */
export function principalOf(claims: Claims): Principal {
  const { sub, jti, iat, exp, name, party } = claims;
  if (ID_TOKEN_CLAIMS.some((claim) => claims[claim] !== undefined)) throw new ClaimsError('it is an ID token');
  const roles = listOf(claims, 'roles').filter(isRole);
  const [issuedAt, expiresAt] = [instantOf(iat, 'iat'), instantOf(exp, 'exp')];
  if (expiresAt - issuedAt > TOKEN_LIFETIME_MAX_MS) throw new ClaimsError('it lives too long');
  const trader = roles.some((role) => TRADER_ROLES.includes(role));
  if (trader && roles.some((role) => !TRADER_ROLES.includes(role))) throw new ClaimsError('its roles contradict');
  const machine = roles.includes('ingest');
  return Object.freeze({
    subject: textOf(sub, 'sub'),
    name: typeof name === 'string' && name !== '' ? name.slice(0, 200) : textOf(sub, 'sub'),
    kind: machine ? 'machine' : 'person',
    roles: Object.freeze(roles),
    scopes: machine ? scopesOf(claims) : null,
    offices: officesOf(claims, roles),
    party: trader ? submitterOf(party, 'party') : null,
    submitters: trader ? Object.freeze([submitterOf(party, 'party')]) : submittersOf(claims, machine),
    credential: textOf(jti, 'jti'),
    issuedAt,
    expiresAt,
  });
}

function scopesOf(claims: Claims): readonly Scope[] | null {
  if (claims.scopes === undefined) return null;
  const scopes = listOf(claims, 'scopes').filter(isScope);
  if (countsWhatIsHidden(scopes)) throw new ClaimsError('its scopes contradict');
  return Object.freeze(scopes);
}

const OFFICE_PATTERN = /^[A-Za-z0-9._-]{1,32}$/;

function officesOf(claims: Claims, roles: readonly Role[]): Principal['offices'] {
  if (claims.offices === undefined || roles.length === 0) return [];
  const offices = listOf(claims, 'offices');
  if (offices.includes('*')) return 'all';
  if (!offices.every((office) => OFFICE_PATTERN.test(office))) throw new ClaimsError('offices are not codes');
  return Object.freeze(offices);
}

function submittersOf(claims: Claims, machine: boolean): Principal['submitters'] {
  if (!machine) return [];
  const submitters = listOf(claims, 'submitters');
  if (submitters.includes('*')) return 'all';
  return Object.freeze(submitters.map((submitter) => submitterOf(submitter, 'submitters')));
}

function submitterOf(value: unknown, claim: string): string {
  const text = textOf(value, claim);
  if (!SUBMITTER_PATTERN.test(text)) throw new ClaimsError(`${claim} is no submitter`);
  return text;
}

function listOf(claims: Claims, claim: string): string[] {
  const value = claims[claim] ?? [];
  if (!Array.isArray(value) || value.length > 1000 || !value.every((each) => typeof each === 'string')) {
    throw new ClaimsError(`${claim} is no list of texts`);
  }
  return value;
}

function textOf(value: unknown, claim: string): string {
  if (typeof value !== 'string' || value === '' || value.length > 200) throw new ClaimsError(`${claim} is missing`);
  return value;
}

/** NumericDate (RFC 7519) in epoch milliseconds. */
function instantOf(value: unknown, claim: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ClaimsError(`${claim} is missing`);
  return value * 1000;
}
