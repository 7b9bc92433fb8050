import { type Corridor, isReleased } from '../core/corridor.ts';
import type { Models, TransitModel } from '../state/models.ts';

/** What a checkpoint is told about a transit movement. Plain data: instants ISO 8601, money as declared. */
export interface CheckpointAnswer {
  readonly mrn: string;
  readonly declarationId: string;
  readonly version: number;
  readonly corridor: Corridor;
  /** Whether the movement may go on without a control here. */
  readonly proceed: boolean;
  /** What to check, from the declaration's measures. */
  readonly checks: readonly { readonly code: string; readonly instructions: string }[];
  readonly seals: readonly string[];
  readonly officeOfDeparture: string;
  readonly officesOfTransit: readonly string[];
  readonly officeOfDestination: string;
  readonly documentType: string;
  readonly guarantee: {
    readonly type: string;
    readonly reference: string;
    readonly amount: string;
    readonly currency: string;
  } | null;
  readonly timeLimit: string;
  /** Negative where the time limit has passed. */
  readonly timeLeftMinutes: number;
  readonly overdue: boolean;
  readonly decidedAt: string;
}

/** Answers from the read model alone: a checkpoint gets its answer while the broker is away. Null: no such movement. */
export function askCheckpoint(
  models: Pick<Models, 'refresh' | 'transit'>,
  mrn: string,
  now: number,
): CheckpointAnswer | null {
  models.refresh();
  const found = models.transit(mrn);
  return found === null || found.withdrawn ? null : answer(mrn, found, now);
}

const OVERDUE = {
  code: 'time_limit_check',
  instructions: 'The time limit of this movement has passed. Ask the carrier why and check the seals.',
};

function answer(mrn: string, { transit, ...of }: TransitModel, now: number): CheckpointAnswer {
  const leftMs = transit.timeLimit - now;
  const overdue = leftMs < 0;
  const checks = of.measures.map(({ code, instructions }) => ({ code, instructions }));
  const { guarantee } = transit;
  return {
    mrn,
    declarationId: of.declarationId,
    version: of.version,
    corridor: of.corridor,
    proceed: isReleased(of.corridor) && !overdue,
    checks: overdue ? [OVERDUE, ...checks] : checks,
    seals: transit.seals,
    officeOfDeparture: transit.officeOfDeparture,
    officesOfTransit: transit.officesOfTransit,
    officeOfDestination: transit.officeOfDestination,
    documentType: transit.documentType,
    guarantee:
      guarantee === null
        ? null
        : {
            type: guarantee.type,
            reference: guarantee.reference,
            amount: guarantee.amount.amount,
            currency: guarantee.amount.currency,
          },
    timeLimit: new Date(transit.timeLimit).toISOString(),
    timeLeftMinutes: Math.trunc(leftMs / 60_000),
    overdue,
    decidedAt: new Date(of.decidedAt).toISOString(),
  };
}
