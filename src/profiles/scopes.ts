import { REGIMES } from '../core/declaration.ts';
import { CATEGORIES } from '../core/facts.ts';
import type { Profile } from '../core/profile.ts';
import type { MatchContext } from './context.ts';

/** The scopes of many profiles, side by side, so that checking one makes no objects. */
export class ScopeTable {
  /** One bit per regime, and above them one per category. */
  private readonly bits: Uint8Array;
  private readonly validFrom: Float64Array;
  private readonly validUntil: Float64Array;
  private readonly offices: readonly (ReadonlySet<string> | null)[];
  private readonly procedures: readonly (ReadonlySet<string> | null)[];
  private wanted = 0;
  private office = '';
  private procedure = '';
  private receivedAt = 0;

  constructor(profiles: readonly Profile[]) {
    const scopes = profiles.map(({ scope }) => scope);
    this.bits = Uint8Array.from(scopes, ({ regimes, categories }) => {
      return bits(regimes, REGIMES) | (bits(categories, CATEGORIES) << REGIMES.length);
    });
    this.validFrom = Float64Array.from(scopes, ({ validFrom }) => validFrom ?? Number.NEGATIVE_INFINITY);
    this.validUntil = Float64Array.from(scopes, ({ validUntil }) => validUntil ?? Number.POSITIVE_INFINITY);
    this.offices = scopes.map(({ offices }) => setOf(offices));
    this.procedures = scopes.map(({ procedures }) => setOf(procedures));
  }

  /** Goes on to this declaration. */
  begin({ declaration, trader, receivedAt }: MatchContext): void {
    const category = CATEGORIES.indexOf(trader.category) + REGIMES.length;
    this.wanted = (1 << REGIMES.indexOf(declaration.regime)) | (1 << category);
    this.office = declaration.office;
    this.procedure = declaration.procedure;
    this.receivedAt = receivedAt;
  }

  /** Whether the profile applies to the declaration, at its event time. */
  holds(profile: number): boolean {
    if (((this.bits[profile] as number) & this.wanted) !== this.wanted) return false;
    if (this.receivedAt < (this.validFrom[profile] as number)) return false;
    if (this.receivedAt >= (this.validUntil[profile] as number)) return false;
    const offices = this.offices[profile] as ReadonlySet<string> | null;
    if (offices !== null && !offices.has(this.office)) return false;
    const procedures = this.procedures[profile] as ReadonlySet<string> | null;
    return procedures === null || procedures.has(this.procedure);
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
