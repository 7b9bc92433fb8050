import { type Declaration, type Instant, PARTY_ROLES, type Party, traderIndex } from '../core/declaration.ts';
import type { Draw, Facts, PartyFacts, QuantileFacts, TraderFacts, WindowFacts } from '../core/facts.ts';
import { type KnownParty, overrideAt, UNKNOWN_CATEGORY } from '../state/party-rows.ts';
import type { DeclarationEntry } from '../wire/envelope.ts';

/** Port: what the read models know. Implemented by `src/state/models.ts`. */
export interface KnownFacts {
  party(role: Party['role'], id: string): KnownParty | null;
  traderFacts(id: string, receivedAt: Instant): TraderFacts;
  valuePerKg(hsCode: string, originCountry: string, receivedAt: Instant): QuantileFacts | null;
}

const DAY_MS = 86_400_000;

/**
 * What one batch has looked up already: brokers, carriers and kinds of goods come again in it, and all of it sees one
 * snapshot. A trader's own figures are asked once a declaration, and hardly twice the same.
 */
export class BatchFacts implements KnownFacts {
  private readonly known: KnownFacts;
  private readonly parties = new Map(PARTY_ROLES.map((role) => [role, new Map<string, KnownParty | null>()]));
  /** By HS code, then origin. */
  private readonly values = new Map<string, Map<string, QuantileFacts | null>>();
  /** What `values` holds is for this UTC day: statistics reach back from a month, which no day is part of two of. */
  private day = Number.NaN;

  constructor(known: KnownFacts) {
    this.known = known;
  }

  /** Forgets everything: the next batch has a snapshot of its own. */
  begin(): void {
    for (const parties of this.parties.values()) parties.clear();
    this.values.clear();
  }

  party(role: Party['role'], id: string): KnownParty | null {
    const parties = this.parties.get(role) as Map<string, KnownParty | null>;
    let party = parties.get(id);
    if (party === undefined) {
      party = this.known.party(role, id);
      parties.set(id, party);
    }
    return party;
  }

  traderFacts(id: string, receivedAt: Instant): TraderFacts {
    return this.known.traderFacts(id, receivedAt);
  }

  valuePerKg(hsCode: string, originCountry: string, receivedAt: Instant): QuantileFacts | null {
    const day = Math.floor(receivedAt / DAY_MS);
    if (day !== this.day) this.values.clear();
    this.day = day;
    let byOrigin = this.values.get(hsCode);
    if (byOrigin === undefined) {
      byOrigin = new Map();
      this.values.set(hsCode, byOrigin);
    }
    let value = byOrigin.get(originCountry);
    if (value === undefined) {
      value = this.known.valuePerKg(hsCode, originCountry, receivedAt);
      byOrigin.set(originCountry, value);
    }
    return value;
  }
}

const NOTHING: WindowFacts = { count: 0, valueTiyn: 0 };
const NO_TRADER: TraderFacts = { id: null, firstSeenAt: null, d1: NOTHING, d7: NOTHING, d30: NOTHING, d90: NOTHING };

/** Everything that this decision looks up, in the key order that the record's bytes depend on. */
export function gatherFacts(
  declaration: Declaration,
  entry: DeclarationEntry,
  known: KnownFacts,
  draw: Draw,
  decidedAt: Instant,
  suspended: readonly string[],
): Facts {
  const { receivedAt } = entry;
  const trader = declaration.parties[traderIndex(declaration)];
  return {
    receivedAt,
    decidedAt,
    draw,
    parties: declaration.parties.map(({ role, id }) => partyFacts(known.party(role, id), role, id, receivedAt)),
    trader: trader === undefined ? NO_TRADER : known.traderFacts(trader.id, receivedAt),
    items: declaration.items.map(({ hsCode, originCountry }) => ({
      valuePerKg: known.valuePerKg(hsCode, originCountry, receivedAt),
    })),
    previous: entry.previous,
    inherited: entry.inherited,
    models: [],
    suspended,
  };
}

/** A party that nobody has categorised is medium, and says so. What an official has set goes before what was imported. */
function partyFacts(known: KnownParty | null, role: Party['role'], id: string, receivedAt: Instant): PartyFacts {
  const override = known === null ? null : overrideAt(known, receivedAt);
  return {
    role,
    id,
    category: override?.category ?? known?.category ?? UNKNOWN_CATEGORY,
    known: override !== null || (known?.imported ?? false),
    authorisedOperator: known?.authorisedOperator ?? false,
    openViolations: known?.openViolations ?? 0,
    arrearsTiyn: known?.arrearsTiyn ?? 0,
  };
}
