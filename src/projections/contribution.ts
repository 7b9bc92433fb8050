import type { Corridor } from '../core/corridor.ts';
import { type Declaration, type Item, traderIndex } from '../core/declaration.ts';
import type { TransitModel } from '../state/models.ts';
import { bucketOf } from '../state/sketch.ts';
import type { DecisionEntry } from '../wire/envelope.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { decisionOf, declarationOf, factsOf, openRecord } from '../wire/record.ts';

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
  /** Null unless it is a transit declaration. */
  readonly transit: TransitModel | null;
}

/** @throws where the entry's record cannot be read. */
export function contributionOf(entry: DecisionEntry): Contribution {
  const parts = openRecord(entry.record);
  const declaration = declarationOf(parts);
  const decision = decisionOf(parts);
  const { draw, inherited } = factsOf(parts);
  const { corridor, measures, decidedAt } = decision;
  return {
    traderId: declaration.parties[traderIndex(declaration)]?.id ?? null,
    valueTiyn: declaration.customsValueTotal.tiyn,
    items: declaration.items.map(itemContribution),
    corridor,
    draw: inherited === null ? draw.value : Math.min(draw.value, inherited.draw),
    decidedAt,
    transit: transitOf(entry, declaration, { corridor, measures, decidedAt }),
  };
}

function itemContribution({ hsCode, originCountry, customsValue, netMassKg }: Item): ItemContribution {
  const kztPerKg = netMassKg > 0 ? customsValue.tiyn / 100 / netMassKg : Number.NaN;
  return [hsCode, originCountry, bucketOf(kztPerKg)];
}

function transitOf(
  entry: DecisionEntry,
  { transit, office }: Declaration,
  decided: Pick<TransitModel, 'corridor' | 'measures' | 'decidedAt'>,
): TransitModel | null {
  if (transit === null) return null;
  const { submitter, id, version, receivedAt } = entry;
  return {
    submitter,
    declarationId: id,
    version,
    withdrawn: false,
    corridor: decided.corridor,
    measures: decided.measures,
    office,
    receivedAt,
    decidedAt: decided.decidedAt,
    transit,
  };
}

export function encodeContribution(contribution: Contribution): Uint8Array {
  const { traderId, valueTiyn, items, corridor, draw, decidedAt, transit } = contribution;
  return encode([traderId, valueTiyn, items, corridor, draw, decidedAt, transit]);
}

export function decodeContribution(bytes: Uint8Array): Contribution {
  const [traderId, valueTiyn, items, corridor, draw, decidedAt, transit] = decode(bytes) as [
    string | null,
    number,
    ItemContribution[],
    Corridor,
    number,
    number,
    TransitModel | null,
  ];
  return { traderId, valueTiyn, items, corridor, draw, decidedAt, transit };
}
