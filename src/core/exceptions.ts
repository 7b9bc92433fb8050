import type { Corridor } from './corridor.ts';
import type { Declaration, Instant } from './declaration.ts';

/** A party or goods exempted from profiles, or forced into control, with reason and expiry. */
export interface ExceptionEntry {
  readonly id: string;
  readonly kind: 'exempt' | 'force';
  /** Any of these party ids, in any role; empty: any party. */
  readonly parties: readonly string[];
  /** HS prefixes; an exemption needs every item under one of them, a force any item; empty: any goods. */
  readonly hsPrefixes: readonly string[];
  readonly offices: readonly string[];
  /** `exempt`: ids or targets of the profiles it skips. */
  readonly profiles: readonly string[];
  /** `force`: the floor. */
  readonly corridor: Exclude<Corridor, 'green'> | null;
  readonly reason: string;
  readonly validFrom: Instant;
  /** Exclusive. An entry without expiry does not load. */
  readonly validUntil: Instant;
}

/** Live: within its validity at event time, and matching the declaration's office, parties and goods. */
export function isLive(entry: ExceptionEntry, declaration: Declaration, at: Instant): boolean {
  if (at < entry.validFrom || at >= entry.validUntil) return false;
  if (entry.offices.length > 0 && !entry.offices.includes(declaration.office)) return false;
  if (entry.parties.length > 0 && !declaration.parties.some((party) => entry.parties.includes(party.id))) return false;
  if (entry.hsPrefixes.length === 0) return true;
  const listed = (hsCode: string) => entry.hsPrefixes.some((prefix) => hsCode.startsWith(prefix));
  return entry.kind === 'exempt'
    ? declaration.items.every((item) => listed(item.hsCode))
    : declaration.items.some((item) => listed(item.hsCode));
}
