import type { View } from '../access/rules.ts';
import type { Decision, Reason } from '../core/decide.ts';
import { kztOf } from '../core/money.ts';
import type { Measure } from '../core/profile.ts';
import { NEXT_STEPS, type PublicOutcome, publicOutcome } from '../core/public-outcome.ts';
import { CorridorError } from '../errors.ts';
import type { LedgerEntry } from '../state/ledger.ts';
import type { Outcome } from '../wire/envelope.ts';
import { decisionOf, openRecord } from '../wire/record.ts';
import { standingOf } from './standing.ts';
import type { Answer } from './waiting.ts';

/**
 * What each view shows of a decision (see `access/rules.ts`). Every view names what it shows and is made anew of that:
 * nothing is ever taken away from a fuller one, so that what is added to decisions later stays inside.
 *
 * Made from the stored record alone, keys always in the same order: the same bytes every time.
 */
interface Shown {
  readonly decided: (entry: LedgerEntry) => object;
  readonly quarantined: (entry: LedgerEntry) => object;
  readonly pending: (identity: Named) => object;
}

interface Named {
  readonly id: string;
  readonly version: number;
}

const VIEWS: Record<View, Shown> = {
  outcome: { decided: entryOutcome, quarantined: entryOutcome, pending: (named) => outcomeView(named, 'pending') },
  inspection: { decided: (entry) => inspectionView(decisionIn(entry)), quarantined: setAside, pending: pendingView },
  full: { decided: (entry) => fullView(decisionIn(entry)), quarantined: setAside, pending: pendingView },
};

/** The body of an answer. @throws CorridorError `quarantined`, for those who may know. */
export function answerView(answer: Answer, view: View): object {
  if (answer.kind === 'pending') return VIEWS[view].pending(answer.identity);
  const { entry } = answer;
  return entry.outcome === 'withdrawn' ? withdrawalView(entry) : VIEWS[view][entry.outcome](entry);
}

export function outcomeOf(answer: Answer): Outcome | 'pending' {
  return answer.kind === 'kept' ? answer.entry.outcome : 'pending';
}

export function decisionPath({ id, version }: Named): string {
  return `/v1/declarations/${encodeURIComponent(id)}/decision?version=${version}`;
}

export function isoOf(instant: number): string {
  return new Date(instant).toISOString();
}

/** Reads no reason of the decision, and takes the same time whatever they are. */
function entryOutcome(entry: LedgerEntry): object {
  return outcomeView(entry.identity, publicOutcome(standingOf(entry).corridor));
}

function outcomeView({ id, version }: Named, outcome: PublicOutcome): object {
  return { declarationId: id, version, outcome, nextStep: NEXT_STEPS[outcome] };
}

function decisionIn({ record }: LedgerEntry): Decision {
  return decisionOf(openRecord(record));
}

/** For the official at the goods: what to look for and why, not how it was found or weighed. */
function inspectionView(decision: Decision): object {
  return {
    declarationId: decision.declarationId,
    version: decision.version,
    corridor: decision.corridor,
    released: decision.released,
    reasons: decision.reasons.map((reason) => ({
      kind: reason.kind,
      text: reason.text,
      target: reason.target,
      corridor: reason.corridor,
      settled: reason.settled,
      items: reason.items,
      values: reason.values,
      measures: measuresView(reason.measures),
    })),
    measures: measuresView(decision.measures),
    decidedAt: isoOf(decision.decidedAt),
  };
}

function fullView(decision: Decision): object {
  return {
    declarationId: decision.declarationId,
    version: decision.version,
    corridor: decision.corridor,
    released: decision.released,
    score: decision.score,
    expectedDamage: kztOf(decision.expectedDamageTiyn),
    reasons: decision.reasons.map(fullReason),
    measures: measuresView(decision.measures),
    policyVersion: decision.policyVersion,
    decidedAt: isoOf(decision.decidedAt),
  };
}

function fullReason(reason: Reason): object {
  return {
    kind: reason.kind,
    code: reason.code,
    text: reason.text,
    target: reason.target,
    corridor: reason.corridor,
    settled: reason.settled,
    weight: reason.weight,
    items: reason.items,
    values: reason.values,
    measures: measuresView(reason.measures),
  };
}

function measuresView(measures: readonly Measure[]): object[] {
  return measures.map(({ code, instructions }) => ({ code, instructions }));
}

/** The reason is the trader's own text. */
function withdrawalView({ identity, receivedAt, record }: LedgerEntry): object {
  return {
    declarationId: identity.id,
    version: identity.version,
    outcome: 'withdrawn',
    reason: Buffer.from(record).toString('utf8'),
    at: isoOf(receivedAt),
  };
}

function pendingView({ id, version }: Named): object {
  return { declarationId: id, version, outcome: 'pending' };
}

function setAside(): never {
  throw new CorridorError('quarantined', 'It could not be decided and was set aside for an official');
}
