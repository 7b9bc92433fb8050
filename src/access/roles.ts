/** What people and machines can be. A principal may hold several, but never one of a trader and one of an official. */
export const ROLES = [
  'declarant',
  'carrier',
  'checkpoint',
  'inspector',
  'head',
  'expert',
  'approver',
  'analyst',
  'auditor',
  'administrator',
  'ingest',
] as const;
export type Role = (typeof ROLES)[number];

/** Roles of the business side: whoever holds one holds none of customs. */
export const TRADER_ROLES: readonly Role[] = ['declarant', 'carrier'];

/** What an API key may be used for, within its role. */
export const SCOPES = ['submit', 'decisions', 'transit', 'metrics'] as const;
export type Scope = (typeof SCOPES)[number];

/** Roles that a key may have, those of machines, and the scopes of each. */
export const SCOPES_OF = {
  ingest: ['submit', 'decisions', 'metrics'],
  checkpoint: ['transit'],
} as const satisfies Partial<Record<Role, readonly Scope[]>>;
export type KeyRole = keyof typeof SCOPES_OF;

/**
 * Whether the counters of all decisions would tell blue from green: whoever submits a lone declaration at a quiet office
 * and is not shown its decision would see which corridor went up.
 */
export function countsWhatIsHidden(scopes: readonly Scope[]): boolean {
  return scopes.includes('submit') && scopes.includes('metrics') && !scopes.includes('decisions');
}

export function isRole(text: unknown): text is Role {
  return (ROLES as readonly unknown[]).includes(text);
}

export function isScope(text: unknown): text is Scope {
  return (SCOPES as readonly unknown[]).includes(text);
}
