import { ROLES, type Role, type Scope } from './roles.ts';

/** What a token of the development issuer says of its holder. */
export interface DevUser {
  readonly subject: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Codes of customs offices; `*`: all of them. */
  readonly offices: readonly string[];
  readonly party: string | null;
  /** Of a machine: whom it submits for; `*`: anybody. */
  readonly submitters?: readonly string[];
  /** Of a machine: what for; left out: everything that its roles allow. */
  readonly scopes?: readonly Scope[];
}

/** Almaty customs clearance centre: where most generated declarations are lodged. */
export const DEV_OFFICE = '55401';
/** The broker that lodges most of the generated traffic, and the carrier that takes most of its transit. */
export const DEV_BROKER = '170540917578';
export const DEV_CARRIER = '160240097259';

const PLACES: Readonly<Partial<Record<Role, Partial<DevUser>>>> = {
  declarant: { party: DEV_BROKER },
  carrier: { party: DEV_CARRIER },
  inspector: { offices: [DEV_OFFICE] },
  head: { offices: [DEV_OFFICE] },
  expert: { offices: ['*'] },
  approver: { offices: ['*'] },
  analyst: { offices: ['*'] },
  auditor: { offices: ['*'] },
  ingest: { submitters: ['*'] },
};

/** One user for each role, `dev-<role>`. */
export function devUser(role: Role): DevUser {
  const name = `${role.charAt(0).toUpperCase()}${role.slice(1)} (development)`;
  return { subject: `dev-${role}`, name, roles: [role], offices: [], party: null, ...PLACES[role] };
}

/** Those who sign in; machines do not. */
export const DEV_PEOPLE: readonly Role[] = ROLES.filter((role) => role !== 'ingest');
