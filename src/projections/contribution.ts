import type { Corridor } from '../core/corridor.ts';
import type { Decision } from '../core/decide.ts';
import { type Declaration, type Item, type Money, type Party, type Transit, traderIndex } from '../core/declaration.ts';
import type { Draw, InheritedFacts } from '../core/facts.ts';
import type { TransitModel } from '../state/models.ts';
import { bucketOf } from '../state/sketch.ts';
import type { DecisionEntry } from '../wire/envelope.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { WHOLE } from '../wire/pick.ts';
import { recordReader } from '../wire/record.ts';

/** One item's place in the statistics of value: HS code, origin, bucket of its KZT per kg (null: no such value). */
export type ItemContribution = readonly [hsCode: string, origin: string, bucket: number | null];

/** What one decided version of a declaration adds to the read models, while it is the one that counts. */
export interface Contribution {
  readonly traderId: string | null;
  readonly valueTiyn: number;
  readonly items: readonly ItemContribution[];
  readonly corridor: Corridor;
  /** The draw that selected, inherited ones included. */
  readonly draw: number;
  readonly decidedAt: number;
  /** Customs office that the declaration was lodged at. */
  readonly office: string;
  /** Null unless it is a transit declaration. */
  readonly transit: TransitModel | null;
}

/** What is read of a record, of a dozen times as much. */
interface Relevant {
  readonly declaration: Pick<Declaration, 'regime' | 'office' | 'transit'> & {
    readonly customsValueTotal: Pick<Money, 'tiyn'>;
    readonly parties: readonly Pick<Party, 'role' | 'id'>[];
    readonly items: readonly RelevantItem[];
  };
  readonly facts: {
    readonly draw: Pick<Draw, 'value'>;
    readonly inherited: Pick<InheritedFacts, 'draw'> | null;
  };
  readonly decision: Pick<Decision, 'corridor' | 'measures' | 'decidedAt'>;
}

type RelevantItem = Pick<Item, 'hsCode' | 'originCountry' | 'netMassKg'> & {
  readonly customsValue: Pick<Money, 'tiyn'>;
};

const relevantOf = recordReader<Relevant>({
  declaration: {
    regime: WHOLE,
    office: WHOLE,
    customsValueTotal: { tiyn: WHOLE },
    parties: { role: WHOLE, id: WHOLE },
    items: { hsCode: WHOLE, originCountry: WHOLE, netMassKg: WHOLE, customsValue: { tiyn: WHOLE } },
    transit: {
      mrn: WHOLE,
      officeOfDeparture: WHOLE,
      officesOfTransit: WHOLE,
      officeOfDestination: WHOLE,
      itinerary: WHOLE,
      seals: WHOLE,
      timeLimit: WHOLE,
      guarantee: WHOLE,
      documentType: WHOLE,
    } satisfies { readonly [field in keyof Transit]: typeof WHOLE },
  },
  facts: { draw: { value: WHOLE }, inherited: { draw: WHOLE } },
  decision: { corridor: WHOLE, measures: WHOLE, decidedAt: WHOLE },
});

/** @throws where the entry's record cannot be read. */
export function contributionOf(entry: DecisionEntry): Contribution {
  const { declaration, facts, decision } = relevantOf(entry.record);
  const { draw, inherited } = facts;
  return {
    traderId: declaration.parties[traderIndex(declaration)]?.id ?? null,
    valueTiyn: declaration.customsValueTotal.tiyn,
    items: declaration.items.map(itemContribution),
    corridor: decision.corridor,
    draw: inherited === null ? draw.value : Math.min(draw.value, inherited.draw),
    decidedAt: decision.decidedAt,
    office: declaration.office,
    transit: transitOf(entry, declaration, decision),
  };
}

function itemContribution({ hsCode, originCountry, customsValue, netMassKg }: RelevantItem): ItemContribution {
  const kztPerKg = netMassKg > 0 ? customsValue.tiyn / 100 / netMassKg : Number.NaN;
  return [hsCode, originCountry, bucketOf(kztPerKg)];
}

function transitOf(
  { submitter, id, version, receivedAt }: DecisionEntry,
  { transit, office }: Relevant['declaration'],
  { corridor, measures, decidedAt }: Relevant['decision'],
): TransitModel | null {
  if (transit === null) return null;
  return {
    submitter,
    declarationId: id,
    version,
    withdrawn: false,
    corridor,
    measures,
    office,
    receivedAt,
    decidedAt,
    transit,
  };
}

export function encodeContribution(contribution: Contribution): Uint8Array {
  const { traderId, valueTiyn, items, corridor, draw, decidedAt, office, transit } = contribution;
  return encode([traderId, valueTiyn, items, corridor, draw, decidedAt, office, transit]);
}

export function decodeContribution(bytes: Uint8Array): Contribution {
  const [traderId, valueTiyn, items, corridor, draw, decidedAt, office, transit] = decode(bytes) as [
    string | null,
    number,
    ItemContribution[],
    Corridor,
    number,
    number,
    string,
    TransitModel | null,
  ];
  return { traderId, valueTiyn, items, corridor, draw, decidedAt, office, transit };
}
