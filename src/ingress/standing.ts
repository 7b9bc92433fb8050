import type { Corridor } from '../core/corridor.ts';
import type { LedgerEntry } from '../state/ledger.ts';
import { encode } from '../wire/messagepack.ts';
import { WHOLE } from '../wire/pick.ts';
import { recordReader } from '../wire/record.ts';

/** What a decision comes to, without its reasons. All null where nothing was decided. */
export interface Standing {
  readonly corridor: Corridor | null;
  readonly office: string | null;
  readonly decidedAt: number | null;
}

interface Picked {
  readonly declaration: { readonly office: string };
  readonly facts: { readonly decidedAt: number };
  readonly decision: { readonly corridor: Corridor };
}

/** Fields that stand before everything whose length depends on profiles: reading them costs the same whatever those say. */
const pick = recordReader<Picked>({
  declaration: { office: WHOLE },
  facts: { decidedAt: WHOLE },
  decision: { corridor: WHOLE },
});

const NOTHING: Standing = { corridor: null, office: null, decidedAt: null };

/** @throws where the record of a decision cannot be read. */
export function standingOf({ outcome, record }: LedgerEntry): Standing {
  // What was set aside costs its reader the same as what was decided: time must not tell them apart.
  const { declaration, facts, decision } = pick(outcome === 'decided' ? record : STAND_IN);
  if (outcome !== 'decided') return NOTHING;
  return { corridor: decision.corridor, office: declaration.office, decidedAt: facts.decidedAt };
}

/** The beginning of a record, in its order. */
const STAND_IN = encode({
  v: 1,
  submitter: '000000000000',
  declaration: encode({
    id: '00000000000000000000',
    version: 1,
    regNo: null,
    regime: 'import',
    procedure: '40',
    previousProcedure: null,
    office: '00000',
    lodgedAt: 0,
  }).slice(),
  facts: encode({ receivedAt: 1_700_000_000_000, decidedAt: 1_700_000_000_000, draw: 0 }).slice(),
  decision: encode({
    declarationId: '00000000000000000000',
    version: 1,
    corridor: 'yellow',
    released: false,
  }).slice(),
}).slice();
