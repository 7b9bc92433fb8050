import { type Corridor, isReleased } from '../core/corridor.ts';
import { NEXT_STEPS, type PublicOutcome, publicOutcome } from '../core/public-outcome.ts';
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

/** What a carrier is told of a movement of its own. */
export interface CarrierAnswer {
  readonly mrn: string;
  readonly declarationId: string;
  readonly version: number;
  readonly outcome: PublicOutcome;
  readonly nextStep: string;
  readonly officeOfDeparture: string;
  readonly officesOfTransit: readonly string[];
  readonly officeOfDestination: string;
  readonly timeLimit: string;
  /** Negative where the time limit has passed. */
  readonly timeLeftMinutes: number;
  readonly overdue: boolean;
}

/**
 * Looks among this submitter's own movements only, so that one of somebody else's and one that is not there are the
 * same to it, in time too. Null: no such movement.
 */
export function askCarrier(
  models: Pick<Models, 'refresh' | 'ownTransit'>,
  submitter: string,
  mrn: string,
  now: number,
): CarrierAnswer | null {
  models.refresh();
  const found = models.ownTransit(submitter, mrn);
  if (found === null || found.withdrawn) return null;
  const { transit, declarationId, version } = found;
  const outcome = publicOutcome(found.corridor);
  return {
    mrn,
    declarationId,
    version,
    outcome,
    nextStep: NEXT_STEPS[outcome],
    officeOfDeparture: transit.officeOfDeparture,
    officesOfTransit: transit.officesOfTransit,
    officeOfDestination: transit.officeOfDestination,
    ...timeLeft(transit.timeLimit, now),
  };
}

function timeLeft(timeLimit: number, now: number): Pick<CarrierAnswer, 'timeLimit' | 'timeLeftMinutes' | 'overdue'> {
  const leftMs = timeLimit - now;
  return {
    timeLimit: new Date(timeLimit).toISOString(),
    timeLeftMinutes: Math.trunc(leftMs / 60_000),
    overdue: leftMs < 0,
  };
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
  const time = timeLeft(transit.timeLimit, now);
  const { overdue } = time;
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
    ...time,
    decidedAt: new Date(of.decidedAt).toISOString(),
  };
}
