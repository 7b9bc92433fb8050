import { type Declaration, type Instant, type Party, traderIndex } from '../core/declaration.ts';
import type { Draw, Facts, PartyFacts, QuantileFacts, TraderFacts, WindowFacts } from '../core/facts.ts';
import type { DeclarationEntry, PartyEntry } from '../wire/envelope.ts';

/** Port: what the read models know. Implemented by `src/state/models.ts`. */
export interface KnownFacts {
  party(role: Party['role'], id: string): PartyEntry | null;
  traderFacts(id: string, receivedAt: Instant): TraderFacts;
  valuePerKg(hsCode: string, originCountry: string, receivedAt: Instant): QuantileFacts | null;
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
    parties: declaration.parties.map(({ role, id }) => partyFacts(role, id, known.party(role, id))),
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

/** A party that nobody has categorised is medium, and says so. */
function partyFacts(role: Party['role'], id: string, known: PartyEntry | null): PartyFacts {
  return {
    role,
    id,
    category: known?.category ?? 'medium',
    known: known !== null,
    authorisedOperator: known?.authorisedOperator ?? false,
    openViolations: known?.openViolations ?? 0,
    arrearsTiyn: known?.arrearsTiyn ?? 0,
  };
}
