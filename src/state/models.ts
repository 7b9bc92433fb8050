import { CORRIDORS, type Corridor, severity } from '../core/corridor.ts';
import type { PartyRole, Transit } from '../core/declaration.ts';
import type { InheritedFacts, QuantileFacts, TraderFacts } from '../core/facts.ts';
import type { Measure } from '../core/profile.ts';
import { WITHDRAWAL_MEMORY_DAYS } from '../limits.ts';
import { OUTCOMES, type Outcome } from '../wire/envelope.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { isWithinDays, monthOf } from './calendar.ts';
import {
  decodeSummary,
  decodeWithdrawn,
  QUANTILES,
  summaryFacts,
  summaryHoldsFor,
  traderFactsOf,
  VALUE_MONTHS,
  type WithdrawnGoods,
} from './models-rows.ts';
import { type ModelsStore, openModelsStore, type TransitKey } from './models-store.ts';
import { type CategoryChange, decodeChanges, decodeParty, encodedChanges, type KnownParty } from './party-rows.ts';
import type { StreamPosition } from './position.ts';
import { Sketch } from './sketch.ts';

/** Above every corridor's rank. */
const WITHDRAWN_RANK = CORRIDORS.length;
const RANK_END = 2 * CORRIDORS.length;

/** One version of a declaration, as its DECISIONS entry tells it. */
export interface StatusVersion {
  readonly version: number;
  readonly outcome: Outcome;
  /** Null unless decided. */
  readonly corridor: Corridor | null;
  readonly receivedAt: number;
  /** Null unless decided. */
  readonly decidedAt: number | null;
  /** Customs office; null unless decided. */
  readonly office: string | null;
  /** Whether the entry was published again from a ledger. */
  readonly restored: boolean;
  /** Of the message in DECISIONS. */
  readonly sequence: number;
}

export interface StatusModel {
  readonly submitter: string;
  readonly id: string;
  /** Ascending. */
  readonly versions: readonly StatusVersion[];
}

/** What a checkpoint needs to know of one transit declaration. */
export interface TransitModel {
  readonly submitter: string;
  readonly declarationId: string;
  readonly version: number;
  readonly withdrawn: boolean;
  readonly corridor: Corridor;
  readonly measures: readonly Measure[];
  readonly office: string;
  readonly receivedAt: number;
  readonly decidedAt: number;
  readonly transit: Transit;
}

/**
 * Read models, for readers. A reader sees one snapshot until `refresh`: call it at the start of each batch or request.
 */
export interface Models {
  /** Goes on to the newest snapshot. */
  refresh(): void;
  party(role: PartyRole, id: string): KnownParty | null;
  /** The latest changes of its category, the oldest first. */
  categoryChanges(role: PartyRole, id: string): readonly CategoryChange[];
  /** All zero for a newcomer. */
  traderFacts(id: string, receivedAt: number): TraderFacts;
  /** Customs value in KZT per kg net, over the month of `receivedAt` and the eleven before. */
  valuePerKg(hsCode: string, origin: string, receivedAt: number): QuantileFacts | null;
  status(submitter: string, id: string): StatusModel | null;
  /** Of several declarations under one MRN: not withdrawn, then the most severe, then the first received. */
  transit(mrn: string): TransitModel | null;
  /**
   * What a declaration received `at` inherits from goods that the same trader withdrew, by their six-digit codes: the
   * most severe corridor and the most selective draw of all within WITHDRAWAL_MEMORY_DAYS.
   */
  withdrawnLike(traderId: string, hs6: readonly string[], at: number): InheritedFacts | null;
  position(stream: string): StreamPosition | null;
  close(): Promise<void>;
}

/** Opens the read models in `dir` for reading. @throws where they cannot be trusted: see `prepareModels`. */
export function openModels(dir: string): Models {
  return new LmdbModels(openModelsStore(dir));
}

class LmdbModels implements Models {
  readonly #store: ModelsStore;

  constructor(store: ModelsStore) {
    this.#store = store;
  }

  refresh(): void {
    this.#store.root.resetReadTxn();
  }

  party(role: PartyRole, id: string): KnownParty | null {
    const bytes = this.#store.parties.getBinaryFast(`${role}\n${id}`);
    return bytes === undefined ? null : decodeParty(role, id, bytes);
  }

  categoryChanges(role: PartyRole, id: string): readonly CategoryChange[] {
    const bytes = this.#store.parties.get(`${role}\n${id}`);
    return bytes === undefined ? [] : decodeChanges(encodedChanges(bytes));
  }

  traderFacts(id: string, receivedAt: number): TraderFacts {
    return traderFactsOf(id, receivedAt, this.#store.traders.getBinaryFast(id) ?? null);
  }

  valuePerKg(hsCode: string, origin: string, receivedAt: number): QuantileFacts | null {
    const key = `${hsCode}\n${origin}`;
    const summary = this.#store.summaries.getBinaryFast(key);
    if (summary === undefined) return null;
    const month = monthOf(receivedAt);
    if (summaryHoldsFor(summary, month)) return summaryFacts(summary);
    return this.#mergedValue(key, hsCode, origin, month);
  }

  /** Of a month that the summary does not hold for: one long ago, or after long silence. */
  #mergedValue(key: string, hsCode: string, origin: string, month: number): QuantileFacts | null {
    const summary = this.#store.summaries.getBinary(key);
    const merged = mergedSketch(this.#store, hsCode, origin, month - VALUE_MONTHS + 1, month);
    if (summary !== undefined) {
      const { to, latest } = decodeSummary(summary);
      if (to <= month && to > month - VALUE_MONTHS) merged.merge(latest);
    }
    return quantilesOf(merged);
  }

  status(submitter: string, id: string): StatusModel | null {
    const bytes = this.#store.status.get(`${submitter}\n${id}`);
    return bytes === undefined ? null : { submitter, id, versions: decodeStatus(bytes).map(({ version }) => version) };
  }

  transit(mrn: string): TransitModel | null {
    for (const { value } of this.#store.transit.getRange(transitRange(mrn))) return decode(value) as TransitModel;
    return null;
  }

  withdrawnLike(traderId: string, hs6: readonly string[], at: number): InheritedFacts | null {
    let most: WithdrawnGoods | null = null;
    let draw = 1;
    for (const code of new Set(hs6)) {
      const bytes = this.#store.withdrawn.get(`${traderId}\n${code}`);
      if (bytes === undefined) continue;
      for (const goods of decodeWithdrawn(bytes)) {
        if (!isWithinDays(at, goods.withdrawnAt, WITHDRAWAL_MEMORY_DAYS)) continue;
        draw = Math.min(draw, goods.draw);
        if (most === null || severity(goods.corridor) > severity(most.corridor)) most = goods;
      }
    }
    return most === null ? null : { declarationId: most.declarationId, corridor: most.corridor, draw };
  }

  position(stream: string): StreamPosition | null {
    return readCursor(this.#store, stream).position;
  }

  async close(): Promise<void> {
    await this.#store.root.close();
  }
}

/** The claim that counts, where there are several, has the first key: not withdrawn, most severe, first received. */
export function transitKey({
  transit,
  withdrawn,
  corridor,
  receivedAt,
  submitter,
  declarationId,
}: TransitModel): TransitKey {
  const rank = severity('red') - severity(corridor) + (withdrawn ? WITHDRAWN_RANK : 0);
  return [transit.mrn, rank, receivedAt, submitter, declarationId];
}

function transitRange(mrn: string): { start: TransitKey; end: TransitKey; limit: number } {
  return { start: [mrn, 0, 0, '', ''], end: [mrn, RANK_END, 0, '', ''], limit: 1 };
}

/** The sketches of the months `from` to `to` in one, but for the latest, which stands in the summary. */
function mergedSketch(store: ModelsStore, hsCode: string, origin: string, from: number, to: number): Sketch {
  const merged = new Sketch();
  for (let month = from; month <= to; month++) {
    const bytes = store.sketches.getBinaryFast([hsCode, origin, month]);
    if (bytes !== undefined) merged.mergeStored(bytes);
  }
  return merged;
}

function quantilesOf(sketch: Sketch): QuantileFacts | null {
  if (sketch.n === 0) return null;
  const [p05, p25, p50, p75, p95] = sketch.quantiles(QUANTILES) as [number, number, number, number, number];
  return { n: sketch.n, p05, p25, p50, p75, p95 };
}

/** A version, and what only the writer of the read models wants to know of it. */
export interface KnownVersion {
  readonly version: StatusVersion;
  /** Of the stream that told it: see `Cursor`. */
  readonly epoch: number;
  /** What it adds to the statistics (see `Contribution`); null where it is not decided or could not be read. */
  readonly contribution: Uint8Array | null;
}

export function encodeStatus(versions: readonly KnownVersion[]): Uint8Array {
  return encode(
    versions.map(
      ({
        version: { version, outcome, corridor, receivedAt, decidedAt, office, restored, sequence },
        epoch,
        contribution,
      }) => [
        version,
        OUTCOMES.indexOf(outcome),
        corridor === null ? null : CORRIDORS.indexOf(corridor),
        receivedAt,
        decidedAt,
        office,
        restored,
        sequence,
        epoch,
        contribution,
      ],
    ),
  );
}

type StatusFields = [
  version: number,
  outcome: number,
  corridor: number | null,
  receivedAt: number,
  decidedAt: number | null,
  office: string | null,
  restored: boolean,
  sequence: number,
  epoch: number,
  contribution: Uint8Array | null,
];

export function decodeStatus(bytes: Uint8Array): KnownVersion[] {
  return (decode(bytes) as StatusFields[]).map(
    ([version, outcome, corridor, receivedAt, decidedAt, office, restored, sequence, epoch, contribution]) => ({
      version: {
        version,
        outcome: OUTCOMES[outcome] ?? 'quarantined',
        corridor: corridor === null ? null : (CORRIDORS[corridor] ?? 'red'),
        receivedAt,
        decidedAt,
        office,
        restored,
        sequence,
      },
      epoch,
      contribution,
    }),
  );
}

/** How far a stream has been applied, and how often it began anew: entries of a later epoch outrank lost ones. */
export interface Cursor {
  readonly position: StreamPosition | null;
  readonly epoch: number;
}

export function readCursor(store: ModelsStore, stream: string): Cursor {
  const bytes = store.meta.get(`position:${stream}`);
  if (bytes === undefined) return { position: null, epoch: 0 };
  const [created, sequence, storedAt, epoch] = decode(bytes) as [string, number, string | null, number];
  if (created === '') return { position: null, epoch };
  return { position: { created, sequence, ...(storedAt === null ? {} : { storedAt }) }, epoch };
}

export function encodeCursor({ position, epoch }: Cursor): Uint8Array {
  if (position === null) return encode(['', 0, null, epoch]);
  return encode([position.created, position.sequence, position.storedAt ?? null, epoch]);
}
