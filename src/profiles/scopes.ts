import { REGIMES } from '../core/declaration.ts';
import { CATEGORIES } from '../core/facts.ts';
import type { Profile } from '../core/profile.ts';
import type { MatchContext } from './context.ts';

/** The scopes of many profiles, side by side, so that checking one makes no objects. */
export class ScopeTable {
  /** One bit per regime and per category. */
  private readonly regimes: Uint8Array;
  private readonly categories: Uint8Array;
  private readonly validFrom: Float64Array;
  private readonly validUntil: Float64Array;
  private readonly offices: readonly (ReadonlySet<string> | null)[];
  private readonly procedures: readonly (ReadonlySet<string> | null)[];

  constructor(profiles: readonly Profile[]) {
    const scopes = profiles.map(({ scope }) => scope);
    this.regimes = Uint8Array.from(scopes, ({ regimes }) => bits(regimes, REGIMES));
    this.categories = Uint8Array.from(scopes, ({ categories }) => bits(categories, CATEGORIES));
    this.validFrom = Float64Array.from(scopes, ({ validFrom }) => validFrom ?? Number.NEGATIVE_INFINITY);
    this.validUntil = Float64Array.from(scopes, ({ validUntil }) => validUntil ?? Number.POSITIVE_INFINITY);
    this.offices = scopes.map(({ offices }) => setOf(offices));
    this.procedures = scopes.map(({ procedures }) => setOf(procedures));
  }

  /** Whether the profile applies to this declaration, at its event time. */
  holds(profile: number, { declaration, trader, receivedAt }: MatchContext): boolean {
    if (((this.regimes[profile] as number) & (1 << REGIMES.indexOf(declaration.regime))) === 0) return false;
    if (((this.categories[profile] as number) & (1 << CATEGORIES.indexOf(trader.category))) === 0) return false;
    if (receivedAt < (this.validFrom[profile] as number)) return false;
    if (receivedAt >= (this.validUntil[profile] as number)) return false;
    const offices = this.offices[profile] as ReadonlySet<string> | null;
    if (offices !== null && !offices.has(declaration.office)) return false;
    const procedures = this.procedures[profile] as ReadonlySet<string> | null;
    return procedures === null || procedures.has(declaration.procedure);
  }
}

/** Empty means all. */
function bits(named: readonly string[], known: readonly string[]): number {
  const among = named.length === 0 ? known : named;
  return among.reduce((sum, name) => sum | (1 << known.indexOf(name)), 0);
}

function setOf(values: readonly string[]): ReadonlySet<string> | null {
  return values.length === 0 ? null : new Set(values);
}
